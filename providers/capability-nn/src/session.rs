//! The same models for hosts of another ABI than the component model's: tensors as plain values, outputs by index.

use std::fmt;
use std::sync::Arc;

use gyre_engine_ipc::{Engine, ModelInfo};

use crate::NnCtx;
use crate::execution::{self, Execution, Graph as Inner, Target};
use crate::failure::{ErrorCode, Failure};
use crate::host;
use crate::tensors::{Named, Tensor};

/// Outputs of each kind of model, by index.
const EMBEDDING: &[&str] = &["vectors", "usage"];
const RANKING: &[&str] = &["scores", "usage"];
const CHAT: &[&str] = &["delta", "finish", "usage", "tool_calls", "logprobs"];
const MODELS: &[&str] = &["models"];

/// The tenant of a program that has the host for itself.
pub const PROGRAM: &str = "program";

/// The models that are granted to one program.
pub struct Models(NnCtx);

/// One of them.
pub struct Graph {
    kind: Inner,
    engine: Option<Engine>,
    allowed: Arc<[String]>,
}

/// A model under execution. Dropping it cancels a completion under way.
pub struct Session {
    graph: Inner,
    engine: Option<Engine>,
    allowed: Arc<[String]>,
    execution: Execution,
}

/// A tensor that a model made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its shape.
    pub dimensions: Vec<u32>,
    /// What it is made of.
    pub element: Element,
    /// Its bytes, little-endian.
    pub data: Vec<u8>,
}

/// What a tensor is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Bytes.
    Byte,
    /// Floats of 32 bits.
    Float,
}

/// Why a model was not opened or did not compute; public, with its cure.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused(Failure);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.data)
    }
}

impl std::error::Error for Refused {}

impl Models {
    /// The models of this engine that have one of these names.
    pub fn new(engine: Option<Engine>, allowed: Arc<[String]>) -> Self {
        Self(NnCtx::new(engine, allowed, PROGRAM.into()).granted_by_option())
    }

    /// Opens a model by name.
    pub async fn graph(&self, name: &str) -> Result<Graph, Refused> {
        let kind = host::find(&self.0, name).await.map_err(Refused)?;
        if let Inner::Model(ModelInfo { graph: true, .. }) = &kind {
            let data = format!(
                "`{name}` is an ONNX graph of named tensors, which this ABI has no names for; hint: build the program as a \
                 component, or use a model for chat or embeddings"
            );
            return Err(Refused(Failure::new(ErrorCode::UnsupportedOperation, data)));
        }
        Ok(Graph {
            kind,
            engine: self.0.engine.clone(),
            allowed: Arc::clone(&self.0.allowed_models),
        })
    }
}

impl Graph {
    /// Begins an execution.
    pub fn session(&self) -> Session {
        Session {
            graph: self.kind.clone(),
            engine: self.engine.clone(),
            allowed: Arc::clone(&self.allowed),
            execution: Execution::new(self.kind.clone()),
        }
    }
}

impl Session {
    /// The name of its only input; the catalog takes none.
    pub fn input_name(&self) -> &'static str {
        match &self.graph {
            Inner::Model(model) if model.embedding => "texts",
            Inner::Model(_) => "request",
            Inner::Catalog => "",
        }
    }

    /// Computes once; an output that this compute did not make is `None`.
    pub async fn compute(&mut self, input: Option<Vec<u8>>) -> Result<Vec<Option<Output>>, Refused> {
        let name = self.input_name().to_owned();
        let inputs = input
            .map(|data| (name, Tensor::bytes(data)))
            .into_iter()
            .collect();
        let named = match (&self.graph, &self.engine) {
            (Inner::Catalog, engine) => execution::catalog(engine.as_ref(), &self.allowed).await,
            (Inner::Model(model), Some(engine)) => {
                let target = Target {
                    engine,
                    tenant: PROGRAM,
                    model,
                };
                self.execution.compute(target, inputs).await
            }
            (Inner::Model(_), None) => Err(host::no_engine()),
        };
        Ok(by_index(order(&self.graph), named.map_err(Refused)?))
    }
}

fn order(graph: &Inner) -> &'static [&'static str] {
    match graph {
        Inner::Catalog => MODELS,
        Inner::Model(ModelInfo { embedding: true, .. }) => EMBEDDING,
        Inner::Model(ModelInfo { rerank: true, .. }) => RANKING,
        Inner::Model(_) => CHAT,
    }
}

fn by_index(order: &[&str], named: Vec<Named>) -> Vec<Option<Output>> {
    let mut outputs: Vec<Option<Output>> = order.iter().map(|_| None).collect();
    for (name, tensor) in named {
        if let Some(index) = order.iter().position(|one| *one == name) {
            outputs[index] = Some(Output {
                element: if tensor.is_floats() {
                    Element::Float
                } else {
                    Element::Byte
                },
                dimensions: tensor.dimensions,
                data: tensor.data,
            });
        }
    }
    outputs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_have_an_index_whichever_are_there() {
        let named = vec![
            ("tool_calls".to_owned(), Tensor::bytes(b"[]".to_vec())),
            ("delta".to_owned(), Tensor::bytes(b"so".to_vec())),
        ];
        let outputs = by_index(CHAT, named);
        let bytes: Vec<_> = outputs
            .iter()
            .map(|output| output.as_ref().map(|it| it.data.as_slice()))
            .collect();
        assert_eq!(bytes, [Some(&b"so"[..]), None, None, Some(&b"[]"[..]), None]);
        let floats = by_index(
            EMBEDDING,
            vec![("vectors".to_owned(), Tensor::floats(1, 1, &[1.0]))],
        );
        assert_eq!(
            floats[0],
            Some(Output {
                dimensions: vec![1, 1],
                element: Element::Float,
                data: 1.0_f32.to_le_bytes().to_vec(),
            })
        );
    }

    #[tokio::test]
    async fn a_model_not_granted_is_refused_with_the_option_to_add() {
        let models = Models::new(None, Arc::from([]));
        let refused = models.graph("talk").await.err().expect("is refused");
        assert!(refused.to_string().contains("--model talk"), "{refused}");
    }
}
