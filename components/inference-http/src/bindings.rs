//! Bindings of the port, generated from WIT.
#![cfg_attr(
    target_family = "wasm",
    expect(
        unsafe_code,
        reason = "wit-bindgen's export! defines the canonical ABI entry points"
    )
)]

wit_bindgen::generate!({
    path: ["../../wit/inference", "wit"],
    world: "gyre:inference-http/inference-http@0.1.0",
    generate_all,
});

// A native linker refuses the names of these entry points; tests call the implementation itself.
#[cfg(target_family = "wasm")]
export!(Leaf with_types_in self);

/// This leaf: the port's interfaces are implemented on it in `handler`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaf;
