//! The host of an address in one form only, so that no other spelling of it passes a check.

use std::net::IpAddr;

/// A host: lower case, without a last dot, and an address wherever it is one (`0x7f.1` is `127.0.0.1`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostName {
    Domain(String),
    Ip(IpAddr),
}

impl HostName {
    /// `None` for what is no host at all.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match url::Host::parse(text).ok()? {
            url::Host::Ipv4(address) => Some(Self::Ip(address.into())),
            url::Host::Ipv6(address) => Some(Self::Ip(IpAddr::from(address).to_canonical())),
            url::Host::Domain(name) => {
                let name = name.strip_suffix('.').unwrap_or(&name);
                (!name.is_empty()).then(|| Self::Domain(name.to_owned()))
            }
        }
    }
}

impl std::fmt::Display for HostName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Domain(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HostName;

    #[test]
    fn a_host_has_one_form() {
        for (text, expected) in [
            ("Example.COM", Some("example.com")),
            ("example.com.", Some("example.com")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("%65xample.com", Some("example.com")),
            ("127.1", Some("127.0.0.1")),
            ("0x7f.0.0.1", Some("127.0.0.1")),
            ("2130706433", Some("127.0.0.1")),
            ("[::FFFF:127.0.0.1]", Some("127.0.0.1")),
            ("[::1]", Some("[::1]")),
            ("::1", None),
            ("", None),
            (".", None),
            ("a b", None),
            ("a/b", None),
        ] {
            let found = HostName::parse(text).map(|host| host.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
