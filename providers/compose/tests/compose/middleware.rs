//! Middleware: composed in order, without power, and refused.

use crate::support::{Fixture, accepted, refused};
use gyre_manifest::{Category, Component, Middleware};
use std::path::{Path, PathBuf};

const SERVICE: &str = "import wasi:http/types@0.3.0; export wasi:http/handler@0.3.0;";
const LAYER: &str = "import wasi:http/handler@0.3.0; export wasi:http/handler@0.3.0;";
const TYPES: &str = "wasi:http/types@0.3.0";

fn behind(source: &Path, layers: &[(&PathBuf, &[Category])]) -> Component {
    let layers = layers.iter().map(|(source, inherit)| Middleware {
        source: (*source).clone().into(),
        inherit: inherit.iter().copied().collect(),
    });
    Component {
        middleware: layers.collect(),
        ..Component::new("x", source.to_owned().into())
    }
}

#[test]
fn a_request_goes_through_every_layer() {
    let fixture = Fixture::new();
    let service = fixture.component("service", &format!("{SERVICE} export run: func();"));
    let layer = fixture.component("layer", LAYER);
    for layers in [&[(&layer, &[][..])][..], &[(&layer, &[]), (&layer, &[])]] {
        let composed = accepted(&behind(&service, layers));
        assert_eq!(composed.imports, [TYPES], "the handlers are linked to each other");
        wasmtime::component::Component::new(&engine(), &composed.bytes).expect("valid");
    }
    let composed = accepted(&behind(&layer, &[]));
    assert_eq!(composed.imports, ["wasi:http/handler@0.3.0", TYPES]);
}

fn engine() -> wasmtime::Engine {
    let mut config = wasmtime::Config::new();
    config.wasm_component_model_async(true);
    wasmtime::Engine::new(&config).expect("an engine")
}

#[test]
fn middleware_has_no_power_that_it_does_not_inherit() {
    let fixture = Fixture::new();
    let service = fixture.component("service", SERVICE);
    let quiet = fixture.component(
        "quiet",
        &format!("{LAYER} import wasi:cli/environment@0.2.6; import wasi:filesystem/preopens@0.2.6;"),
    );
    let denied = accepted(&behind(&service, &[(&quiet, &[]), (&quiet, &[])]));
    let expected = [
        "gyre:denied/environment@0.2.6",
        "gyre:denied/preopens@0.2.6",
        "wasi:filesystem/types@0.2.6",
        TYPES,
    ];
    assert_eq!(denied.imports, expected);

    let caller = fixture.component("caller", &format!("{LAYER} import wasi:http/client@0.3.0;"));
    refused(
        &behind(&service, &[(&quiet, &[]), (&caller, &[Category::Files])]),
        &[
            "component.x: dependencies.middleware[1]",
            "caller.wasm imports wasi:http/client@0.3.0, which it does not inherit",
            "inherit_configuration = [\"allowed_outbound_hosts\"]",
        ],
    );
    let given = accepted(&behind(&service, &[(&caller, &[Category::AllowedOutboundHosts])]));
    assert_eq!(given.imports, ["wasi:http/client@0.3.0", TYPES]);
}

#[test]
fn what_is_no_middleware_is_refused() {
    let fixture = Fixture::new();
    let service = fixture.component("service", SERVICE);
    let layer = fixture.component("layer", LAYER);
    let idle = fixture.component("idle", "import wasi:http/types@0.3.0; export run: func();");
    for (component, layers, expected) in [
        (
            &service,
            &service,
            "service.wasm does not import wasi:http/handler@0.3.0",
        ),
        (
            &service,
            &idle,
            "idle.wasm does not export wasi:http/handler@0.3.0",
        ),
        (&idle, &layer, "the component behind it does not export"),
    ] {
        refused(&behind(component, &[(layers, &[])]), &[expected]);
    }
}
