//! The TCP ports that an application may call, as far as its manifest tells.

use std::collections::BTreeSet;
use std::net::IpAddr;

/// Names are asked for by TCP where an answer is long.
const DNS: u16 = 53;
/// Ends the name of a neighbour, which is called in process.
const INTERNAL: &str = ".spin.internal";
/// The application itself, also answered in process.
const OWN: [&str; 2] = ["self", "self.alt"];
/// Rules at most; who grants more ports grants any.
const PORTS_MAX: usize = 1_024;
const DEFAULTS: [(&str, u16); 8] = [
    ("http", 80),
    ("https", 443),
    ("mqtt", 1883),
    ("mysql", 3306),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("redis", 6379),
    ("rediss", 6379),
];

/// The ports of these hosts; `None` where any may be called, or where that cannot be told.
pub(super) fn of(hosts: &[String]) -> Option<BTreeSet<u16>> {
    let mut ports = BTreeSet::from([DNS]);
    for host in hosts {
        ports.extend(of_one(host)?);
    }
    (ports.len() <= PORTS_MAX).then_some(ports)
}

fn of_one(host: &str) -> Option<Vec<u16>> {
    let (scheme, rest) = host.split_once("://")?;
    if let Some((network, bits)) = rest.split_once('/')
        && network.parse::<IpAddr>().is_ok()
    {
        return of_port(scheme, bits.split_once(':').map(|(_, port)| port));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if authority.ends_with(INTERNAL) || OWN.contains(&authority) {
        return Some(Vec::new());
    }
    // The colons of an address in brackets, and of a password, are no port's.
    let name_starts = authority.rfind(['@', ']']).map_or(0, |at| at + 1);
    of_port(
        scheme,
        authority[name_starts..].rsplit_once(':').map(|(_, port)| port),
    )
}

/// The ports that this text means, or the one of the scheme.
fn of_port(scheme: &str, port: Option<&str>) -> Option<Vec<u16>> {
    match port {
        None => DEFAULTS
            .iter()
            .find(|(known, _)| *known == scheme)
            .map(|(_, port)| vec![*port]),
        Some(port) => match port.split_once("..") {
            None => Some(vec![port.parse().ok()?]),
            Some((from, to)) => {
                let (from, to): (u16, u16) = (from.parse().ok()?, to.parse().ok()?);
                Some((from..to).take(PORTS_MAX + 1).collect())
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_those_of_the_hosts() {
        let cases: [(&[&str], Option<&[u16]>); 16] = [
            (&[], Some(&[53])),
            (&["http://router.spin.internal"], Some(&[53])),
            (&["https://a.example", "http://b.example"], Some(&[53, 80, 443])),
            (&["https://a.example:8443"], Some(&[53, 8443])),
            (&["http://[::1]:9000"], Some(&[53, 9000])),
            (&["http://[::1]"], Some(&[53, 80])),
            (&["redis://:p:w@cache.example:7000/0"], Some(&[53, 7000])),
            (&["http://a.example:8000..8002"], Some(&[53, 8000, 8001])),
            (&["http://a.example:1..65535"], None),
            (&["*://*:*"], None),
            (&["https://a.example", "*://b.example"], None),
            (&["not a host"], None),
            (&["http://10.0.0.0/8"], Some(&[53, 80])),
            (&["tcp://2001:db8::/32:5432"], Some(&[53, 5432])),
            (&["http://127.0.0.0/8:*"], None),
            (&["http://self"], Some(&[53])),
        ];
        for (hosts, expected) in cases {
            let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
            let expected = expected.map(|ports| ports.iter().copied().collect());
            assert_eq!(of(&hosts), expected, "{hosts:?}");
        }
    }
}
