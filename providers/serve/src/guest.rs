//! What a component is called as, by what it exports.

use crate::BuildError;
use crate::sandbox::Sandbox;
use wasmtime::component::{Component as Wasm, InstancePre};
use wasmtime::{Engine, Store};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::{p2, p3};

/// Exports by which Spin calls older components, and why this host does not.
const REFUSED: [(&str, &str); 5] = [
    (
        "fermyon:spin/inbound-http",
        "an interface of Spin 1 that its SDKs no longer build; build the component with an SDK of Spin 2 or later",
    ),
    (
        "wasi:http/incoming-handler@0.2.0-rc-",
        "a draft of WASI 0.2; build the component with a current SDK",
    ),
    (
        "wasi:http/handler@0.3.0-rc-",
        "a draft of WASI 0.3; build the component with spin-sdk 7 or later",
    ),
    (
        "wasi:cli/run@",
        "a command, which `executor = { type = \"wagi\" }` would run; let it export wasi:http/handler@0.3.0",
    ),
    (
        "wasi:http/incoming-handler",
        "an unknown version; build the component for wasi:http@0.2 or 0.3",
    ),
];

/// A component ready to be instantiated.
pub(crate) enum Guest {
    /// Exports `wasi:http/handler@0.3.0`.
    Http03(ServicePre<Sandbox>),
    /// Exports `wasi:http/incoming-handler@0.2.x`.
    Http02(ProxyPre<Sandbox>),
}

/// A component in its store, ready to be called.
pub(crate) enum Loaded {
    /// As `wasi:http/handler@0.3.0`.
    Http03(p3::bindings::Service),
    /// As `wasi:http/incoming-handler@0.2.x`.
    Http02(p2::bindings::Proxy),
}

impl Guest {
    pub(crate) async fn instantiate(&self, store: &mut Store<Sandbox>) -> wasmtime::Result<Loaded> {
        match self {
            Self::Http03(guest) => guest.instantiate_async(store).await.map(Loaded::Http03),
            Self::Http02(guest) => guest.instantiate_async(store).await.map(Loaded::Http02),
        }
    }

    pub(crate) fn of(
        engine: &Engine,
        wasm: &Wasm,
        linked: InstancePre<Sandbox>,
        component: &str,
    ) -> Result<Self, BuildError> {
        let link_error = |source| BuildError::Link {
            component: component.to_owned(),
            source,
        };
        let component_type = wasm.component_type();
        let exports: Vec<&str> = component_type.exports(engine).map(|(name, _)| name).collect();
        if exports
            .iter()
            .any(|name| is_version(name, "wasi:http/handler@0.3."))
        {
            return ServicePre::new(linked).map(Self::Http03).map_err(link_error);
        }
        if exports
            .iter()
            .any(|name| is_version(name, "wasi:http/incoming-handler@0.2."))
        {
            return ProxyPre::new(linked).map(Self::Http02).map_err(link_error);
        }
        Err(refusal(component, &exports))
    }
}

/// Whether an export is of a release, not of a draft of it.
fn is_version(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|patch| patch.bytes().all(|byte| byte.is_ascii_digit()))
}

fn refusal(component: &str, exports: &[&str]) -> BuildError {
    let known = REFUSED.iter().find_map(|(prefix, reason)| {
        let name = exports.iter().find(|name| name.starts_with(prefix))?;
        Some(((*name).to_owned(), *reason))
    });
    let (export, reason) = known.unwrap_or_else(|| {
        (
            if exports.is_empty() { "nothing".to_owned() } else { exports.join(", ") },
            "nothing that a request could be given to; let it export wasi:http/handler@0.3.0, or compose it as a leaf",
        )
    });
    BuildError::Export {
        component: component.to_owned(),
        export,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_exports_are_refused_by_name_with_the_reason() {
        for (export, reason) in [
            ("fermyon:spin/inbound-http", "Spin 1"),
            (
                "wasi:http/incoming-handler@0.2.0-rc-2023-11-10",
                "draft of WASI 0.2",
            ),
            ("wasi:http/handler@0.3.0-rc-2026-03-15", "draft of WASI 0.3"),
            ("wasi:cli/run@0.2.6", "command"),
            ("gyre:inference/chat@0.1.0", "leaf"),
        ] {
            let error = refusal("a", &[export]).to_string();
            assert!(error.contains(export) && error.contains(reason), "{error}");
        }
        assert!(is_version("wasi:http/handler@0.3.0", "wasi:http/handler@0.3."));
        assert!(!is_version(
            "wasi:http/handler@0.3.0-rc-1",
            "wasi:http/handler@0.3."
        ));
    }
}
