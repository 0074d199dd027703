//! The server's side: reading and checking requests, writing answers.

use serde_json::{Map, Value, json};

use crate::tool::{Annotations, Tool, ToolResult};
use crate::{META, META_CAPABILITIES, META_VERSION, PROTOCOL_VERSION, name};

/// Parse error of JSON-RPC.
pub const PARSE_ERROR: i64 = -32700;
/// Not a request of JSON-RPC.
pub const INVALID_REQUEST: i64 = -32600;
/// No such method.
pub const METHOD_NOT_FOUND: i64 = -32601;
/// Wrong parameters.
pub const INVALID_PARAMS: i64 = -32602;
/// The server failed.
pub const INTERNAL_ERROR: i64 = -32603;
/// A header does not repeat the body.
pub const HEADER_MISMATCH: i64 = -32020;
/// A version that is not spoken.
pub const UNSUPPORTED_VERSION: i64 = -32022;

/// How long a client may keep a list of tools, in milliseconds.
const LIST_TTL_MS: u64 = 60_000;

/// The headers of a request that the wire gives a meaning.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `Accept`
    pub accept: Option<&'a str>,
    /// `MCP-Protocol-Version`
    pub version: Option<&'a str>,
    /// `Mcp-Method`
    pub method: Option<&'a str>,
    /// `Mcp-Name`
    pub name: Option<&'a str>,
}

/// What a client sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// It wants an answer.
    Request {
        /// To be repeated in the answer.
        id: Value,
        /// What it wants.
        call: Call,
    },
    /// It wants none: answer 202.
    Notification,
}

/// What a client wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// `server/discover`
    Discover,
    /// `tools/list`
    ListTools,
    /// `tools/call`
    CallTool {
        /// Which tool.
        name: String,
        /// With what; absent arguments are none.
        arguments: Map<String, Value>,
    },
}

/// Why a request is not served.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The request, when it could be read; else null.
    pub id: Value,
    /// Code of JSON-RPC or MCP.
    pub code: i64,
    /// What is wrong, and the cure.
    pub message: String,
    /// What a program may want to know.
    pub data: Option<Value>,
}

impl Refusal {
    /// A refusal without data.
    pub fn new(status: u16, id: &Value, code: i64, message: impl Into<String>) -> Self {
        Self {
            status,
            id: id.clone(),
            code,
            message: message.into(),
            data: None,
        }
    }

    /// The answer's body.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(data) = &self.data {
            error["data"] = data.clone();
        }
        json!({ "jsonrpc": "2.0", "id": self.id, "error": error })
            .to_string()
            .into_bytes()
    }
}

/// Refuses requests of web pages: a page of another site must not reach a server through its reader's browser.
/// `allowed` are the origins that may.
pub fn check_origin(origin: Option<&str>, allowed: &[&str]) -> Result<(), Refusal> {
    match origin {
        Some(origin) if !allowed.contains(&origin) => {
            let message =
                "requests of web pages of this origin are not served; hint: send no `Origin` header";
            Err(Refusal::new(403, &Value::Null, INVALID_REQUEST, message))
        }
        _ => Ok(()),
    }
}

/// Refuses every method but POST; such an answer needs the header `Allow: POST`.
pub fn check_method(method: &str) -> Result<(), Refusal> {
    if method == "POST" {
        return Ok(());
    }
    let message = "there are no sessions and no streams of a server here; hint: POST one JSON-RPC request";
    Err(Refusal::new(405, &Value::Null, INVALID_REQUEST, message))
}

/// Reads and checks a request.
pub fn parse(headers: Headers<'_>, body: &[u8]) -> Result<Message, Refusal> {
    check_accept(headers.accept)?;
    let value: Value = serde_json::from_slice(body).map_err(|_| {
        Refusal::new(
            400,
            &Value::Null,
            PARSE_ERROR,
            "the body is not JSON; send one JSON-RPC request",
        )
    })?;
    let Value::Object(request) = value else {
        let message = "the body is not one JSON-RPC request; send an object (there are no batches)";
        return Err(Refusal::new(400, &Value::Null, INVALID_REQUEST, message));
    };
    let id = request.get("id").cloned().unwrap_or(Value::Null);
    let method = match (
        request.get("jsonrpc").and_then(Value::as_str),
        request.get("method").and_then(Value::as_str),
    ) {
        (Some("2.0"), Some(method)) => method,
        _ => {
            let message = r#"a request needs "jsonrpc": "2.0" and a "method""#;
            return Err(Refusal::new(400, &id, INVALID_REQUEST, message));
        }
    };
    match &id {
        Value::Null if !request.contains_key("id") => return Ok(Message::Notification),
        Value::String(_) | Value::Number(_) => {}
        _ => {
            return Err(Refusal::new(
                400,
                &Value::Null,
                INVALID_REQUEST,
                "`id` must be a string or a number",
            ));
        }
    }
    let empty = Map::new();
    let params = request.get("params").and_then(Value::as_object).unwrap_or(&empty);
    check_meta(&id, params, headers.version)?;
    same(&id, "Mcp-Method", headers.method, method)?;
    let call = call(&id, method, params, headers.name)?;
    Ok(Message::Request { id, call })
}

