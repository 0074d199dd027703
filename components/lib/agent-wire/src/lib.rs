//! What agents say, as values and as bytes: events, their SSE wire, passages, problems and run tokens.
//!
//! This is the only place that knows the JSON of agent events. Everything here is pure.

pub mod event;
pub mod fold;
pub mod passage;
pub mod problem;
pub mod run_token;
pub mod sse;

pub use event::{Event, Usage};
pub use fold::{Answer, Citation, FoldError, Folder};
pub use passage::{Mode, Passage, Passages, RetrievalState, Span};
pub use problem::Problem;
pub use run_token::RunToken;
pub use sse::{Cut, Parser};
