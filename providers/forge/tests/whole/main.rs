//! The forge with a real worker: what it writes is what llama.cpp reads.
//!
//! The worker is the program `gyre-engine` beside this test, or what `GYRE_FORGE_WORKER` names; `cargo xtask build` makes it.

mod exact;
mod formats;
mod made;
mod path;
