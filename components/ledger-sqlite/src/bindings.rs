//! Bindings of both ports, generated from WIT.
#![expect(
    unsafe_code,
    reason = "wit-bindgen's export! defines the canonical ABI entry points"
)]

wit_bindgen::generate!({
    path: ["../../wit/deps/sqlite", "../../wit/ledger", "wit"],
    world: "gyre:ledger-sqlite/ledger-sqlite",
    generate_all,
});

export!(Leaf with_types_in self);

/// This leaf: `gyre:ledger` is implemented on it in `handler`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaf;
