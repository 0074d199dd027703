//! What one request may cost.

/// Bytes of a request's body.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Time from a request to the end of its answer, in milliseconds.
pub const REQUEST_TIME_MAX_MS: u64 = 300_000;

/// Bytes of path and query.
pub const TARGET_BYTES_MAX: usize = 8 * 1024;
