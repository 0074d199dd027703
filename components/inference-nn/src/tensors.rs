//! Graphs and tensors of wasi-nn: open a model, compute, take outputs by name.

use crate::bindings::exports::gyre::inference::chat::Error;
use crate::bindings::wasi::nn::graph::load_by_name;
use crate::bindings::wasi::nn::inference::GraphExecutionContext;
use crate::bindings::wasi::nn::tensor::{Tensor, TensorType};
use crate::errors;

/// A model under execution; dropping it cancels what the engine still does for it.
pub(crate) struct Session {
    context: GraphExecutionContext,
}

impl Session {
    /// Opens the model of this name.
    pub(crate) fn open(model: &str) -> Result<Self, Error> {
        let graph = load_by_name(model).map_err(|error| errors::from_host(&error))?;
        let context = graph
            .init_execution_context()
            .map_err(|error| errors::from_host(&error))?;
        Ok(Self { context })
    }

    /// One compute with one input of bytes.
    pub(crate) fn compute_with(&self, name: &str, bytes: &[u8]) -> Result<Outputs, Error> {
        let length = u32::try_from(bytes.len())
            .map_err(|_| Error::Invalid(format!("input `{name}` is larger than 4 GiB")))?;
        self.run(vec![(
            name.to_owned(),
            Tensor::new(&[length], TensorType::U8, bytes),
        )])
    }

    /// One compute without inputs.
    pub(crate) fn compute(&self) -> Result<Outputs, Error> {
        self.run(Vec::new())
    }

    fn run(&self, inputs: Vec<(String, Tensor)>) -> Result<Outputs, Error> {
        let outputs = self
            .context
            .compute(inputs)
            .map_err(|error| errors::from_host(&error))?;
        Ok(Outputs { outputs })
    }
}

/// What one compute returned.
pub(crate) struct Outputs {
    outputs: Vec<(String, Tensor)>,
}

impl Outputs {
    /// Bytes of the output of this name, if there is one.
    pub(crate) fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.find(name, TensorType::U8)
            .map(|found| found.map(Tensor::data))
    }

    /// Bytes of an output that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.bytes(name)?.ok_or_else(|| missing(name))
    }

    /// Shape and bytes of an output of floats that must be there.
    pub(crate) fn floats(&self, name: &str) -> Result<(Vec<u32>, Vec<u8>), Error> {
        let tensor = self.find(name, TensorType::Fp32)?.ok_or_else(|| missing(name))?;
        Ok((tensor.dimensions(), tensor.data()))
    }

    fn find(&self, name: &str, wanted: TensorType) -> Result<Option<&Tensor>, Error> {
        let Some((_, tensor)) = self.outputs.iter().find(|(given, _)| given == name) else {
            return Ok(None);
        };
        if tensor.ty() != wanted {
            return Err(errors::protocol(format!(
                "output `{name}` is {:?}, not {wanted:?}",
                tensor.ty()
            )));
        }
        Ok(Some(tensor))
    }
}

fn missing(name: &str) -> Error {
    errors::protocol(format!("output `{name}` is missing"))
}
