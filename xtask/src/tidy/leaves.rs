//! A leaf must not reach sockets: stock Spin's deny list has a hole there (WASI 0.3 sockets).

use super::wiring::{Wiring, crate_of};
use super::{Files, Findings};

const FORBIDDEN: &str = "wasi:sockets/";

/// Checks the worlds that leaves declare.
pub(super) fn check_worlds(files: &Files, wiring: &Wiring) -> Findings {
    let paths = wiring
        .leaves
        .iter()
        .map(|leaf| format!("components/{}/wit/world.wit", crate_of(leaf)));
    let found = paths.filter(|path| files.get(path).is_some_and(|world| world.contains(FORBIDDEN)));
    found
        .map(|path| format!("{path}: a leaf may not import {FORBIDDEN}*"))
        .collect()
}

/// Checks a built leaf. A component names its imports in clear text, so a search of the bytes finds each of them.
pub(super) fn check_binary(path: &str, wasm: &[u8]) -> Findings {
    let forbidden = wasm
        .windows(FORBIDDEN.len())
        .any(|window| window == FORBIDDEN.as_bytes());
    let finding = format!("{path}: a leaf may not import {FORBIDDEN}* (avoid std::net and what uses it)");
    forbidden.then_some(finding).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{Wiring, check_binary, check_worlds};

    #[test]
    fn sockets_are_found_in_worlds_and_binaries() {
        let manifest =
            "[component.a]\nsource = \"t/a.wasm\"\ndependencies = { \"x:y\" = { path = \"t/a_leaf.wasm\" } }";
        let wiring = Wiring::parse(manifest).expect("a manifest");
        for (world, expected) in [
            ("import wasi:clocks/types;", 0),
            ("import wasi:sockets/types;", 1),
        ] {
            let files = super::super::files(&[("components/a-leaf/wit/world.wit", world)]);
            assert_eq!(check_worlds(&files, &wiring).len(), expected, "{world}");
            assert_eq!(
                check_binary("a.wasm", world.as_bytes()).len(),
                expected,
                "{world}"
            );
        }
    }
}
