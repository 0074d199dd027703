//! Ingesting: split, embed, store. Equal documents are left as they are.

use gyre_agent_wire::{Problem, RetrievalState};
use serde::Serialize;

use crate::digest::digest;
use crate::embedder::Embedder;
use crate::embedding::{NoEmbeddings, state};
use crate::request::{Document, IngestRequest};
use crate::split::{self, Piece};
use crate::store;

/// The answer of `POST /documents`.
#[derive(Debug, Serialize)]
pub(crate) struct Ingested {
    documents: Vec<DocumentStatus>,
    retrieval: RetrievalState,
}

#[derive(Debug, Serialize)]
struct DocumentStatus {
    source: String,
    status: &'static str,
    passages: u64,
}

/// Ingests one document after the other; each is stored whole or not at all.
pub(crate) async fn ingest(request: IngestRequest, embedder: &mut Embedder<'_>) -> Result<Ingested, Problem> {
    request.check()?;
    let mut documents = Vec::with_capacity(request.documents.len());
    let mut without: Option<NoEmbeddings> = None;
    for document in request.documents {
        let status = ingest_one(document, embedder, &mut without).await?;
        documents.push(status);
    }
    let model = without.map_or_else(|| Ok(embedder.model().to_owned()), Err);
    Ok(Ingested {
        documents,
        retrieval: state(model),
    })
}

async fn ingest_one(
    document: Document,
    embedder: &mut Embedder<'_>,
    without: &mut Option<NoEmbeddings>,
) -> Result<DocumentStatus, Problem> {
    let media_type = document.check()?;
    let Document { source, text, .. } = document;
    let digest = digest(media_type, &text);
    let of_source = ("source", source.as_str());
    let of_digest = ("digest", digest.as_str());
    let stored = store::count(&[of_source]).await?;
    let same = stored > 0 && stored == store::count(&[of_source, of_digest]).await?;
    if same && stored == store::count(&[of_source, of_digest, ("embedding_model", embedder.model())]).await? {
        return Ok(DocumentStatus {
            source,
            status: "unchanged",
            passages: stored,
        });
    }
    let pieces = split::split(media_type, &text);
    let texts: Vec<String> = pieces.iter().map(Piece::embedded_text).collect();
    let (vectors, embedding_model) = match embedder.embed(&texts).await {
        Ok(vectors) => (Some(vectors), embedder.model()),
        Err(failure) => {
            *without = Some(failure);
            if same {
                // What is stored is no worse than what could be stored now.
                return Ok(DocumentStatus {
                    source,
                    status: "unchanged",
                    passages: stored,
                });
            }
            (None, "")
        }
    };
    let passages = pieces.len() as u64;
    let stored = store::Document {
        source: &source,
        digest: &digest,
        embedding_model,
    };
    store::replace(&stored, pieces, vectors).await?;
    Ok(DocumentStatus {
        source,
        status: "ingested",
        passages,
    })
}
