//! What is accepted, and each refusal with the key it names.

mod components;
mod dependencies;
mod middleware;
mod routes;
mod sources;
mod support;
mod triggers;
mod unsupported;
mod variables;
mod whole;
