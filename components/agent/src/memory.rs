//! Sessions: MCP calls of `memory`.

use gyre_agent_loop::Failure;
use gyre_chain::CallContext;
use gyre_chat_wire::{Message, Role};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::no_memory;
use crate::mcp;

#[derive(Deserialize)]
struct Recalled {
    messages: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    role: String,
    content: String,
}

/// The newest messages of a session, oldest first.
pub(crate) async fn recall(
    session: &str,
    limit: u32,
    context: &CallContext,
) -> Result<Vec<Message>, Failure> {
    let answer = call(
        "recall_session",
        json!({ "session": session, "limit": limit }),
        context,
    )
    .await?;
    let recalled: Recalled =
        serde_json::from_value(answer).map_err(|_| no_memory("memory answered without messages"))?;
    Ok(recalled.messages.into_iter().filter_map(message).collect())
}

/// Writes a turn; when this returns, it is kept.
pub(crate) async fn remember(
    session: &str,
    messages: &[Message],
    context: &CallContext,
) -> Result<(), Failure> {
    let run = context.run_token().map(|token| token.run).unwrap_or_default();
    let said: Vec<Value> = messages
        .iter()
        .map(|message| json!({ "role": message.role.as_str(), "content": message.content }))
        .collect();
    let turn = json!({ "session": session, "run": run, "messages": said });
    call("append_turn", turn, context).await.map(drop)
}

async fn call(tool: &str, arguments: Value, context: &CallContext) -> Result<Value, Failure> {
    let result = mcp::call("memory", tool, arguments, context)
        .await
        .map_err(|error| no_memory(error.to_string()))?;
    if result.is_error {
        return Err(no_memory(result.text));
    }
    result
        .structured
        .ok_or_else(|| no_memory("memory answered without values"))
}

fn message(said: Said) -> Option<Message> {
    let role = match said.role.as_str() {
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => return None,
    };
    Some(Message::text(role, said.content))
}
