//! Exit codes; docs/cli.md is their registry.

/// Everything asked for was done.
pub(crate) const OK: u8 = 0;
/// Something failed; stderr says what.
pub(crate) const FAILED: u8 = 1;
/// A server or a model is not there.
pub(crate) const UNAVAILABLE: u8 = 69;
/// Something must be installed and this user may not install it.
pub(crate) const NOT_PERMITTED: u8 = 77;
