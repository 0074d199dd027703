//! The bounded loop of an agent as a state machine: told what happened, it says what to do. It does no I/O.
//!
//! An agent with knowledge retrieves first and passes what it found to the model as a call of `search_knowledge`
//! with its result. Marks `[n]` in the model's text become citation events, for every model alike.

mod conversation;
mod machine;
mod marks;
mod tool_calls;

pub use conversation::{Config, Task};
pub use machine::{Action, AgentLoop, Failure, Input};
pub use marks::MarkScanner;
