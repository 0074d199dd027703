//! Builds, checks and starts Gyre.
fn main() {}
