//! Graphs and their execution: which model, and how far its completion is.

use gyre_engine_ipc::{ChatStep, ChatStream, Engine, Logprobs, ModelInfo, TokenLogprob};
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

/// What computes, and for whom.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) engine: &'a Engine,
    /// Who is charged.
    pub(crate) tenant: &'a str,
    pub(crate) model: &'a ModelInfo,
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
        target: Target<'_>,
        inputs: Vec<Named>,
    ) -> Result<Vec<Named>, Failure> {
        let Target {
            engine,
            tenant,
            model,
        } = target;
        if model.graph {
            let inputs = inputs.into_iter().map(Tensor::for_graph).collect();
            let outputs = engine.run(&model.name, inputs).await?;
            return Ok(outputs.into_iter().map(Tensor::of_graph).collect());
        }
        match (model.embedding, &mut self.completion) {
            (true, _) => embed(engine, &model.name, inputs).await,
            _ if model.rerank => rerank(engine, &model.name, inputs).await,
            (false, Completion::NotStarted) => {
                let request = tensors::only(inputs, "request")?;
                let stream = engine.chat(&model.name, tenant, request).await?;
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
    if !step.tool_calls.is_empty() {
        let calls = step.tool_calls.iter().map(|call| {
            json!({ "index": call.index, "id": call.id, "name": call.name, "arguments": call.arguments })
        });
        outputs.push(("tool_calls".to_owned(), Tensor::json(&calls.collect())));
    }
    if !step.logprobs.is_empty() {
        let logprobs = step.logprobs.iter().map(logprobs_json);
        outputs.push(("logprobs".to_owned(), Tensor::json(&logprobs.collect())));
    }
    if let Some(finish) = step.finish {
        let usage = json!({
            "model": finish.model,
            "prompt_tokens": finish.usage.prompt_tokens,
            "completion_tokens": finish.usage.completion_tokens,
            "cached_prompt_tokens": finish.usage.cached_prompt_tokens,
        });
        outputs.push((
            "finish".to_owned(),
            Tensor::json(&json!({ "reason": finish.reason })),
        ));
        outputs.push(("usage".to_owned(), Tensor::json(&usage)));
    }
    outputs
}

fn logprobs_json(logprobs: &Logprobs) -> serde_json::Value {
    let token = |it: &TokenLogprob| json!({ "bytes": it.bytes, "logprob": it.logprob });
    let top: Vec<_> = logprobs.top.iter().map(token).collect();
    json!({ "chosen": token(&logprobs.chosen), "top": top })
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

async fn rerank(engine: &Engine, model: &str, inputs: Vec<Named>) -> Result<Vec<Named>, Failure> {
    let [query, documents] = tensors::exactly(inputs, ["query", "documents"])?;
    let query = String::from_utf8(query)
        .map_err(|_| Failure::argument("the input `query` is no UTF-8 text: send the query itself"))?;
    let documents: Vec<String> = serde_json::from_slice(&documents).map_err(|error| {
        Failure::argument(format!(
            "the input `documents` is no JSON array of strings: {error}"
        ))
    })?;
    let made = engine.rerank(model, query, documents).await?;
    let usage =
        json!({ "model": made.model, "prompt_tokens": made.prompt_tokens, "truncated": made.truncated });
    Ok(vec![
        ("scores".to_owned(), Tensor::row(&made.scores)),
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
            let abilities = [
                (model.chat, "chat"),
                (model.embedding, "embedding"),
                (model.rerank, "rerank"),
                (model.graph, "graph"),
            ];
            let abilities: Vec<_> = abilities
                .iter()
                .filter(|(able, _)| *able)
                .map(|(_, name)| *name)
                .collect();
            json!({ "name": model.name, "abilities": abilities })
        });
    Ok(vec![("models".to_owned(), Tensor::json(&granted.collect()))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_engine_ipc::{Finish, FinishReason, ToolCall, Usage};

    #[test]
    fn calls_and_the_end_are_json_beside_the_text() {
        let step = ChatStep {
            delta: "so".to_owned(),
            tool_calls: vec![ToolCall {
                index: 0,
                id: "c1".to_owned(),
                name: "t".to_owned(),
                arguments: r#"{"a":1}"#.to_owned(),
            }],
            logprobs: vec![Logprobs {
                chosen: TokenLogprob {
                    bytes: b"so".to_vec(),
                    logprob: -0.5,
                },
                top: vec![],
            }],
            finish: Some(Finish {
                reason: FinishReason::ToolCalls,
                usage: Usage {
                    prompt_tokens: 1,
                    completion_tokens: 2,
                    cached_prompt_tokens: 0,
                },
                model: "m".to_owned(),
            }),
        };
        let outputs = outputs(step);
        let texts: Vec<_> = outputs
            .iter()
            .map(|(name, tensor)| (name.as_str(), std::str::from_utf8(&tensor.data).expect("UTF-8")))
            .collect();
        assert_eq!(texts[0], ("delta", "so"));
        assert_eq!(
            texts[1],
            (
                "tool_calls",
                r#"[{"arguments":"{\"a\":1}","id":"c1","index":0,"name":"t"}]"#
            )
        );
        assert_eq!(
            texts[2],
            (
                "logprobs",
                r#"[{"chosen":{"bytes":[115,111],"logprob":-0.5},"top":[]}]"#
            )
        );
        assert_eq!(texts[3], ("finish", r#"{"reason":"tool-calls"}"#));
        assert!(
            super::outputs(ChatStep::default())
                .iter()
                .all(|(name, _)| name == "delta")
        );
    }
}
