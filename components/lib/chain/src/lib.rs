//! How one service of Gyre speaks to the next: context headers, bounded bodies, problems, private calls.

pub mod body;
pub mod context;
pub mod intake;
pub mod query;
pub mod relay;
pub mod reply;
#[cfg(target_family = "wasm")]
pub mod send;

pub use body::{BodyError, read_bounded};
pub use context::CallContext;
pub use intake::read_json;
pub use query::Query;
