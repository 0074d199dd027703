//! What one side of the wire writes, the other reads back.

use gyre_anthropic_wire::face::{self, Answer, MessageWriter};
use gyre_anthropic_wire::provider::{self, MessageReader};
use gyre_chat_wire::{
    ChatEvent, ChatRequest, Choice, Completion, FinishReason, Format, Message, Role, Sampling, Tool,
    ToolCall, ToolCallPart, ToolChoice, Usage,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn answer() -> Answer {
    Answer {
        id: "msg_1".into(),
        model: "asked".into(),
        single_tool_use: false,
    }
}

fn arguments() -> impl Strategy<Value = String> {
    prop::collection::btree_map("[a-z]{1,4}", "\\PC{0,8}", 0..3).prop_map(|map| json!(map).to_string())
}

/// Names and arguments of calls.
type Calls = Vec<(String, String)>;
/// A user's text, an assistant's, and the calls the assistant makes.
type Exchange = (String, String, Calls);

fn calls() -> impl Strategy<Value = Calls> {
    prop::collection::vec(("[a-z]{1,6}", arguments()), 0..4)
}

fn exchanges() -> impl Strategy<Value = Vec<Exchange>> {
    prop::collection::vec(("\\PC{1,12}", "\\PC{1,12}", calls()), 0..4)
}

fn tool_calls(prefix: &str, calls: &[(String, String)]) -> Vec<ToolCall> {
    let call = |(index, (name, arguments)): (usize, &(String, String))| ToolCall {
        id: format!("{prefix}_{index}"),
        name: name.clone(),
        arguments: arguments.clone(),
    };
    calls.iter().enumerate().map(call).collect()
}

fn conversation(system: &str, exchanges: &[Exchange]) -> Vec<Message> {
    let mut messages = Vec::new();
    if !system.is_empty() {
        messages.push(Message::text(Role::System, system));
    }
    for (index, (asked, said, calls)) in exchanges.iter().enumerate() {
        messages.push(Message::text(Role::User, asked.as_str()));
        let tool_calls = tool_calls(&format!("t{index}"), calls);
        let ids: Vec<String> = tool_calls.iter().map(|call| call.id.clone()).collect();
        messages.push(Message {
            tool_calls,
            ..Message::text(Role::Assistant, said.as_str())
        });
        messages.extend(ids.into_iter().map(|id| Message {
            tool_call_id: Some(id),
            ..Message::text(Role::Tool, "result")
        }));
    }
    messages.push(Message::text(Role::User, "Go on."));
    messages
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn requests(
        system in "\\PC{0,8}",
        exchanges in exchanges(),
        choice in 0..4_u8,
        max_tokens in 1..9_u32,
        stream in any::<bool>(),
        sampled in prop::option::of(1..9_u16),
    ) {
        let tool = Tool { name: "f".into(), description: "d".into(), parameters: r#"{"type":"object"}"#.into() };
        let mut chat = ChatRequest::new("m", conversation(&system, &exchanges));
        if choice > 0 {
            chat.tools = vec![tool];
            chat.tool_choice = [ToolChoice::Auto, ToolChoice::Required, ToolChoice::Tool("f".into())]
                [usize::from(choice - 1)].clone();
        } else {
            chat.format = Format::JsonSchema(r#"{"type":"object"}"#.into());
        }
        chat.max_tokens = Some(max_tokens);
        chat.stop = vec!["END".into()];
        chat.sampling = Sampling {
            temperature: sampled.map(|it| f32::from(it) / 16.0),
            top_k: sampled.map(u32::from),
            ..Sampling::default()
        };
        chat.stream = stream;
        chat.include_usage = stream;
        let body = provider::request_json(&chat, 1).unwrap();
        let read = face::parse_message(&body).unwrap();
        prop_assert_eq!(read.chat, chat);
    }

    #[test]
    fn whole_answers(text in "\\PC{0,12}", calls in calls(), cached in prop::option::of(0..9_u32)) {
        let finish_reason = if calls.is_empty() { FinishReason::Stop } else { FinishReason::ToolCalls };
        let completion = Completion {
            id: "msg_1".into(),
            created: 7,
            model: "m".into(),
            choice: Choice { content: text, tool_calls: tool_calls("t", &calls), logprobs: vec![], finish_reason },
            usage: Usage { prompt_tokens: 9, completion_tokens: 3, cached_prompt_tokens: cached },
        };
        let body = face::render_message(&completion, &answer()).unwrap().to_string();
        prop_assert_eq!(provider::parse_message(body.as_bytes(), 7), Ok(completion));
    }

    #[test]
    fn streams(text in "\\PC{0,12}", calls in calls(), cached in prop::option::of(0..9_u32)) {
        let usage = Usage { prompt_tokens: 9, completion_tokens: 3, cached_prompt_tokens: cached };
        let reason = if calls.is_empty() { FinishReason::Length } else { FinishReason::ToolCalls };
        let mut told = vec![ChatEvent::Model("m".into())];
        told.extend((!text.is_empty()).then_some(ChatEvent::Text(text)));
        for (index, call) in (0..).zip(tool_calls("t", &calls)) {
            let part = |id, name, arguments| ChatEvent::ToolCall(ToolCallPart { index, id, name, arguments });
            told.push(part(Some(call.id), Some(call.name), String::new()));
            told.push(part(None, None, call.arguments));
        }
        told.extend([ChatEvent::Finish(reason), ChatEvent::Usage(usage)]);
        let mut writer = MessageWriter::new(answer());
        let mut body: String = told.iter().map(|event| writer.push(event.clone()).unwrap()).collect();
        body.push_str(&writer.end().unwrap());
        let mut reader = MessageReader::new();
        prop_assert_eq!(reader.push(body.as_bytes()), Ok(told));
        prop_assert!(reader.is_done());
    }
}

#[test]
fn refusals() {
    for (status, code, kind) in [
        (529, "overloaded", "overloaded_error"),
        (402, "insufficient_quota", "billing_error"),
        (404, "model_not_found", "not_found_error"),
        (429, "rate_limit_exceeded", "rate_limit_error"),
    ] {
        let body = json!({ "type": "error", "error": { "type": kind, "message": "Sorry" } }).to_string();
        let error = provider::parse_error(status, body.as_bytes(), None);
        assert_eq!(error.code.as_deref(), Some(code));
        let again: Value = face::render_error(&error, None);
        assert_eq!(
            (&again["error"]["type"], face::status_of(&error)),
            (&json!(kind), status)
        );
    }
}
