//! Searching: by meaning and by words, fused.

use gyre_agent_wire::{Passage, Passages, Problem};

use crate::embedder::Embedder;
use crate::embedding::{NoEmbeddings, state};
use crate::fuse::fuse;
use crate::request::SearchRequest;
use crate::store;

/// Passages of each ranking that are fused.
const CANDIDATES: u32 = 50;

pub(crate) async fn search(
    request: &SearchRequest,
    embedder: &mut Embedder<'_>,
) -> Result<Passages, Problem> {
    let (query, limit) = request.check()?;
    let lexical = store::lexical(query, CANDIDATES).await?;
    let dense = match embedder.embed(&[query.to_owned()]).await {
        Ok(mut vectors) => nearest(vectors.pop(), embedder.model()).await?,
        Err(failure) => Err(failure),
    };
    let (dense, model) = match dense {
        Ok(dense) => (dense, Ok(embedder.model().to_owned())),
        Err(failure) => (Vec::new(), Err(failure)),
    };
    Ok(Passages {
        passages: fused(&dense, &lexical, limit),
        retrieval: state(model),
    })
}

async fn nearest(
    vector: Option<Vec<f32>>,
    model: &str,
) -> Result<Result<Vec<Passage>, NoEmbeddings>, Problem> {
    let Some(vector) = vector else {
        return Ok(Err(NoEmbeddings::unreachable(
            model,
            "it answered without a vector",
        )));
    };
    let found = store::dense(vector, model, CANDIDATES).await?;
    if found.is_empty() && store::count(&[]).await? > 0 {
        return Ok(Err(NoEmbeddings::no_vectors(model)));
    }
    Ok(Ok(found))
}

fn fused(dense: &[Passage], lexical: &[Passage], limit: usize) -> Vec<Passage> {
    let ids = |passages: &'_ [Passage]| passages.iter().map(|p| p.id.clone()).collect::<Vec<_>>();
    let (dense_ids, lexical_ids) = (ids(dense), ids(lexical));
    let rankings = [
        dense_ids.iter().map(String::as_str).collect(),
        lexical_ids.iter().map(String::as_str).collect(),
    ];
    let find = |id: &str| dense.iter().chain(lexical).find(|p| p.id == id).cloned();
    fuse(&rankings, limit)
        .into_iter()
        .filter_map(|(id, score)| {
            find(id).map(|passage| Passage {
                score: Some(score),
                ..passage
            })
        })
        .collect()
}
