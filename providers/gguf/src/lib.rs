//! GGUF version 3, the file format of llama.cpp.
//!
//! - [`Gguf`] reads and checks a file against its own length: llama.cpp is handed whole files only.
//! - [`Builder`] writes one, atomically.
//! - [`folder`] says which files of a models folder are models or adapters, and what they are called.
//! - [`minilm`] converts the sentence-transformers model all-MiniLM-L6-v2.
//! - [`tiny`] makes very small models of random weights for tests, [`sized`] larger ones for benches.

mod adapter;
mod bounds;
mod error;
mod facts;
pub mod folder;
pub mod minilm;
mod purpose;
mod reader;
pub mod sized;
mod tensor;
mod ternary;
pub mod tiny;
mod value;
mod whole;
mod writer;

pub use error::GgufError;
pub use facts::TypeTotal;
pub use purpose::Purpose;
pub use reader::Gguf;
pub use tensor::{TensorInfo, TensorType};
pub use value::{Array, Value, ValueKind};
pub use writer::Builder;

pub(crate) const MAGIC: [u8; 4] = *b"GGUF";
pub(crate) const VERSION: u32 = 3;
pub(crate) const ALIGNMENT_DEFAULT: u64 = 32;
pub(crate) const ALIGNMENT_KEY: &str = "general.alignment";
