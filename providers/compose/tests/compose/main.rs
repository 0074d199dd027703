//! Components made from WIT texts, composed and refused.

mod exports;
mod leaves;
mod middleware;
mod support;
