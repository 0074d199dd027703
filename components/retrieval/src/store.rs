//! The port `gyre:vector`, in the words of this service.

mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit/vector", "wit"],
        world: "gyre:retrieval/retrieval",
        generate_all,
    });
}

use bindings::gyre::vector::collections as port;
use bindings::gyre::vector::types::{DimensionMismatch, Query};
use gyre_agent_wire::{Passage, Problem, Span};

use crate::split::Piece;

/// All documents are in one collection.
const COLLECTION: &str = "documents";

/// What an entry's attributes tell.
pub(crate) struct Document<'a> {
    pub(crate) source: &'a str,
    pub(crate) digest: &'a str,
    /// Empty when the document was stored without vectors.
    pub(crate) embedding_model: &'a str,
}

/// Counts entries that have all of these attributes.
pub(crate) async fn count(filter: &[(&str, &str)]) -> Result<u64, Problem> {
    port::count(COLLECTION.to_owned(), attributes(filter))
        .await
        .map_err(problem)
}

/// Puts the pieces in the place of everything stored under the document's source.
pub(crate) async fn replace(
    document: &Document<'_>,
    pieces: Vec<Piece>,
    vectors: Option<Vec<Vec<f32>>>,
) -> Result<(), Problem> {
    port::delete(COLLECTION.to_owned(), attributes(&[("source", document.source)]))
        .await
        .map_err(problem)?;
    if pieces.is_empty() {
        return Ok(());
    }
    let mut vectors = vectors.into_iter().flatten();
    let entries = (1..)
        .zip(pieces)
        .map(|(number, piece): (u32, Piece)| port::Entry {
            id: format!("{}#{number}", document.source),
            text: piece.text,
            vector: vectors.next(),
            attributes: attributes(&[
                ("source", document.source),
                ("digest", document.digest),
                ("embedding_model", document.embedding_model),
                ("start_line", &piece.span.start_line.to_string()),
                ("end_line", &piece.span.end_line.to_string()),
            ]),
        })
        .collect();
    port::upsert(COLLECTION.to_owned(), entries)
        .await
        .map_err(problem)?;
    Ok(())
}

/// Nearest by meaning, among the entries embedded by this model.
pub(crate) async fn dense(vector: Vec<f32>, model: &str, limit: u32) -> Result<Vec<Passage>, Problem> {
    search(Query::Dense(vector), &[("embedding_model", model)], limit).await
}

/// Best by words.
pub(crate) async fn lexical(query: &str, limit: u32) -> Result<Vec<Passage>, Problem> {
    search(Query::Lexical(query.to_owned()), &[], limit).await
}

async fn search(query: Query, filter: &[(&str, &str)], limit: u32) -> Result<Vec<Passage>, Problem> {
    let request = port::SearchRequest {
        collection: COLLECTION.to_owned(),
        query,
        filter: attributes(filter),
        limit,
    };
    let hits = port::search(request).await.map_err(problem)?;
    hits.into_iter().map(passage).collect()
}

fn passage(hit: port::Hit) -> Result<Passage, Problem> {
    let value = |name: &str| {
        hit.attributes
            .iter()
            .find(|a| a.name == name)
            .map(|a| a.value.as_str())
    };
    let line = |name: &str| value(name).and_then(|text| text.parse().ok());
    let (Some(source), Some(start_line), Some(end_line)) = (
        value("source").map(str::to_owned),
        line("start_line"),
        line("end_line"),
    ) else {
        return Err(gyre_chain::reply::internal(
            "a stored passage does not say where it is from",
        ));
    };
    let span = Span { start_line, end_line };
    Ok(Passage {
        id: hit.id,
        source,
        span,
        text: hit.text,
        score: Some(f64::from(hit.score)),
    })
}

fn attributes(pairs: &[(&str, &str)]) -> Vec<port::Attribute> {
    pairs
        .iter()
        .map(|(name, value)| port::Attribute {
            name: (*name).into(),
            value: (*value).into(),
        })
        .collect()
}

fn problem(error: port::Error) -> Problem {
    match error {
        port::Error::DimensionMismatch(DimensionMismatch { expected, given }) => Problem::new(
            409,
            "dimension-mismatch",
            format!(
                "the stored documents have embeddings of {expected} dimensions, the embedding model makes {given}"
            ),
            "set the variable embedding_model back, or start with another state folder (`gyre up --state DIR`) \
             and ingest again",
        ),
        port::Error::Denied(text) => {
            Problem::new(500, "store-denied", "retrieval may not use its store", text)
        }
        port::Error::Unavailable(text) => {
            Problem::new(503, "store-unavailable", text, "try again in a moment")
        }
        port::Error::Invalid(text) => Problem::new(
            422,
            "not-storable",
            format!("the document cannot be stored: {text}"),
            "split the document into smaller ones",
        ),
        port::Error::Internal(text) => Problem::new(500, "store-failed", text, "see the log of `gyre up`"),
    }
}
