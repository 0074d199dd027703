//! What a leaf may import: everything that is power belongs to a category it must inherit.

use gyre_manifest::{Category, DependencyKey};

/// What an import of a leaf means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    /// No power over anything outside the sandbox: clocks, random numbers, types, its own output.
    None,
    /// Must be inherited; refused otherwise.
    Needs(Category),
    /// Must be inherited; answered as empty otherwise, because Rust's standard library always imports it.
    EmptyUnless(Category),
    /// Never for a leaf, whatever it inherits: what it would do.
    Never(&'static str),
    /// Not a host interface that a leaf may have.
    Unknown,
}

const OPEN_SOCKETS: &str = "open sockets";
const SEND_TELEMETRY: &str = "send telemetry in its parent's name";

/// Classifies an import by its name.
pub(crate) fn of_import(name: &str) -> Power {
    let Some(key) = DependencyKey::parse(name) else {
        return Power::Unknown;
    };
    let interface = key.interface.as_deref().unwrap_or_default();
    match (key.package.as_str(), interface) {
        ("wasi:cli", "environment") => Power::EmptyUnless(Category::Environment),
        ("wasi:filesystem", "preopens") => Power::EmptyUnless(Category::Files),
        ("wasi:cli" | "wasi:clocks" | "wasi:filesystem" | "wasi:io" | "wasi:random", _) => Power::None,
        ("wasi:http", "types") => Power::None,
        ("wasi:http", "client" | "outgoing-handler") => Power::Needs(Category::AllowedOutboundHosts),
        // The standard library's tables mention sockets that only the other interfaces can make.
        ("wasi:sockets", "network" | "tcp" | "udp") if is_preview2(&key) => Power::None,
        ("wasi:sockets", _) => Power::Never(OPEN_SOCKETS),
        ("wasi:otel", _) => Power::Never(SEND_TELEMETRY),
        ("spin:redis" | "fermyon:spin", "redis") => Power::Needs(Category::AllowedOutboundHosts),
        ("spin:postgres" | "fermyon:spin", "postgres") => Power::Needs(Category::AllowedOutboundHosts),
        ("spin:mysql" | "fermyon:spin", "mysql") => Power::Needs(Category::AllowedOutboundHosts),
        ("spin:mqtt" | "fermyon:spin", "mqtt") => Power::Needs(Category::AllowedOutboundHosts),
        ("fermyon:spin", "http") => Power::Needs(Category::AllowedOutboundHosts),
        ("spin:sqlite" | "fermyon:spin", "sqlite") => Power::Needs(Category::SqliteDatabases),
        ("spin:key-value" | "fermyon:spin", "key-value") => Power::Needs(Category::KeyValueStores),
        ("wasi:keyvalue", _) => Power::Needs(Category::KeyValueStores),
        ("spin:variables" | "fermyon:spin", "variables" | "config") => Power::Needs(Category::Variables),
        ("wasi:config", _) => Power::Needs(Category::Variables),
        ("fermyon:spin", "llm") => Power::Needs(Category::AiModels),
        ("wasi:nn", _) => Power::Needs(Category::AiModels),
        _ => Power::Unknown,
    }
}

/// Whether an import is of the host rather than of another component.
pub(crate) fn is_host(name: &str) -> bool {
    let namespace = name.split_once(':').map_or("", |(namespace, _)| namespace);
    matches!(namespace, "wasi" | "spin" | "fermyon") || DependencyKey::parse(name).is_none()
}

fn is_preview2(key: &DependencyKey) -> bool {
    key.version
        .as_deref()
        .is_some_and(|version| version.starts_with("0.2."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classifies_imports() {
        for (name, expected) in [
            ("wasi:clocks/monotonic-clock@0.3.0", Power::None),
            ("wasi:cli/stderr@0.2.6", Power::None),
            (
                "wasi:cli/environment@0.2.6",
                Power::EmptyUnless(Category::Environment),
            ),
            ("wasi:filesystem/types@0.2.6", Power::None),
            (
                "wasi:filesystem/preopens@0.2.6",
                Power::EmptyUnless(Category::Files),
            ),
            (
                "wasi:http/client@0.3.0",
                Power::Needs(Category::AllowedOutboundHosts),
            ),
            (
                "wasi:http/outgoing-handler@0.2.6",
                Power::Needs(Category::AllowedOutboundHosts),
            ),
            (
                "wasi:nn/graph@0.2.0-rc-2024-10-28",
                Power::Needs(Category::AiModels),
            ),
            ("wasi:sockets/tcp@0.2.6", Power::None),
            (
                "spin:sqlite/sqlite@3.1.0",
                Power::Needs(Category::SqliteDatabases),
            ),
            (
                "spin:key-value/key-value@3.0.0",
                Power::Needs(Category::KeyValueStores),
            ),
            ("fermyon:spin/llm@2.0.0", Power::Needs(Category::AiModels)),
            (
                "fermyon:spin/redis@2.0.0",
                Power::Needs(Category::AllowedOutboundHosts),
            ),
            (
                "spin:postgres/postgres@4.2.0",
                Power::Needs(Category::AllowedOutboundHosts),
            ),
            (
                "spin:mqtt/mqtt@3.0.0",
                Power::Needs(Category::AllowedOutboundHosts),
            ),
            (
                "wasi:keyvalue/store@0.2.0-draft2",
                Power::Needs(Category::KeyValueStores),
            ),
            (
                "wasi:config/store@0.2.0-draft-2024-09-27",
                Power::Needs(Category::Variables),
            ),
            ("fermyon:spin/config", Power::Needs(Category::Variables)),
        ] {
            assert_eq!(of_import(name), expected, "{name}");
        }
    }

    #[test]
    fn some_imports_no_leaf_may_have() {
        for (name, expected) in [
            ("wasi:http/handler@0.3.0", Power::Unknown),
            ("wasi:sockets/tcp-create-socket@0.2.6", Power::Never(OPEN_SOCKETS)),
            ("wasi:sockets/udp-create-socket@0.2.6", Power::Never(OPEN_SOCKETS)),
            ("wasi:sockets/instance-network@0.2.6", Power::Never(OPEN_SOCKETS)),
            ("wasi:sockets/ip-name-lookup@0.2.6", Power::Never(OPEN_SOCKETS)),
            ("wasi:sockets/ip-name-lookup@0.3.0", Power::Never(OPEN_SOCKETS)),
            ("wasi:sockets/types@0.3.0", Power::Never(OPEN_SOCKETS)),
            ("wasi:otel/tracing@0.2.0-rc.2", Power::Never(SEND_TELEMETRY)),
            ("wasi:otel/logs@0.2.0-rc.2", Power::Never(SEND_TELEMETRY)),
            ("wasi:blobstore/blobstore@0.2.0", Power::Unknown),
            ("spin:anything/new@1.0.0", Power::Unknown),
            ("gyre:vector/collections@0.1.0", Power::Unknown),
            ("anything", Power::Unknown),
        ] {
            assert_eq!(of_import(name), expected, "{name}");
        }
    }
}
