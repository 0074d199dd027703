//! `inference-http`: the port `gyre:inference` by any server that speaks OpenAI's API.
//!
//! `config` reads the variables, `upstream` sends and bounds, `completion` follows one streamed answer, `progress`
//! checks that it keeps the protocol, `refusal` gives a failure its type, `translate` stands between port and wire.

mod bindings;
mod completion;
mod config;
mod deadline;
mod dialect;
mod embedding;
mod handler;
mod model_list;
mod progress;
mod public_text;
mod refusal;
mod translate;
mod upstream;
