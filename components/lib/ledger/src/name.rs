//! Names of streams: a family, a tenant, an id.

/// Streams of one kind of thing, such as all sessions.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// What their names begin with.
    pub name: &'static str,
    /// Bytes of an id.
    pub id_bytes_max: usize,
    /// What an id may have besides letters and digits of ASCII; never a slash.
    pub signs: &'static [u8],
}

impl Family {
    /// The stream of this id; none when the id is none. The tenant is safe already.
    #[must_use]
    pub fn stream(&self, tenant: &str, id: &str) -> Option<StreamName> {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || self.signs.contains(&byte);
        if !(1..=self.id_bytes_max).contains(&id.len()) || !id.bytes().all(safe) {
            return None;
        }
        let mut stream = self.prefix(tenant);
        let id_at = stream.len();
        stream.push_str(id);
        Some(StreamName { stream, id_at })
    }

    /// What the names of all streams of a tenant begin with.
    #[must_use]
    pub fn prefix(&self, tenant: &str) -> String {
        format!("{}/{tenant}/", self.name)
    }
}

/// The stream of one thing of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamName {
    stream: String,
    id_at: usize,
}

impl StreamName {
    /// The id of the thing.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.stream[self.id_at..]
    }

    /// The name of its stream.
    #[must_use]
    pub fn stream(&self) -> &str {
        &self.stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_the_family_have_a_stream() {
        let family = Family {
            name: "thing",
            id_bytes_max: 4,
            signs: b"-",
        };
        for (id, good) in [
            ("a-B1", true),
            ("a", true),
            ("", false),
            ("abcde", false),
            ("a.b", false),
            ("a/b", false),
            ("a b", false),
            ("ä", false),
        ] {
            let name = family.stream("acme", id);
            assert_eq!(name.is_some(), good, "{id}");
            if let Some(name) = name {
                assert_eq!(
                    (name.id(), name.stream()),
                    (id, format!("thing/acme/{id}").as_str())
                );
                assert!(name.stream().starts_with(&family.prefix("acme")));
            }
        }
    }
}
