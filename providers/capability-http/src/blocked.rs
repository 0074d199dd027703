//! Networks that no component may reach, whatever its manifest grants: `[outbound_networking] block_networks`.

use crate::network::{Network, embedded, is_public};
use std::net::IpAddr;
use std::sync::Arc;
use thiserror::Error;

/// The word for every network that is not public.
const PRIVATE: &str = "private";

/// An entry that is no network.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("block_networks: `{0}` is no network\nhint: write it as `10.0.0.0/8`, or write `private`")]
pub struct BlockedNetworksError(String);

/// Networks that are blocked for the whole application. Cheap to clone.
#[derive(Debug, Clone)]
pub struct BlockedNetworks {
    networks: Arc<[Network]>,
    private: bool,
}

impl BlockedNetworks {
    /// Nothing is blocked.
    #[must_use]
    pub fn none() -> Self {
        Self {
            networks: Arc::from([]),
            private: false,
        }
    }

    /// Reads networks in CIDR form, and the word `private` for all that are not public.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, BlockedNetworksError> {
        let (mut networks, mut private) = (Vec::new(), false);
        for entry in entries.iter().map(|entry| entry.as_ref().trim()) {
            if entry == PRIVATE {
                private = true;
            } else {
                let wrong = || BlockedNetworksError(entry.to_owned());
                networks.push(Network::parse(entry).ok_or_else(wrong)?);
            }
        }
        Ok(Self {
            networks: networks.into(),
            private,
        })
    }

    /// Whether this address, or an IPv4 address that it stands for, is blocked.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let blocked = |address: IpAddr| {
            (self.private && !is_public(address))
                || self.networks.iter().any(|network| network.contains(address))
        };
        blocked(address) || embedded(address).is_some_and(blocked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_blocked_by_network_and_by_being_private() {
        let parse = |entries: &[&str]| BlockedNetworks::parse(entries).expect("entries");
        for (blocked, address, expected) in [
            (BlockedNetworks::none(), "127.0.0.1", false),
            (parse(&["1.2.0.0/16"]), "1.2.3.4", true),
            (parse(&["1.2.0.0/16"]), "::ffff:1.2.3.4", true),
            (parse(&["1.2.0.0/16"]), "64:ff9b::1.2.3.4", true),
            (parse(&["1.2.0.0/16"]), "1.3.3.4", false),
            (parse(&["2001:4860::/32"]), "2001:4860::1", true),
            (parse(&["private"]), "10.0.0.1", true),
            (parse(&["private"]), "::1", true),
            (parse(&["private"]), "2002:7f00:1::", true),
            (parse(&["private"]), "1.1.1.1", false),
            (parse(&["private", "1.1.1.1/32"]), "1.1.1.1", true),
        ] {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(blocked.contains(address), expected, "{blocked:?} {address}");
        }
    }

    #[test]
    fn a_wrong_entry_is_refused_by_name() {
        let error = BlockedNetworks::parse(&["privat"])
            .expect_err("wrong")
            .to_string();
        assert!(error.contains("`privat`") && error.contains("hint:"), "{error}");
    }
}
