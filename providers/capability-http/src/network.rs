//! Networks of IP addresses: `10.0.0.0/8`, and which of them are not public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network in CIDR form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// Reads `address/bits`. Bits of the address beyond the prefix are cut off.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let base: IpAddr = address.parse().ok()?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        // `u8::from_str` would also take a leading plus.
        if bits.is_empty() || !bits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let prefix_bits = bits.parse().ok().filter(|bits| *bits <= width)?;
        Some(Self {
            base: truncate(base, prefix_bits),
            prefix_bits,
        })
    }

    /// Whether the address lies in it. An IPv4 address in IPv6 clothes is the IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.base.is_ipv4() && truncate(address, self.prefix_bits) == self.base
    }

    /// Its first address.
    pub(crate) fn base(&self) -> IpAddr {
        self.base
    }
}

fn truncate(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

/// Networks that are not on the public Internet, by the registries of special-purpose addresses.
const NOT_PUBLIC_V4: [([u8; 4], u8); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];
const NOT_PUBLIC_V6: [(u128, u8); 10] = [
    // ::/96, which holds `::`, `::1` and addresses that only embed IPv4.
    (0, 96),
    // 64:ff9b:1::/48
    (0x0064_ff9b_0001_u128 << 80, 48),
    // 100::/64
    (0x0100_u128 << 112, 64),
    // 2001::/23
    (0x2001_u128 << 112, 23),
    // 2001:db8::/32
    (0x2001_0db8_u128 << 96, 32),
    // 3fff::/20
    (0x3fff_u128 << 112, 20),
    // fc00::/7
    (0xfc00_u128 << 112, 7),
    // fe80::/10
    (0xfe80_u128 << 112, 10),
    // fec0::/10
    (0xfec0_u128 << 112, 10),
    // ff00::/8
    (0xff00_u128 << 112, 8),
];

/// Whether anybody on the Internet may reach this address.
pub(crate) fn is_public(address: IpAddr) -> bool {
    let within = |base: IpAddr, prefix_bits| Network { base, prefix_bits }.contains(address);
    match address.to_canonical() {
        IpAddr::V4(_) => !NOT_PUBLIC_V4
            .iter()
            .any(|(base, bits)| within(IpAddr::from(*base), *bits)),
        IpAddr::V6(_) => !NOT_PUBLIC_V6
            .iter()
            .any(|(base, bits)| within(Ipv6Addr::from_bits(*base).into(), *bits)),
    }
}

/// The IPv4 address that a translator makes of an IPv6 address (NAT64, 6to4, IPv4-compatible).
pub(crate) fn embedded(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(address) = address.to_canonical() else {
        return None;
    };
    let bits = address.to_bits();
    let last = Ipv4Addr::from_bits((bits & u128::from(u32::MAX)) as u32);
    let nat64 = bits >> 32 == 0x0064_ff9b_u128 << 64;
    let compatible = bits >> 32 == 0 && bits > 1;
    if nat64 || compatible {
        return Some(last.into());
    }
    (bits >> 112 == 0x2002).then(|| Ipv4Addr::from_bits((bits >> 80) as u32).into())
}

/// Addresses at which clouds hand out credentials, beside the link-local ones.
const METADATA: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
];

/// Whether a name or a wildcard is not enough to be let to this address: it must be granted as an address.
pub(crate) fn is_guarded(address: IpAddr) -> bool {
    let itself = |address: IpAddr| match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    let address = address.to_canonical();
    let all = [Some(address), embedded(address)];
    all.into_iter()
        .flatten()
        .any(|address| itself(address) || METADATA.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn networks_hold_what_shares_their_prefix() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.1.2.3/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("10.0.0.0/8", "::1", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("0.0.0.0/0", "2001:4860::1", false),
            ("1.2.3.4/32", "1.2.3.5", false),
            ("2001:db8::/32", "2001:db8:1::5", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("::/0", "fe80::1", true),
        ] {
            let network = Network::parse(network).expect("a network");
            assert_eq!(network.contains(ip(address)), expected, "{network:?} {address}");
        }
        for wrong in [
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "host/8",
            "::/129",
        ] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn special_addresses_are_not_public() {
        for address in [
            "0.0.0.0",
            "10.1.1.1",
            "100.64.1.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.0.1",
            "192.168.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "fd00::1",
            "fe80::1",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(ip(address)), "{address}");
        }
        for address in ["1.1.1.1", "172.32.0.1", "2600::beef", "2a00::1"] {
            assert!(is_public(ip(address)), "{address}");
        }
    }

    #[test]
    fn metadata_services_are_guarded_in_every_dress() {
        for address in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "2002:a9fe:a9fe::1",
            "::169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
        ] {
            assert!(is_guarded(ip(address)), "{address}");
        }
        for address in ["127.0.0.1", "::1", "10.0.0.1", "8.8.8.8", "fd00::1"] {
            assert!(!is_guarded(ip(address)), "{address}");
        }
    }
}
