//! The interfaces of `wasi:nn` as the host implements them: check, call, hand over.

use wasmtime::component::Resource;
use wasmtime::{Result, bail};

use crate::bindings::wasi::nn::{errors, graph, inference, tensor};
use crate::execution::{self, Execution, Graph, Target};
use crate::failure::{ErrorCode, Failure};
use crate::tensors::{Named, Tensor};
use crate::{CATALOG, GrantedBy, NnCtx, NnCtxView, RESOURCES_MAX, TENSOR_BYTES_MAX};

/// A result a guest sees; the outer one is a trap.
type Answer<T> = Result<Result<T, Resource<Failure>>>;

impl NnCtxView<'_> {
    /// Hands a resource to the guest, within its bound.
    fn push<T: Send + 'static>(&mut self, value: T) -> Result<Resource<T>> {
        if self.ctx.resources >= RESOURCES_MAX {
            bail!("the guest holds over {RESOURCES_MAX} wasi:nn resources: drop those that are done with");
        }
        let resource = self.table.push(value)?;
        self.ctx.resources += 1;
        Ok(resource)
    }

    fn delete<T: Send + 'static>(&mut self, resource: Resource<T>) -> Result<T> {
        let value = self.table.delete(resource)?;
        self.ctx.resources -= 1;
        Ok(value)
    }

    fn push_tensor(&mut self, tensor: Tensor) -> Result<Resource<Tensor>> {
        let bytes = self.ctx.tensor_bytes.saturating_add(tensor.size());
        if bytes > TENSOR_BYTES_MAX {
            bail!("the guest's tensors are over {TENSOR_BYTES_MAX} bytes: send less at once");
        }
        let resource = self.push(tensor)?;
        self.ctx.tensor_bytes = bytes;
        Ok(resource)
    }

    fn delete_tensor(&mut self, resource: Resource<Tensor>) -> Result<Tensor> {
        let tensor = self.delete(resource)?;
        self.ctx.tensor_bytes -= tensor.size();
        Ok(tensor)
    }

    fn refuse<T>(&mut self, failure: Failure) -> Answer<T> {
        self.push(failure).map(Err)
    }

    async fn run(
        &mut self,
        context: &Resource<Execution>,
        inputs: Vec<Named>,
    ) -> Result<Result<Vec<Named>, Failure>> {
        let execution = self.table.get_mut(context)?;
        let engine = self.ctx.engine.as_ref();
        Ok(match (execution.graph().clone(), engine) {
            (Graph::Catalog, _) => execution::catalog(engine, &self.ctx.allowed_models).await,
            (Graph::Model(model), Some(engine)) => {
                let target = Target {
                    engine,
                    tenant: &self.ctx.tenant,
                    model: &model,
                };
                execution.compute(target, inputs).await
            }
            (Graph::Model(_), None) => Err(no_engine()),
        })
    }
}

pub(crate) async fn find(ctx: &NnCtx, name: &str) -> Result<Graph, Failure> {
    if name == CATALOG {
        return Ok(Graph::Catalog);
    }
    if !ctx.allowed_models.iter().any(|allowed| allowed == name) {
        let cure = match ctx.granted_by {
            GrantedBy::Manifest => format!("add it to its `ai_models = [\"{name}\"]` in spin.toml"),
            GrantedBy::Option => format!("`--model {name}` grants it"),
        };
        let data = format!("the model `{name}` is not granted to this component; hint: {cure}");
        return Err(Failure::new(ErrorCode::Security, data));
    }
    match &ctx.engine {
        Some(engine) => Ok(Graph::Model(engine.find(name).await?)),
        None => Err(no_engine()),
    }
}

pub(crate) fn no_engine() -> Failure {
    let data = "this host runs no inference engine; hint: start `gyre up` without `--model none`, with gyre-engine beside it";
    Failure::new(ErrorCode::NotFound, data)
}

impl graph::Host for NnCtxView<'_> {
    fn load(
        &mut self,
        _: Vec<graph::GraphBuilder>,
        _: graph::GraphEncoding,
        _: graph::ExecutionTarget,
    ) -> Answer<Resource<Graph>> {
        let data = "models from a guest's bytes are refused; hint: put the model into the models folder, grant it \
                    with `ai_models` in spin.toml and load it by name";
        self.refuse(Failure::new(ErrorCode::UnsupportedOperation, data))
    }

    async fn load_by_name(&mut self, name: String) -> Answer<Resource<Graph>> {
        match find(self.ctx, &name).await {
            Ok(graph) => self.push(graph).map(Ok),
            Err(failure) => self.refuse(failure),
        }
    }
}

impl graph::HostGraph for NnCtxView<'_> {
    fn init_execution_context(&mut self, graph: Resource<Graph>) -> Answer<Resource<Execution>> {
        let execution = Execution::new(self.table.get(&graph)?.clone());
        self.push(execution).map(Ok)
    }

    fn drop(&mut self, graph: Resource<Graph>) -> Result<()> {
        self.delete(graph).map(drop)
    }
}

impl inference::Host for NnCtxView<'_> {}

impl inference::HostGraphExecutionContext for NnCtxView<'_> {
    async fn compute(
        &mut self,
        context: Resource<Execution>,
        inputs: Vec<inference::NamedTensor>,
    ) -> Answer<Vec<inference::NamedTensor>> {
        let take = |(name, tensor)| Ok((name, self.delete_tensor(tensor)?));
        let inputs = inputs.into_iter().map(take).collect::<Result<Vec<_>>>()?;
        match self.run(&context, inputs).await? {
            Ok(outputs) => {
                let give = |(name, tensor)| Ok((name, self.push_tensor(tensor)?));
                outputs.into_iter().map(give).collect::<Result<_>>().map(Ok)
            }
            Err(failure) => self.refuse(failure),
        }
    }

    fn drop(&mut self, context: Resource<Execution>) -> Result<()> {
        self.delete(context).map(drop)
    }
}

impl tensor::Host for NnCtxView<'_> {}

impl tensor::HostTensor for NnCtxView<'_> {
    fn new(
        &mut self,
        dimensions: Vec<u32>,
        ty: tensor::TensorType,
        data: Vec<u8>,
    ) -> Result<Resource<Tensor>> {
        self.push_tensor(Tensor { dimensions, ty, data })
    }

    fn dimensions(&mut self, tensor: Resource<Tensor>) -> Result<Vec<u32>> {
        Ok(self.table.get(&tensor)?.dimensions.clone())
    }

    fn ty(&mut self, tensor: Resource<Tensor>) -> Result<tensor::TensorType> {
        Ok(self.table.get(&tensor)?.ty)
    }

    fn data(&mut self, tensor: Resource<Tensor>) -> Result<Vec<u8>> {
        Ok(self.table.get(&tensor)?.data.clone())
    }

    fn drop(&mut self, tensor: Resource<Tensor>) -> Result<()> {
        self.delete_tensor(tensor).map(drop)
    }
}

impl errors::Host for NnCtxView<'_> {}

impl errors::HostError for NnCtxView<'_> {
    fn code(&mut self, error: Resource<Failure>) -> Result<ErrorCode> {
        Ok(self.table.get(&error)?.code)
    }

    fn data(&mut self, error: Resource<Failure>) -> Result<String> {
        Ok(self.table.get(&error)?.data.clone())
    }

    fn drop(&mut self, error: Resource<Failure>) -> Result<()> {
        self.delete(error).map(drop)
    }
}

#[cfg(test)]
#[path = "host_tests.rs"]
mod tests;
