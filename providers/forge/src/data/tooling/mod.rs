//! Tools that are offered, what is asked of them, and what they answer.

pub(crate) mod answer;
pub(crate) mod clock;
pub(crate) mod invented;
pub(crate) mod offer;
pub(crate) mod own;
pub(crate) mod request;
pub(crate) mod spec;
pub(crate) mod sums;

use serde_json::{Map, Value};

/// Something asked of a tool, and how it goes on.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// What the user says.
    pub(crate) text: String,
    /// The tool to call.
    pub(crate) name: String,
    /// With these arguments.
    pub(crate) arguments: Map<String, Value>,
    /// What the tool answers.
    pub(crate) content: String,
    /// Fields of that answer, as they are told.
    pub(crate) fields: Vec<(String, String)>,
    /// What the model says then.
    pub(crate) answer: String,
    /// What it has to say at least.
    pub(crate) tell: Vec<String>,
}
