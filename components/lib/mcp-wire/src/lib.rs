//! The JSON and headers of MCP 2026-07-28 (stateless), both sides, as far as Gyre speaks it: `server/discover`,
//! `tools/list` and `tools/call`. This is the only place that knows them. Everything here is pure.

pub mod client;
pub mod name;
pub mod server;
pub mod tool;

pub use client::{CallRequest, ClientError};
pub use server::{Call, Headers, Message, Refusal};
pub use tool::{Annotations, Tool, ToolResult};

/// The version that is spoken.
pub const PROTOCOL_VERSION: &str = "2026-07-28";

/// Header that repeats `_meta`'s protocol version.
pub const VERSION_HEADER: &str = "mcp-protocol-version";
/// Header that repeats the method.
pub const METHOD_HEADER: &str = "mcp-method";
/// Header that repeats the tool's name.
pub const NAME_HEADER: &str = "mcp-name";

/// Media types that every client must accept.
pub const ACCEPT: &str = "application/json, text/event-stream";

const META: &str = "_meta";
const META_TRACEPARENT: &str = "traceparent";
const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
