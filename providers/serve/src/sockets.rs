//! Sockets of a sandbox (`wasi:sockets` 0.2 and 0.3): outgoing only, to what is granted for `tcp` or `udp`.

use gyre_capability_http::{AllowedHosts, Outbound};
use std::net::SocketAddr;
use std::sync::Arc;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::sockets::SocketAddrUse;

/// Lets the sandbox open sockets as far as its grants go, and look up names only where any such grant is.
pub(crate) fn grant(builder: &mut WasiCtxBuilder, allowed: &Arc<AllowedHosts>, outbound: &Arc<Outbound>) {
    let (tcp, udp) = (allowed.has_scheme("tcp"), allowed.has_scheme("udp"));
    builder
        .allow_tcp(tcp)
        .allow_udp(udp)
        .allow_ip_name_lookup(tcp || udp);
    if tcp || udp {
        let (allowed, outbound) = (Arc::clone(allowed), Arc::clone(outbound));
        builder.socket_addr_check(move |address, used| {
            let may = permits(&allowed, &outbound, address, used);
            Box::pin(std::future::ready(may))
        });
    }
}

fn permits(allowed: &AllowedHosts, outbound: &Outbound, address: SocketAddr, used: SocketAddrUse) -> bool {
    match used {
        // The system binds a socket that connects or sends; one that a guest binds itself would be a server's.
        SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => {
            address.ip().is_unspecified() && address.port() == 0
        }
        SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept => false,
        SocketAddrUse::TcpConnect => outbound.allows_address(allowed, "tcp", address),
        SocketAddrUse::UdpSend | SocketAddrUse::UdpReceive => {
            outbound.allows_address(allowed, "udp", address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_capability_http::{BlockedNetworks, Networking};

    #[test]
    fn a_guest_connects_where_it_is_granted_and_never_listens() {
        let networking = Networking {
            blocked: BlockedNetworks::parse(&["9.9.9.9/32"]).expect("a network"),
            connections_max: 1,
        };
        let outbound = Outbound::new(&networking);
        let entries = ["tcp://127.0.0.1:5000", "tcp://9.9.9.9:53", "udp://127.0.0.1:53"];
        let allowed = AllowedHosts::parse(&entries).expect("entries");
        for (address, used, expected) in [
            ("127.0.0.1:5000", SocketAddrUse::TcpConnect, true),
            ("127.0.0.1:5001", SocketAddrUse::TcpConnect, false),
            ("127.0.0.1:5000", SocketAddrUse::UdpSend, false),
            ("127.0.0.1:53", SocketAddrUse::UdpSend, true),
            ("127.0.0.1:53", SocketAddrUse::UdpReceive, true),
            ("127.0.0.1:54", SocketAddrUse::UdpReceive, false),
            ("9.9.9.9:53", SocketAddrUse::TcpConnect, false),
            ("0.0.0.0:0", SocketAddrUse::TcpBind, true),
            ("[::]:0", SocketAddrUse::UdpBind, true),
            ("0.0.0.0:5000", SocketAddrUse::TcpBind, false),
            ("127.0.0.1:5000", SocketAddrUse::TcpBind, false),
            ("127.0.0.1:5000", SocketAddrUse::TcpListen, false),
            ("0.0.0.0:0", SocketAddrUse::TcpListen, false),
            ("127.0.0.1:5000", SocketAddrUse::TcpAccept, false),
        ] {
            let address = address.parse().expect("an address");
            let found = permits(&allowed, &outbound, address, used);
            assert_eq!(found, expected, "{address} {used:?}");
        }
    }
}
