//! The Gyre host and its command line.
fn main() {}
