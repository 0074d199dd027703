//! The chat template of a model's file, applied as Hugging Face's libraries apply it.
//!
//! A template is a program from elsewhere. Steps and what it writes are counted where it runs. The values that it makes
//! meanwhile cannot be: it may double a text forty times. So it is compiled and run in a thread whose memory is counted,
//! and one that takes too much is stopped and never run again.

mod bounded;
mod compiled;
#[cfg(test)]
mod hostile;
mod python;
mod quarantine;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use gyre_engine_ipc::EngineError;
use minijinja::{Error, ErrorKind};

use super::conversation::conversation;
use super::family::Family;
use super::request::ChatRequest;
use super::special::Special;
use crate::bounded::{self as thread, Limits, Stopped};
use compiled::Compiled;

/// Many times the largest request, and enough for the largest prompt twice: what a user sends does not come near it with
/// a template that only writes it down. A model is said to be hung well after this time.
const LIMITS: Limits = Limits {
    memory_bytes_max: 256 << 20,
    time_ms_max: 10_000,
};

/// A compiled template.
pub(crate) struct Template {
    source: Arc<str>,
    limits: Limits,
    compiled: Arc<Compiled>,
}

/// Why there is no template.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("cannot be compiled (line {}: {})", .0.line().unwrap_or_default(), .0.kind())]
    Wrong(Error),
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error("was stopped before in this worker: it takes too much memory or time")]
    Known,
}

impl Template {
    /// Compiles the template and finds out what it can express.
    pub(crate) fn new(source: &str, tokens: Special) -> Result<Self, Unusable> {
        Self::within(LIMITS, source, tokens)
    }

    fn within(limits: Limits, source: &str, tokens: Special) -> Result<Self, Unusable> {
        let source: Arc<str> = source.into();
        let own = Arc::clone(&source);
        let compiled = run(&source, limits, move || Compiled::new(&own, tokens))?;
        Ok(Self {
            compiled: Arc::new(compiled.map_err(Unusable::Wrong)?),
            source,
            limits,
        })
    }

    /// How the model writes calls: as its template shows them, or as we ask for them.
    pub(crate) fn family(&self) -> Family {
        self.compiled.family
    }

    /// The prompt of a conversation; texts hold marks where they spell what only the template may write.
    pub(crate) fn render(&self, request: &ChatRequest) -> Result<String, EngineError> {
        let compiled = Arc::clone(&self.compiled);
        let mut conversation = conversation(request, compiled.ability, &compiled.tokens);
        if compiled.family == Family::Mistral {
            conversation.shorten_ids();
        }
        let rendered = run(&self.source, self.limits, move || compiled.render(&conversation));
        rendered
            .map_err(|stopped| {
                EngineError::invalid(format!("the model's chat template {stopped}: use another model"))
            })?
            .map_err(|error| refused(&error))
    }
}

/// Does what a template says, unless one with the same text had to be stopped.
fn run<T: Send + 'static>(
    source: &Arc<str>,
    limits: Limits,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unusable> {
    if quarantine::holds(source) {
        return Err(Unusable::Known);
    }
    let outcome = thread::within(limits, work);
    if matches!(outcome, Err(Stopped::Memory(_) | Stopped::Time(_))) {
        quarantine::add(source);
    }
    Ok(outcome?)
}

/// What a template raises is meant for the caller; anything else is told by its kind.
fn refused(error: &Error) -> EngineError {
    if error.kind() == ErrorKind::WriteFailure {
        return EngineError::invalid("the prompt is too large: shorten the conversation");
    }
    let why = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    EngineError::invalid(format!(
        "the model's chat template refuses the conversation: {why}"
    ))
}
