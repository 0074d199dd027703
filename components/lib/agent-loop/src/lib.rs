//! The bounded loop of an agent as a state machine: told what happened, it says what to do. It does no I/O.
//!
//! An agent with knowledge retrieves first and passes what it found to the model as a call of `search_knowledge`
//! with its result. Marks `[n]` in the model's text are checked against the passages they name: those that hold become
//! citation events, for every model alike; the others are taken out and counted.

mod citations;
mod config;
mod conversation;
mod machine;
mod support;
mod tool_calls;

pub use citations::{CitationFilter, Piece};
pub use config::{Config, Task, ToolGrant};
pub use machine::{Action, AgentLoop, Failure, Input, ToolAnswer};
pub use support::supports;
