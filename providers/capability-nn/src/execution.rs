//! Graphs and their execution: which model, and how far its completion is.

use gyre_engine_ipc::{ChatStep, ChatStream, Engine, ModelInfo};
use serde_json::json;

use crate::failure::{ErrorCode, Failure};
use crate::tensors::{self, Named, Tensor};

/// What a guest loaded by name.
#[derive(Clone, Debug)]
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub enum Graph {
    /// The list of the models it may use.
    Catalog,
    /// A model of the engine.
    Model(ModelInfo),
}

/// A graph under execution. Dropping it cancels a completion under way.
#[expect(unreachable_pub, reason = "the bindings re-export it")]
pub struct Execution {
    graph: Graph,
    completion: Completion,
}

enum Completion {
    NotStarted,
    Running(Box<ChatStream>),
    Ended,
}

impl Execution {
    pub(crate) fn new(graph: Graph) -> Self {
        Self {
            graph,
            completion: Completion::NotStarted,
        }
    }

    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// One compute of a model.
    pub(crate) async fn compute(
        &mut self,
        engine: &Engine,
        model: &ModelInfo,
        inputs: Vec<Named>,
    ) -> Result<Vec<Named>, Failure> {
        match (model.embedding, &mut self.completion) {
            (true, _) => embed(engine, &model.name, inputs).await,
            (false, Completion::NotStarted) => {
                let request = tensors::only(inputs, "request")?;
                let stream = engine.chat(&model.name, request).await?;
                self.completion = Completion::Running(Box::new(stream));
                self.step().await
            }
            (false, Completion::Running(_)) if inputs.is_empty() => self.step().await,
            (false, Completion::Running(_)) => Err(Failure::argument(
                "a completion is under way: compute without inputs for its next piece, or drop the context",
            )),
            (false, Completion::Ended) => Err(Failure::argument(
                "the completion has ended: open another execution context",
            )),
        }
    }

    /// The next piece of the completion: whatever is ready, or the next step's.
    async fn step(&mut self) -> Result<Vec<Named>, Failure> {
        let Completion::Running(stream) = &mut self.completion else {
            return Err(Failure::argument("no completion is under way"));
        };
        let step = stream.next_step().await;
        if !matches!(&step, Ok(ChatStep { finish: None, .. })) {
            self.completion = Completion::Ended;
        }
        Ok(outputs(step?))
    }
}

fn outputs(step: ChatStep) -> Vec<Named> {
    let mut outputs = vec![("delta".to_owned(), Tensor::bytes(step.delta.into_bytes()))];
    if let Some(finish) = step.finish {
        let usage = json!({
            "model": finish.model,
            "prompt_tokens": finish.usage.prompt_tokens,
            "completion_tokens": finish.usage.completion_tokens,
        });
        outputs.push((
            "finish".to_owned(),
            Tensor::json(&json!({ "reason": finish.reason })),
        ));
        outputs.push(("usage".to_owned(), Tensor::json(&usage)));
    }
    outputs
}

async fn embed(engine: &Engine, model: &str, inputs: Vec<Named>) -> Result<Vec<Named>, Failure> {
    let texts = tensors::only(inputs, "texts")?;
    let texts: Vec<String> = serde_json::from_slice(&texts).map_err(|error| {
        Failure::argument(format!("the input `texts` is no JSON array of strings: {error}"))
    })?;
    let rows = u32::try_from(texts.len()).map_err(|_| Failure::new(ErrorCode::TooLarge, "too many texts"))?;
    let made = engine.embed(model, texts).await?;
    let usage =
        json!({ "model": made.model, "prompt_tokens": made.prompt_tokens, "truncated": made.truncated });
    let vectors = Tensor::floats(rows, made.dimension, &made.data);
    Ok(vec![
        ("vectors".to_owned(), vectors),
        ("usage".to_owned(), Tensor::json(&usage)),
    ])
}

/// The models that are granted and there.
pub(crate) async fn catalog(engine: Option<&Engine>, allowed: &[String]) -> Result<Vec<Named>, Failure> {
    let models = match engine {
        Some(engine) => engine.models().await?,
        None => Vec::new(),
    };
    let granted = models
        .iter()
        .filter(|model| allowed.contains(&model.name))
        .map(|model| {
            let abilities = [(model.chat, "chat"), (model.embedding, "embedding")];
            let abilities: Vec<_> = abilities
                .iter()
                .filter(|(able, _)| *able)
                .map(|(_, name)| *name)
                .collect();
            json!({ "name": model.name, "abilities": abilities })
        });
    Ok(vec![("models".to_owned(), Tensor::json(&granted.collect()))])
}
