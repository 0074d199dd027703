//! A small llama: what shape it has, its weights, and its loss and gradients over packed conversations.
//!
//! The passes are written out by hand over flat slices: at this size, what an automatic differentiation spends beside
//! the matrix products (zeroed gradients, sums of them, fresh memory for each) is a large part of a step.

mod activations;
mod attention;
mod backward;
mod bf16;
mod engine;
mod entropy;
mod error;
mod file;
mod forward;
mod head;
mod kernel;
mod llama;
mod norm;
mod packed;
mod parameters;
mod product;
#[cfg(any(test, feature = "candle"))]
mod reference;
mod rotary;
mod shape;
mod swiglu;
#[cfg(test)]
mod tests;
mod view;
mod weights;

#[cfg(any(test, feature = "candle"))]
pub use candle_core::Device;
pub use engine::Engine;
pub use error::ModelError;
pub use llama::Llama;
pub use packed::{Packed, Prediction};
pub use parameters::{Kind, Parameter, Table};
#[cfg(any(test, feature = "candle"))]
pub use reference::Accelerated;
pub use shape::{Shape, Size};
pub use weights::Weights;

pub(crate) use file::{PARTIAL_EXTENSION, give_name, partial_of, write_atomically};
pub(crate) use kernel::{Kernel, dot, run};
pub use product::Precision;
pub(crate) use product::Write;
pub(crate) use view::{View, ViewMut};
