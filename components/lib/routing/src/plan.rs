//! The plan of a request: whom to ask, in which order, for how long, and why nobody else.

use crate::eligible::Reason;
use crate::failure::Kind;
use crate::resolve::UnknownModel;

/// Attempts of one plan.
pub const ATTEMPTS_MAX: usize = 16;
/// Deployments that a plan says were left out.
pub const LEFT_OUT_MAX: usize = 64;
/// Bytes of the text for a header.
const HEADER_BYTES_MAX: usize = 1_024;

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The deployment's id.
    pub deployment: String,
    /// Component id of its backend.
    pub backend: String,
    /// The model's name there.
    pub upstream_model: String,
    /// The group it is asked for.
    pub group: String,
    /// How long it may take.
    pub timeout_ms: Option<u64>,
}

/// A deployment that is not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its id.
    pub deployment: String,
    /// The group it would have been asked for.
    pub group: String,
    /// Why not.
    pub reason: Reason,
}

/// Whom to ask, in which order. Holds at least one attempt, and no deployment twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The group that the name stands for.
    pub group: String,
    /// At most [`ATTEMPTS_MAX`].
    pub attempts: Vec<Attempt>,
    /// At most [`LEFT_OUT_MAX`].
    pub left_out: Vec<LeftOut>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Nothing serves the model.
    #[error(transparent)]
    UnknownModel(#[from] UnknownModel),
    /// A tag of the request is a condition, as `LiteLLM` has them.
    #[error("the tag `{0}` is a condition, which is not supported; hint: send tags without `!` and `&`")]
    Tag(String),
    /// All that serve it are held up, and so are those of its fallbacks.
    #[error("no deployment of `{group}` can answer now: {why}; hint: {hint}")]
    Unavailable {
        /// The group.
        group: String,
        /// Reasons by deployment.
        why: String,
        /// What may be done.
        hint: &'static str,
        /// The kind of failure that this is: it decides which fallbacks are there.
        kind: Kind,
        /// When the first of them is back.
        retry_after_ms: Option<u64>,
    },
}

impl Plan {
    /// The plan in one line of ASCII for a response header: `group; a, b; out: c=cooldown`.
    #[must_use]
    pub fn header(&self) -> String {
        let attempts: Vec<&str> = self.attempts.iter().map(|it| it.deployment.as_str()).collect();
        let mut text = format!("{}; {}", self.group, attempts.join(", "));
        if !self.left_out.is_empty() {
            text.push_str("; out: ");
            text.push_str(&told(&self.left_out));
        }
        let visible = |it: char| {
            if it.is_ascii_graphic() || it == ' ' {
                it
            } else {
                '?'
            }
        };
        text.chars().map(visible).take(HEADER_BYTES_MAX).collect()
    }
}

/// Who was left out and why, in one line.
pub(crate) fn told(left_out: &[LeftOut]) -> String {
    let told: Vec<String> = left_out
        .iter()
        .map(|it| format!("{}={}", it.deployment, it.reason.name()))
        .collect();
    told.join(", ")
}
