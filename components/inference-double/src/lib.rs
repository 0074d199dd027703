//! `inference-double`: a scripted stand-in for a model, for tests. Every answer says that it is one.
//!
//! `script` reads what the last message asks the double to do, `vector` makes vectors of words; both are pure.
//! `handler` plays the script.

mod bindings;
mod handler;
mod order;
mod patience;
mod script;
mod vector;
