//! ONNX, the exchange format of neural networks: graphs of operators and their weights in protocol buffers.
//!
//! - [`Header`] reads what a graph takes and gives, within bounds, without its weights.
//! - [`Graph`] writes a file, atomically.
//! - [`bert`] is the encoder of BERT as a graph; [`convert`] fills it from sentence-transformers' files or from GGUF.
//! - [`encoder`] says whether a graph embeds texts.
//! - [`folder`] says which files of a models folder are graphs, and which have a tokenizer.
//! - [`tiny`] makes very small graphs for tests.

pub mod bert;
pub mod convert;
mod element;
pub mod encoder;
mod error;
pub mod folder;
mod graph;
mod header;
mod protobuf;
mod scan;
pub mod tiny;
pub mod tokenizer;

pub use element::Element;
pub use error::OnnxError;
pub use graph::{Attribute, Graph, Side};
pub use header::{Header, Operators, Port};