fn check_accept(accept: Option<&str>) -> Result<(), Refusal> {
    let accepts = |wanted: &str| {
        accept.unwrap_or_default().split(',').any(|part| {
            let media_type = part.split(';').next().unwrap_or_default().trim();
            media_type == "*/*" || media_type.eq_ignore_ascii_case(wanted)
        })
    };
    if accepts("application/json") && accepts("text/event-stream") {
        return Ok(());
    }
    let message = format!("`Accept` must list {}", crate::ACCEPT);
    Err(Refusal::new(406, &Value::Null, INVALID_REQUEST, message))
}

fn check_meta(id: &Value, params: &Map<String, Value>, header: Option<&str>) -> Result<(), Refusal> {
    let meta = params.get(META).and_then(Value::as_object);
    let version = meta.and_then(|m| m.get(META_VERSION)).and_then(Value::as_str);
    let capabilities = meta
        .and_then(|m| m.get(META_CAPABILITIES))
        .is_some_and(Value::is_object);
    let (Some(version), true) = (version, capabilities) else {
        let message =
            format!("`params.{META}` needs `{META_VERSION}` (text) and `{META_CAPABILITIES}` (object)");
        return Err(Refusal::new(400, id, INVALID_PARAMS, message));
    };
    same(id, "MCP-Protocol-Version", header, version)?;
    if version == PROTOCOL_VERSION {
        return Ok(());
    }
    Err(Refusal {
        data: Some(json!({ "supported": [PROTOCOL_VERSION], "requested": version })),
        ..Refusal::new(
            400,
            id,
            UNSUPPORTED_VERSION,
            format!("use protocol version {PROTOCOL_VERSION}"),
        )
    })
}

fn same(id: &Value, header: &str, given: Option<&str>, body: &str) -> Result<(), Refusal> {
    match given {
        Some(value) if value == body => Ok(()),
        Some(_) => Err(mismatch(
            id,
            &format!("the header {header} does not repeat the body"),
        )),
        None => Err(mismatch(
            id,
            &format!("the header {header} is missing; it must repeat the body"),
        )),
    }
}

fn mismatch(id: &Value, message: &str) -> Refusal {
    Refusal::new(400, id, HEADER_MISMATCH, message)
}

fn call(
    id: &Value,
    method: &str,
    params: &Map<String, Value>,
    header: Option<&str>,
) -> Result<Call, Refusal> {
    match method {
        "server/discover" => Ok(Call::Discover),
        "tools/list" => Ok(Call::ListTools),
        "tools/call" => {
            let Some(tool) = params.get("name").and_then(Value::as_str) else {
                return Err(Refusal::new(
                    400,
                    id,
                    INVALID_PARAMS,
                    "`params.name` must name a tool of tools/list",
                ));
            };
            let decoded = header.map(|value| name::decode(value).ok_or(value)).transpose();
            let decoded = decoded.map_err(|_| mismatch(id, "the header Mcp-Name is not base64 of UTF-8"))?;
            same(id, "Mcp-Name", decoded.as_deref(), tool)?;
            let arguments = match params.get("arguments") {
                None => Map::new(),
                Some(Value::Object(arguments)) => arguments.clone(),
                Some(_) => {
                    return Err(Refusal::new(
                        400,
                        id,
                        INVALID_PARAMS,
                        "`params.arguments` must be an object",
                    ));
                }
            };
            Ok(Call::CallTool {
                name: tool.to_owned(),
                arguments,
            })
        }
        _ => {
            let message = "no such method; there are server/discover, tools/list and tools/call";
            Err(Refusal::new(404, id, METHOD_NOT_FOUND, message))
        }
    }
}

/// The answer to `server/discover`.
#[must_use]
pub fn discovered(id: &Value, name: &str, version: &str) -> Vec<u8> {
    let result = json!({
        "resultType": "complete",
        "supportedVersions": [PROTOCOL_VERSION],
        "capabilities": { "tools": {} },
        "serverInfo": { "name": name, "version": version },
        "ttlMs": LIST_TTL_MS,
        "cacheScope": "public",
    });
    answer(id, result)
}

/// The answer to `tools/list`.
#[must_use]
pub fn listed(id: &Value, tools: &[Tool]) -> Vec<u8> {
    list(id, tools.iter().map(Tool::to_json).collect())
}

/// The answer to `tools/list` that also says what each tool changes.
#[must_use]
pub fn listed_with(id: &Value, tools: &[(Tool, Annotations)]) -> Vec<u8> {
    let annotated = |(tool, annotations): &(Tool, Annotations)| {
        let mut json = tool.to_json();
        json["annotations"] = annotations.to_json();
        json
    };
    list(id, tools.iter().map(annotated).collect())
}

fn list(id: &Value, tools: Vec<Value>) -> Vec<u8> {
    let result = json!({
        "resultType": "complete", "tools": tools, "ttlMs": LIST_TTL_MS, "cacheScope": "public",
    });
    answer(id, result)
}

/// The answer to `tools/call`.
#[must_use]
pub fn called(id: &Value, result: &ToolResult) -> Vec<u8> {
    answer(id, result.to_json())
}

fn answer(id: &Value, result: Value) -> Vec<u8> {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
        .to_string()
        .into_bytes()
}

#[cfg(test)]
mod tests;
