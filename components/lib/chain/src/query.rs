//! Which part of a list is asked for: the numbers of a query string.

use std::ops::RangeInclusive;

use gyre_agent_wire::Problem;

/// The numbers of a query string, such as `limit=20&offset=40`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query<'a>(Vec<(&'a str, u64)>);

impl<'a> Query<'a> {
    /// Reads a query string; a name that is not among `known`, given twice or without a number is refused.
    pub fn parse(query: Option<&'a str>, known: &[&str]) -> Result<Self, Problem> {
        let mut numbers: Vec<(&str, u64)> = Vec::new();
        let parts = query.unwrap_or_default().split('&');
        for part in parts.filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let names = if known.is_empty() {
                "nothing".to_owned()
            } else {
                known.join(", ")
            };
            if !known.contains(&name) {
                let detail = format!("the query asks for something other than: {names}");
                return Err(wrong(detail, "leave out what is not known here"));
            }
            if numbers.iter().any(|(given, _)| *given == name) {
                return Err(wrong(format!("`{name}` is given twice"), "give it once"));
            }
            let number = value
                .parse()
                .map_err(|_| wrong(format!("`{name}` is not a number"), "give digits only"))?;
            numbers.push((name, number));
        }
        Ok(Self(numbers))
    }

    /// The number of this name, or `default` where it is absent.
    pub fn number(&self, name: &str, bounds: RangeInclusive<u64>, default: u64) -> Result<u64, Problem> {
        let given = self.0.iter().find(|(given, _)| *given == name);
        let number = given.map_or(default, |(_, number)| *number);
        if bounds.contains(&number) {
            return Ok(number);
        }
        let (min, max) = bounds.into_inner();
        Err(wrong(
            format!("`{name}` must be {min} to {max}, given is {number}"),
            "leave it out, or ask for less at once",
        ))
    }
}

fn wrong(detail: String, hint: &str) -> Problem {
    Problem::new(422, "invalid-query", detail, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_or_refused() {
        for (query, expected) in [
            (None, Some((20, 0))),
            (Some(""), Some((20, 0))),
            (Some("limit=5&offset=7"), Some((5, 7))),
            (Some("offset=7"), Some((20, 7))),
            (Some("limit=100"), Some((100, 0))),
            (Some("limit=0"), None),
            (Some("limit=101"), None),
            (Some("limit=-1"), None),
            (Some("limit"), None),
            (Some("limit=1&limit=2"), None),
            (Some("limit=99999999999999999999"), None),
            (Some("page=1"), None),
        ] {
            let read = Query::parse(query, &["limit", "offset"]).and_then(|query| {
                Ok((
                    query.number("limit", 1..=100, 20)?,
                    query.number("offset", 0..=u64::MAX, 0)?,
                ))
            });
            assert_eq!(read.as_ref().ok(), expected.as_ref(), "{query:?}");
            assert!(read.is_ok() || read.is_err_and(|problem| problem.status == 422));
        }
    }
}
