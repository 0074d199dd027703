//! Makes a small chat model on two processor cores: its data, its tokenizer, its training, its GGUF file and what it is
//! worth.

pub mod model;
pub mod train;
