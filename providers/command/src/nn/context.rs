//! One execution context: an input, a compute, its outputs by index.

use super::bounds::{Bounds, TENSOR_BYTES_MAX};
use gyre_capability_nn::session::{Element, Output, Session};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::watch;
use wasmtime::format_err;
use wasmtime_wasi_nn::Tensor;
use wasmtime_wasi_nn::backend::{BackendError, BackendExecutionContext, Id, NamedTensor};
use wasmtime_wasi_nn::wit::TensorType;

/// A model under execution.
pub(super) struct Context {
    session: Session,
    input: Option<Vec<u8>>,
    /// By index; nothing before the first compute.
    outputs: Option<Vec<Option<Output>>>,
    /// Bytes of the above that are counted.
    counted_bytes: usize,
    bounds: Arc<Bounds>,
    stopped: watch::Receiver<bool>,
}

impl Context {
    pub(super) fn new(session: Session, bounds: Arc<Bounds>, stopped: watch::Receiver<bool>) -> Self {
        Self {
            session,
            input: None,
            outputs: None,
            counted_bytes: 0,
            bounds,
            stopped,
        }
    }

    /// Counts what is held now in place of what was held.
    fn count(&mut self, bytes: usize) -> Result<(), BackendError> {
        self.bounds
            .tensor_bytes
            .give(std::mem::take(&mut self.counted_bytes));
        if !self.bounds.tensor_bytes.take(bytes, TENSOR_BYTES_MAX) {
            (self.input, self.outputs) = (None, None);
            tracing::warn!(
                "the program's tensors are over {TENSOR_BYTES_MAX} bytes; hint: send less at once"
            );
            return Err(BackendError::NotEnoughMemory(bytes));
        }
        self.counted_bytes = bytes;
        Ok(())
    }

    fn held_bytes(&self) -> usize {
        let outputs = self.outputs.iter().flatten().flatten();
        let outputs: usize = outputs.map(|output| output.data.len()).sum();
        outputs + self.input.as_ref().map_or(0, Vec::len)
    }

    /// Waits for the engine on this thread: the ABI is synchronous. What ends the program ends the wait.
    fn wait(&mut self) -> Result<Vec<Option<Output>>, BackendError> {
        let (session, input) = (&mut self.session, self.input.take());
        let stopped = &mut self.stopped;
        let computed = tokio::task::block_in_place(|| {
            Handle::current().block_on(async {
                tokio::select! {
                    computed = session.compute(input) => Some(computed),
                    _ = stopped.wait_for(|stopped| *stopped) => None,
                }
            })
        });
        match computed {
            Some(Ok(outputs)) => Ok(outputs),
            Some(Err(refused)) => {
                tracing::warn!("wasi-nn: {refused}");
                Err(format_err!("{refused}").into())
            }
            None => Err(format_err!("the program is being ended").into()),
        }
    }
}

impl BackendExecutionContext for Context {
    fn set_input(&mut self, id: Id, tensor: &Tensor) -> Result<(), BackendError> {
        let name = self.session.input_name();
        if !matches!(id, Id::Index(0)) || tensor.ty != TensorType::U8 {
            tracing::warn!("wasi-nn: there is one input, `{name}`, at index 0, of type U8");
            return Err(BackendError::UnsupportedTensorType(format!("{:?}", tensor.ty)));
        }
        // Counted before it is copied.
        self.input = None;
        self.count(self.held_bytes() + tensor.data.len())?;
        self.input = Some(tensor.data.clone());
        Ok(())
    }

    fn compute(&mut self, _: Option<Vec<NamedTensor>>) -> Result<Option<Vec<NamedTensor>>, BackendError> {
        self.outputs = None;
        let outputs = self.wait()?;
        self.outputs = Some(outputs);
        self.count(self.held_bytes())?;
        Ok(None)
    }

    fn get_output(&mut self, id: Id) -> Result<Tensor, BackendError> {
        let index = id.index().and_then(|index| usize::try_from(index).ok());
        let output = index.and_then(|index| self.outputs.as_ref()?.get(index));
        match output {
            Some(Some(output)) => Ok(Tensor::new(
                output.dimensions.clone(),
                match output.element {
                    Element::Byte => TensorType::U8,
                    Element::Float => TensorType::Fp32,
                },
                output.data.clone(),
            )),
            Some(None) => Ok(Tensor::new(vec![0], TensorType::U8, Vec::new())),
            None => Err(format_err!("there is no such output, or nothing is computed yet").into()),
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.bounds.tensor_bytes.give(self.counted_bytes);
        self.bounds.contexts.give(1);
    }
}
