//! Spin's protocol for models on another machine, as a face: `POST /infer` and `POST /embed`, as stock Spin's
//! `llm_compute` of the type `remote_http` sends and reads them where no `api_type` is set.
//!
//! [`Endpoint::of`], then [`parse_infer`] and [`render_infer`], or [`parse_embed`] and [`render_embed`]; refusals by
//! [`error_json`]. Plain values, no I/O, no clock. Spin sends no `content-type`, so none may be demanded.
//!
//! Source: Spin's `crates/llm-remote-http/src/default.rs` and `spin:llm@2.0.0`, August 2026.

mod embed;
mod endpoint;
mod failure;
mod infer;

pub use embed::{parse_embed, render_embed};
pub use endpoint::Endpoint;
pub use failure::error_json;
pub use infer::{Infer, Repeat, parse_infer, render_infer};
