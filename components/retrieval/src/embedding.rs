//! Whether there are embeddings, and what to say when there are none.

use gyre_agent_wire::{Mode, RetrievalState};
use gyre_chat_wire::ApiError;

/// Texts embedded in one call.
pub const BATCH: usize = 16;

/// Why there are no embeddings now, in words for people, cure included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoEmbeddings(pub String);

impl NoEmbeddings {
    /// The model service refused.
    #[must_use]
    pub fn refused(model: &str, error: &ApiError) -> Self {
        if error.status == 404 {
            return Self(format!(
                "the embedding model `{model}` is not there, so passages are found by their words only (BM25). \
                 hint: `gyre doctor` says what is missing and `cargo xtask up` fetches the model; then ingest again"
            ));
        }
        Self(format!(
            "the embedding model `{model}` failed with status {}: {}. Passages are found by their words only (BM25). \
             hint: ask again; ingest again to add what is missing",
            error.status, error.message
        ))
    }

    /// The model service did not answer, or not with embeddings.
    #[must_use]
    pub fn unreachable(model: &str, what: &str) -> Self {
        Self(format!(
            "the embedding model `{model}` cannot be reached ({what}), so passages are found by their words only \
             (BM25). hint: see the log of `gyre up`; ingest again to add what is missing"
        ))
    }

    /// There is a model, and no document was ingested with it.
    #[must_use]
    pub fn no_vectors(model: &str) -> Self {
        Self(format!(
            "no document has embeddings of `{model}` yet, so passages are found by their words only (BM25). \
             hint: ingest the documents again"
        ))
    }
}

/// How passages are found, for an answer.
#[must_use]
pub fn state(model: Result<String, NoEmbeddings>) -> RetrievalState {
    match model {
        Ok(model) => RetrievalState {
            mode: Mode::Hybrid,
            embedding_model: Some(model),
            reason: None,
        },
        Err(NoEmbeddings(reason)) => RetrievalState {
            mode: Mode::Lexical,
            embedding_model: None,
            reason: Some(reason),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_model_is_said_with_its_cure() {
        let state = state(Err(NoEmbeddings::refused(
            "m",
            &ApiError::new(404, "model_not_found", "no"),
        )));
        assert_eq!(state.mode, Mode::Lexical);
        assert_eq!(state.embedding_model, None);
        let reason = state.reason.expect("a reason");
        assert!(
            reason.contains("`m` is not there") && reason.contains("hint:"),
            "{reason}"
        );
    }

    #[test]
    fn a_model_makes_it_hybrid() {
        let state = state(Ok("m".into()));
        assert_eq!(
            (state.mode, state.embedding_model, state.reason),
            (Mode::Hybrid, Some("m".into()), None)
        );
    }
}
