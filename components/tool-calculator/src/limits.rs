//! Bounds on an expression.

/// Bytes of an expression.
pub const EXPRESSION_BYTES_MAX: usize = 1024;
/// Levels of parentheses, signs and powers.
pub const DEPTH_MAX: usize = 64;
