//! What callers may ask, checked before anything is done.

use gyre_agent_wire::Problem;
use serde::{Deserialize, Serialize};

use crate::split::MediaType;

/// Documents of one call.
pub const DOCUMENTS_MAX: usize = 64;
/// Bytes of a document.
pub const TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of a document's name.
pub const SOURCE_BYTES_MAX: usize = 512;
/// Bytes of a query.
pub const QUERY_BYTES_MAX: usize = 8 * 1024;
/// Passages of an answer, unless the caller says otherwise.
pub const LIMIT_DEFAULT: u32 = 5;
/// Passages of an answer at most.
pub const LIMIT_MAX: u32 = 50;
/// Bytes of a request's body: that of `gateway`.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// `POST /documents`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestRequest {
    /// What to ingest.
    pub documents: Vec<Document>,
}

/// A document to ingest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its name; ingesting another text under the same name replaces the first.
    pub source: String,
    /// What it is written in.
    pub media_type: String,
    /// The document itself.
    pub text: String,
}

/// `POST /search`, and the arguments of the tool.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// What to look for.
    pub query: String,
    /// Passages at most.
    #[serde(default)]
    pub limit: Option<u32>,
}

impl IngestRequest {
    /// Refuses what cannot be ingested, before anything is.
    pub fn check(&self) -> Result<(), Problem> {
        let count = self.documents.len();
        if count == 0 || count > DOCUMENTS_MAX {
            return Err(invalid(
                format!("a call ingests 1 to {DOCUMENTS_MAX} documents, given are {count}"),
                "send at least one document, and more than that in several calls",
            ));
        }
        self.documents.iter().try_for_each(|d| d.check().map(|_| ()))
    }
}

impl Document {
    /// Refuses a document that cannot be ingested; says what it is written in.
    pub fn check(&self) -> Result<MediaType, Problem> {
        let source = &self.source;
        if source.is_empty() || source.len() > SOURCE_BYTES_MAX || source.chars().any(char::is_control) {
            return Err(invalid(
                format!(
                    "a document's source must have 1 to {SOURCE_BYTES_MAX} bytes and no control characters"
                ),
                "name the document, for example by its path: docs/guide.md",
            ));
        }
        if self.text.len() > TEXT_BYTES_MAX {
            return Err(Problem::new(
                413,
                "document-too-large",
                format!(
                    "`{source}` has {} bytes, the limit is {TEXT_BYTES_MAX}",
                    self.text.len()
                ),
                "split the document into several, each with a source of its own",
            ));
        }
        MediaType::parse(&self.media_type).ok_or_else(|| {
            invalid(
                format!(
                    "`{source}` has the media type `{}`, which is not read",
                    self.media_type
                ),
                "send text/markdown, text/plain or text/html",
            )
        })
    }
}

impl SearchRequest {
    /// The query and the limit, when both are right.
    pub fn check(&self) -> Result<(&str, usize), Problem> {
        let query = self.query.trim();
        if query.is_empty() || query.len() > QUERY_BYTES_MAX {
            return Err(invalid(
                format!(
                    "a query must have 1 to {QUERY_BYTES_MAX} bytes, given are {}",
                    query.len()
                ),
                "ask with some words of what you look for",
            ));
        }
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if limit == 0 || limit > LIMIT_MAX {
            return Err(invalid(
                format!("the limit must be 1 to {LIMIT_MAX}, given is {limit}"),
                format!("leave the limit out for {LIMIT_DEFAULT} passages"),
            ));
        }
        Ok((query, limit as usize))
    }
}

/// Reads a JSON body.
pub fn parse<T: for<'a> Deserialize<'a>>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        // Data errors tell field names and places, never values beyond them.
        Problem::new(
            400,
            "malformed-json",
            format!(
                "the body is not the JSON expected, at line {} column {}",
                error.line(),
                error.column()
            ),
            describe(&error),
        )
    })
}

fn describe(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Data => format!("check the fields: {error}"),
        serde_json::error::Category::Eof => "the JSON ends too early: send all of it".into(),
        _ => "check quotes, commas and brackets; the text must be UTF-8".into(),
    }
}

fn invalid(detail: impl Into<String>, hint: impl Into<String>) -> Problem {
    Problem::new(422, "invalid-request", detail, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(source: &str, media_type: &str, text: String) -> Document {
        Document {
            source: source.into(),
            media_type: media_type.into(),
            text,
        }
    }

    #[test]
    fn documents_are_checked() {
        for (given, status) in [
            (document("", "text/plain", String::new()), Some(422)),
            (document("a\nb", "text/plain", String::new()), Some(422)),
            (document(&"a".repeat(513), "text/plain", String::new()), Some(422)),
            (document("a", "application/pdf", String::new()), Some(422)),
            (
                document("a", "text/plain", "x".repeat(TEXT_BYTES_MAX + 1)),
                Some(413),
            ),
            (document("a", "text/plain", "x".repeat(TEXT_BYTES_MAX)), None),
        ] {
            assert_eq!(given.check().err().map(|p| p.status), status, "{}", given.source);
        }
        assert!(IngestRequest { documents: vec![] }.check().is_err());
    }

    #[test]
    fn searches_are_checked() {
        for (query, limit, good) in [
            ("a", None, true),
            (" ", None, false),
            ("a", Some(0), false),
            ("a", Some(50), true),
            ("a", Some(51), false),
        ] {
            assert_eq!(
                SearchRequest {
                    query: query.into(),
                    limit
                }
                .check()
                .is_ok(),
                good,
                "{query} {limit:?}"
            );
        }
    }

    #[test]
    fn malformed_json_is_told_apart() {
        for (body, word) in [
            (&b"{"[..], "ends too early"),
            (b"{]", "brackets"),
            (br#"{"query":"a","x":1}"#, "unknown field"),
            (b"\xff", "UTF-8"),
        ] {
            let problem = parse::<SearchRequest>(body).expect_err("malformed");
            assert_eq!(problem.status, 400);
            assert!(problem.hint.contains(word), "{}", problem.hint);
        }
    }
}
