//! Training data of gyre-nano, and the frozen examples that it is measured by.
//!
//! Everything is made from pools (`pools/`: words, templates, tools, facts, prose) by grammars, one example from one
//! index: the same recipe and index give the same bytes on every machine, whoever made the examples before. Train, dev
//! and test have pools of their own, so that what is measured was never seen.
//!
//! Data flows one way: [`pools`] → values and texts ([`random`], `fill`, `words`) → material (`material/`) → tasks
//! (`tasks/`) → [`generate`] → [`write_jsonl`]. [`score`] judges answers and knows of none of them.

mod error;
mod example;
mod fill;
mod frames;
mod generate;
pub mod held_out;
mod material;
mod passages;
pub mod pools;
pub mod random;
mod recipe;
pub mod score;
mod talk;
mod tasks;
mod tooling;
mod values;
mod words;
mod write;

pub use error::DataError;
pub use example::{Cited, Example, Expect, Message, Role, Split, Task, Tool, ToolCall};
pub use generate::{Examples, generate};
pub use material::documents::Document;
pub use recipe::{DataRecipe, Weights};
pub use tooling::own::OWN_TOOLS;
pub use write::{Written, write_jsonl};
