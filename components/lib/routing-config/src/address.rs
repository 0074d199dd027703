//! Addresses of servers, split as a manifest wants them.

/// An address in its two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Scheme, host and port.
    pub origin: String,
    /// The path, without a slash at its end; empty for none.
    pub path: String,
}

/// Splits `https://host:port/path`. Nothing else is an address: no user, query, fragment or placeholder.
#[must_use]
pub fn split(url: &str) -> Option<Split> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "http" | "https") || url.len() > 2_048 {
        return None;
    }
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let host_fine = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(six) => six.bytes().all(|it| it.is_ascii_hexdigit() || it == b':') && !six.is_empty(),
        None => {
            let fine = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'_');
            !host.is_empty() && host.bytes().all(fine)
        }
    };
    let port_fine = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let path_fine = path
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'/' | b'-' | b'_' | b'.' | b'~' | b'%'));
    (host_fine && port_fine && path_fine).then(|| Split {
        origin: format!("{scheme}://{authority}"),
        path: path.trim_end_matches('/').to_owned(),
    })
}

/// Whether a server is on this machine.
#[must_use]
pub fn is_local(url: &str) -> bool {
    let Some(split) = split(url) else {
        return false;
    };
    let host = split.origin.split("://").nth(1).unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (url, wanted) in [
            (
                "https://api.openai.com/v1",
                Some(("https://api.openai.com", "/v1")),
            ),
            (
                "http://127.0.0.1:8000/v1/",
                Some(("http://127.0.0.1:8000", "/v1")),
            ),
            ("http://[::1]:11434", Some(("http://[::1]:11434", ""))),
            ("http://[::1]", Some(("http://[::1]", ""))),
            ("https://user@host/v1", None),
            ("https://host/v1?x=1", None),
            ("https://host:0", None),
            ("https://{{ x }}", None),
            ("https://ho\"st", None),
            ("ftp://host", None),
            ("https://", None),
        ] {
            let parts = split(url);
            let parts = parts.as_ref().map(|it| (it.origin.as_str(), it.path.as_str()));
            assert_eq!(parts, wanted, "{url}");
        }
        assert!(
            is_local("http://localhost:1/x") && is_local("http://[::1]:5") && is_local("http://127.0.0.1")
        );
        assert!(!is_local("https://localhost.example"));
    }
}
