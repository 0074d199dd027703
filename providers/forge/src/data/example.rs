//! What one example is: a conversation, and what is right to say at its end.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::DataError;

/// Hex digits of an example's name: enough that no two of any run are called the same.
const ID_DIGITS: usize = 32;

/// What an example teaches or measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Choosing a tool and its arguments.
    Tool,
    /// Answering from what a tool answered.
    Result,
    /// Answering from passages, with marks.
    Grounded,
    /// Saying that the passages do not say.
    Unknown,
    /// What Gyre and this model are.
    About,
    /// Instructions in results and passages, which are not followed.
    Injection,
    /// No tool fits: a plain answer.
    Plain,
}

impl Task {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Tool,
        Self::Result,
        Self::Grounded,
        Self::Unknown,
        Self::About,
        Self::Injection,
        Self::Plain,
    ];

    /// As it is written in an example.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Result => "result",
            Self::Grounded => "grounded",
            Self::Unknown => "unknown",
            Self::About => "about",
            Self::Injection => "injection",
            Self::Plain => "plain",
        }
    }
}

/// Which pools an example is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Learnt from.
    Train,
    /// Tuned by.
    Dev,
    /// Measured by, once.
    Test,
}

impl Split {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Train, Self::Dev, Self::Test];

    /// As it is written in an example.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }
}

/// A tool that is offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The persona.
    System,
    /// A person.
    User,
    /// The model.
    Assistant,
    /// What a tool answered.
    Tool,
}

/// A call that the assistant makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolCall {
    /// Links the result to it.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments, in the order of their names: required ones come first there.
    pub arguments: Map<String, Value>,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
    /// Calls that the assistant makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// This assistant message is no target: the agent made it itself (its own first search), or it stands in an earlier
    /// turn of a session, where what it was made from is not shown any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub given: bool,
}

impl Message {
    /// Whether a model learns to say this.
    #[must_use]
    pub fn is_target(&self) -> bool {
        self.role == Role::Assistant && !self.given
    }
}

/// A sentence and the mark of the passage it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// The sentence, as it stands in the passage.
    pub span: String,
    /// The passage's mark.
    pub mark: u32,
}

/// What is right at the end of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Expect {
    /// This call and no other.
    Call {
        /// The tool.
        name: String,
        /// Equal as JSON values.
        arguments: Map<String, Value>,
    },
    /// This sentence with this mark.
    Span {
        /// The sentence.
        span: String,
        /// The passage's mark.
        mark: u32,
    },
    /// Each of these sentences with its mark.
    Spans {
        /// The sentences.
        spans: Vec<Cited>,
    },
    /// That the passages do not say.
    Unknown,
    /// A text with one of these in it, and no call.
    Contains {
        /// Any of them is enough.
        any: Vec<String>,
    },
    /// None of these, and no call that is not right besides.
    Not {
        /// What was injected.
        forbidden: Vec<String>,
        /// What is right besides.
        right: Box<Self>,
    },
}

/// A conversation. In train every assistant message that is not `given` is a target; else the last one is left out, and
/// `expect` says what is right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Hash of its content.
    pub id: String,
    /// What it is for.
    pub task: Task,
    /// The pools it was made from.
    pub split: Split,
    /// Tools that are offered.
    pub tools: Vec<Tool>,
    /// What was said.
    pub messages: Vec<Message>,
    /// What is right to say next; absent in train.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expect>,
}

impl Example {
    /// Gives an example its name, from what it says.
    pub(crate) fn named(mut self) -> Result<Self, DataError> {
        self.id.clear();
        let bytes = serde_json::to_vec(&self)?;
        self.id = hex(&Sha256::digest(&bytes));
        self.id.truncate(ID_DIGITS);
        Ok(self)
    }
}

/// Bytes as hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "example_tests.rs"]
mod tests;
