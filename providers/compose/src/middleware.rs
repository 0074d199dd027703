//! What middleware must be: a handler before another handler.

use wac_types::World;

use crate::{
    Error,
    check::{Guest, wiring},
};

/// What a request comes in by, and what it is handed on to.
pub(crate) const HANDLER: &str = "wasi:http/handler@0.3.0";

/// Refuses middleware that hands no request on or takes none, and a component that it cannot hand them to.
pub(crate) fn check(layer: &World, parent: &World, guest: &Guest<'_>) -> Result<(), Error> {
    let wrong = if !layer.exports.contains_key(HANDLER) {
        format!("{} does not export {HANDLER}", guest.source)
    } else if !layer.imports.contains_key(HANDLER) {
        format!("{} does not import {HANDLER}", guest.source)
    } else if !parent.exports.contains_key(HANDLER) {
        format!("the component behind it does not export {HANDLER}")
    } else {
        return Ok(());
    };
    let hint = "middleware is built for the world wasi:http/middleware@0.3.0, what is behind it for wasi:http/service@0.3.0";
    Err(wiring(guest.entry, wrong, hint))
}
