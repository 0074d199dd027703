//! Passages: what retrieval finds, what a model is given, what a citation points at.

use serde::{Deserialize, Serialize};

/// Name of the tool that passages come from, in MCP and in the conversation with a model.
pub const SEARCH_TOOL: &str = "search_knowledge";

/// Lines of a source, both counted from 1 and both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First line.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
}

/// A piece of a document, with where it is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// Identifies the passage in its store.
    pub id: String,
    /// The document, as it was named when it was ingested.
    pub source: String,
    /// Where in the document.
    pub span: Span,
    /// The passage itself.
    pub text: String,
    /// Higher is better, comparable within one answer only. Models are not shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// How passages were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// By meaning (embeddings) and by words (BM25).
    Hybrid,
    /// By words only.
    Lexical,
}

/// How passages were found, and why not better. Part of every answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetrievalState {
    /// How.
    pub mode: Mode,
    /// The model that made the embeddings; none in mode lexical.
    pub embedding_model: Option<String>,
    /// Why the mode is lexical, and the cure.
    pub reason: Option<String>,
}

/// The answer of a search, and the structured content of the tool's MCP result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passages {
    /// Best first.
    pub passages: Vec<Passage>,
    /// How they were found.
    pub retrieval: RetrievalState,
}

/// The content of the tool message that carries passages to a model: a JSON list without scores. `mark` is what the model
/// writes as `[n]` to cite a passage; the first has `first_mark`.
#[must_use]
pub fn tool_content(passages: &[Passage], first_mark: usize) -> String {
    let shown: Vec<serde_json::Value> = (first_mark..)
        .zip(passages)
        .map(|(mark, p)| {
            serde_json::json!({"mark": mark, "id": p.id, "source": p.source, "span": p.span, "text": p.text})
        })
        .collect();
    serde_json::Value::Array(shown).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_shown_no_scores() {
        let passage = Passage {
            id: "a".into(),
            source: "docs/a.md".into(),
            span: Span {
                start_line: 3,
                end_line: 5,
            },
            text: "text".into(),
            score: Some(0.5),
        };
        let json: serde_json::Value = serde_json::from_str(&tool_content(&[passage], 4)).expect("valid JSON");
        assert_eq!(
            json,
            serde_json::json!([{"mark": 4, "id": "a", "source": "docs/a.md", "span": {"start_line": 3, "end_line": 5}, "text": "text"}])
        );
    }
}
