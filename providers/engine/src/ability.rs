//! Whether a model can do what is asked of it. Pure.

use gyre_engine_ipc::{EngineError, ModelInfo};

/// It makes embeddings.
pub(crate) fn embeds(model: &ModelInfo) -> Result<(), EngineError> {
    let message = || format!("the model {} makes no embeddings: name one that does", model.name);
    when(model.embedding, message)
}

/// It ranks documents.
pub(crate) fn ranks(model: &ModelInfo) -> Result<(), EngineError> {
    let message = || {
        format!(
            "the model {} ranks no documents: name one made for it",
            model.name
        )
    };
    when(model.rerank, message)
}

/// It completes conversations.
pub(crate) fn chats(model: &ModelInfo) -> Result<(), EngineError> {
    let name = &model.name;
    when(!model.embedding, || {
        format!("the model {name} makes embeddings: name a chat model")
    })?;
    when(!model.rerank, || {
        format!("the model {name} ranks documents: name a chat model")
    })?;
    when(model.chat, || {
        format!("the file of the model {name} has no chat template: use an instruct model, made for chat")
    })
}

/// It does any of these.
pub(crate) fn is_of_use(model: &ModelInfo) -> Result<(), EngineError> {
    when(model.embedding || model.chat || model.rerank, || {
        format!(
            "the model {} is made neither for chat nor for embeddings or ranking: name one that is",
            model.name
        )
    })
}

fn when(able: bool, message: impl FnOnce() -> String) -> Result<(), EngineError> {
    if able {
        Ok(())
    } else {
        Err(EngineError::invalid(message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_what_it_does_not() {
        let model = |embedding, chat, rerank| ModelInfo {
            name: "m".to_owned(),
            architecture: "a".to_owned(),
            embedding,
            chat,
            rerank,
            graph: false,
        };
        type Check = fn(&ModelInfo) -> Result<(), EngineError>;
        let cases: [(Check, ModelInfo, Option<&str>); 9] = [
            (embeds, model(true, false, false), None),
            (embeds, model(false, true, false), Some("makes no embeddings")),
            (ranks, model(false, false, true), None),
            (ranks, model(true, false, false), Some("ranks no documents")),
            (chats, model(false, true, false), None),
            (chats, model(true, false, false), Some("makes embeddings")),
            (chats, model(false, false, true), Some("ranks documents")),
            (chats, model(false, false, false), Some("no chat template")),
            (is_of_use, model(false, false, false), Some("neither")),
        ];
        for (check, model, expected) in cases {
            match (check(&model), expected) {
                (Ok(()), None) => {}
                (Err(error), Some(part)) => assert!(error.to_string().contains(part), "{error}"),
                other => panic!("{model:?}: {other:?}"),
            }
        }
    }
}
