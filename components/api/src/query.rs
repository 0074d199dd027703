//! The page of a list that is asked for: `limit` and `offset`, and nothing else.

use gyre_agent_wire::Problem;

/// Entries of one page.
pub const LIMIT_MAX: u32 = 100;
/// Entries before the page.
pub const OFFSET_MAX: u32 = 1_000_000;

/// The query for the service that has the list: empty, or from `?` on.
pub fn page(query: Option<&str>) -> Result<String, Problem> {
    let (mut limit, mut offset) = (None, None);
    for pair in query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (place, min, max) = match name {
            "limit" => (&mut limit, 1, LIMIT_MAX),
            "offset" => (&mut offset, 0, OFFSET_MAX),
            _ => {
                let shown: String = name.chars().take(40).collect();
                return Err(wrong(format!("the query has an unknown key `{shown}`")));
            }
        };
        let number = value.parse().ok().filter(|n| (min..=max).contains(n));
        let Some(number) = number.filter(|_| value.bytes().all(|b| b.is_ascii_digit())) else {
            return Err(wrong(format!("`{name}` must be a number from {min} to {max}")));
        };
        if place.replace(number).is_some() {
            return Err(wrong(format!("`{name}` is given twice")));
        }
    }
    let pairs: Vec<String> = [("limit", limit), ("offset", offset)]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
        .collect();
    Ok(if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    })
}

fn wrong(detail: String) -> Problem {
    Problem::new(
        422,
        "wrong-query",
        detail,
        format!("ask for a page: ?limit=20&offset=0, with at most {LIMIT_MAX} at once"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_asked_for_by_limit_and_offset() {
        for (query, expected) in [
            (None, Some("")),
            (Some(""), Some("")),
            (Some("limit=20"), Some("?limit=20")),
            (Some("offset=0&limit=100"), Some("?limit=100&offset=0")),
            (Some("limit=0"), None),
            (Some("limit=101"), None),
            (Some("limit=+5"), None),
            (Some("limit=-1"), None),
            (Some("limit="), None),
            (Some("limit"), None),
            (Some("offset=1000001"), None),
            (Some("offset=99999999999999999999"), None),
            (Some("limit=1&limit=2"), None),
            (Some("limit=1%26x=2"), None),
            (Some("page=2"), None),
        ] {
            let found = page(query);
            assert_eq!(found.as_deref().ok(), expected, "{query:?}");
            assert!(found.is_ok() || found.is_err_and(|p| p.status == 422 && !p.hint.is_empty()));
        }
    }
}
