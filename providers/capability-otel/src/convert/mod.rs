//! What guests say, as OTLP says it: cut to size, never refused.

mod log;
mod metric;
mod span;
mod value;

pub(crate) use log::log;
pub(crate) use metric::metrics;
pub(crate) use span::{context_of, span, wit_context};
pub(crate) use value::{attribute, resource_of};
