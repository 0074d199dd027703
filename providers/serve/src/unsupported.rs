//! Interfaces of Spin that this host does not have, each with the reason and the cure.

use crate::BuildError;
use wasmtime::Engine;
use wasmtime::component::Component as Wasm;

/// Packages and interfaces by the beginning of their names.
const UNSUPPORTED: [(&str, &str, &str); 6] = [
    (
        "spin:mysql/",
        "this host has no MySQL",
        "use spin:postgres or spin:sqlite, or reach MySQL through a service of your own by HTTP",
    ),
    (
        "fermyon:spin/mysql",
        "this host has no MySQL",
        "use spin:postgres or spin:sqlite, or reach MySQL through a service of your own by HTTP",
    ),
    (
        "spin:mqtt/",
        "this host has no MQTT",
        "publish to a Redis channel by spin:redis, or send by HTTP",
    ),
    (
        "fermyon:spin/mqtt",
        "this host has no MQTT",
        "publish to a Redis channel by spin:redis, or send by HTTP",
    ),
    (
        "fermyon:spin/postgres",
        "this host has PostgreSQL as spin:postgres@4.2.0 only",
        "build the component with a Spin SDK that has it",
    ),
    (
        "fermyon:spin/redis@",
        "this host has Redis as spin:redis@3.0.0 only",
        "build the component with a Spin SDK that has it",
    ),
];

/// Refuses a component that imports what is not here, by name.
pub(crate) fn check(engine: &Engine, wasm: &Wasm, component: &str) -> Result<(), BuildError> {
    let ty = wasm.component_type();
    match ty
        .imports(engine)
        .find_map(|(import, _)| reason(import).map(|why| (import, why)))
    {
        None => Ok(()),
        Some((import, (what, hint))) => Err(BuildError::Unsupported {
            component: component.to_owned(),
            import: import.to_owned(),
            what,
            hint,
        }),
    }
}

fn reason(import: &str) -> Option<(&'static str, &'static str)> {
    UNSUPPORTED
        .iter()
        .find(|(name, _, _)| import.starts_with(name))
        .map(|(_, what, hint)| (*what, *hint))
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn what_is_not_here_is_known_by_name() {
        for import in [
            "spin:mysql/mysql@3.0.0",
            "fermyon:spin/mysql@2.0.0",
            "spin:mqtt/mqtt@3.0.0",
            "fermyon:spin/mqtt@2.0.0",
            "fermyon:spin/postgres@2.0.0",
            "fermyon:spin/redis@2.0.0",
        ] {
            assert!(reason(import).is_some(), "{import}");
        }
        for import in [
            "spin:postgres/postgres@4.2.0",
            "spin:redis/redis@3.0.0",
            "fermyon:spin/redis-types",
            "fermyon:spin/llm@2.0.0",
            "wasi:http/client@0.3.0",
        ] {
            assert!(reason(import).is_none(), "{import}");
        }
    }
}
