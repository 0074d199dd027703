//! Where a completion stands among others: whose it is and how urgent. Pure.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

/// Who is charged: the tenant that the host names, and within it the one that the request names.
///
/// A request can divide its host's tenant and cannot leave it: the key begins with the host's name, which holds no
/// slash. Its own name may be a user's, so it is in no log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Tenant {
    key: Arc<str>,
    host_bytes: usize,
}

impl Tenant {
    pub(crate) fn new(host: &str, own: Option<&str>) -> Self {
        Self {
            key: format!("{host}/{}", own.unwrap_or_default()).into(),
            host_bytes: host.len(),
        }
    }

    /// Both names.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The host's name for it.
    pub(crate) fn host(&self) -> &str {
        &self.key[..self.host_bytes]
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}

/// How urgent, the least urgent first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Priority {
    Low,
    #[default]
    Normal,
    High,
}

impl Priority {
    /// The most urgent first.
    pub(crate) const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];
}

/// A line to wait in. Within it, who came first goes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) priority: Priority,
    pub(crate) tenant: Tenant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_own_name_reaches_another_tenant_and_none_is_shown() {
        let all = [
            Tenant::new("a", None),
            Tenant::new("a", Some("b")),
            Tenant::new("a", Some("b/c")),
            Tenant::new("b", Some("a")),
            Tenant::new("a", Some("/b")),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| one != other), "{}", one.key());
        }
        assert_eq!((all[2].host(), all[2].key()), ("a", "a/b/c"));
        let shown = format!("{:?}", Tenant::new("model", Some("alice")));
        assert!(shown.contains("model") && !shown.contains("alice"), "{shown}");
    }
}
