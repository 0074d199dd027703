//! Values of the port as values of the wire, and back. Pure.

use crate::bindings::exports::gyre::inference::types as port;
use crate::progress::Piece;
use gyre_chat_wire as wire;

/// The body of a request for a streamed completion.
pub(crate) fn body(request: port::ChatRequest) -> Vec<u8> {
    let tool = |tool: port::ToolDefinition| wire::Tool {
        name: tool.name,
        description: tool.description,
        parameters: tool.parameters,
    };
    wire::ChatRequest {
        model: request.model,
        messages: request.messages.into_iter().map(message).collect(),
        tools: request.tools.into_iter().map(tool).collect(),
        tool_choice: match request.tool_choice {
            port::ToolChoice::Auto => wire::ToolChoice::Auto,
            port::ToolChoice::Required => wire::ToolChoice::Required,
            port::ToolChoice::Tool(name) => wire::ToolChoice::Tool(name),
        },
        format: match request.format {
            port::ResponseFormat::Text => wire::Format::Text,
            port::ResponseFormat::JsonObject => wire::Format::JsonObject,
            port::ResponseFormat::JsonSchema(schema) => wire::Format::JsonSchema(schema),
        },
        sampling: sampling(request.sampling),
        stop: request.stop,
        max_tokens: request.budget.max_tokens,
        stream: true,
        include_usage: true,
    }
    .to_json()
}

fn sampling(sampling: port::Sampling) -> wire::Sampling {
    let bias = |(token, bias)| wire::LogitBias {
        token: match token {
            port::BiasToken::Id(id) => wire::BiasToken::Id(id),
            port::BiasToken::Text(text) => wire::BiasToken::Text(text),
        },
        bias,
    };
    wire::Sampling {
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        top_k: sampling.top_k,
        seed: sampling.seed,
        min_p: sampling.min_p,
        frequency_penalty: sampling.frequency_penalty,
        presence_penalty: sampling.presence_penalty,
        logit_bias: sampling.logit_bias.into_iter().map(bias).collect(),
        logprobs: sampling.logprobs,
    }
}

fn message(message: port::Message) -> wire::Message {
    let call = |call: port::ToolCall| wire::ToolCall {
        id: call.id,
        name: call.name,
        arguments: call.arguments,
    };
    wire::Message {
        role: match message.role {
            port::Role::System => wire::Role::System,
            port::Role::User => wire::Role::User,
            port::Role::Assistant => wire::Role::Assistant,
            port::Role::Tool => wire::Role::Tool,
        },
        content: message.content,
        tool_calls: message.tool_calls.into_iter().map(call).collect(),
        tool_call_id: message.tool_call_id,
    }
}

/// A piece of an answer for the port.
pub(crate) fn delta(piece: Piece) -> port::Delta {
    match piece {
        Piece::Text(text) => port::Delta::Text(text),
        Piece::ToolCall(part) => port::Delta::ToolCall(port::ToolCallDelta {
            index: part.index,
            id: part.id,
            name: part.name,
            arguments: part.arguments,
        }),
        Piece::Logprobs(all) => port::Delta::Logprobs(all.into_iter().map(logprobs).collect()),
    }
}

fn logprobs(it: wire::Logprobs) -> port::Logprobs {
    let token = |it: wire::TokenLogprob| port::TokenLogprob {
        bytes: it.bytes,
        logprob: it.logprob,
    };
    port::Logprobs {
        chosen: token(it.chosen),
        top: it.top.into_iter().map(token).collect(),
    }
}

/// The end of an answer for the port.
pub(crate) fn outcome(reason: wire::FinishReason, usage: wire::Usage) -> port::Outcome {
    port::Outcome {
        finish_reason: match reason {
            wire::FinishReason::Stop => port::FinishReason::Stop,
            wire::FinishReason::Length => port::FinishReason::Length,
            wire::FinishReason::ToolCalls => port::FinishReason::ToolCalls,
            wire::FinishReason::ContentFilter => port::FinishReason::ContentFilter,
        },
        usage: port::Usage {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampling_of_all() -> port::Sampling {
        port::Sampling {
            temperature: Some(0.5),
            top_p: Some(0.25),
            top_k: Some(4),
            seed: Some(7),
            min_p: Some(0.125),
            frequency_penalty: Some(0.5),
            presence_penalty: Some(-0.5),
            logit_bias: vec![(port::BiasToken::Id(5), -1.0)],
            logprobs: Some(2),
        }
    }

    #[test]
    fn a_whole_request_arrives_as_it_was_asked() {
        let tool = port::ToolDefinition {
            name: "add".into(),
            description: "adds".into(),
            parameters: "{\"type\":\"object\"}".into(),
        };
        let called = port::Message {
            role: port::Role::Assistant,
            content: String::new(),
            tool_calls: vec![port::ToolCall {
                id: "c".into(),
                name: "add".into(),
                arguments: "{}".into(),
            }],
            tool_call_id: None,
        };
        let result = port::Message {
            role: port::Role::Tool,
            content: "3".into(),
            tool_calls: vec![],
            tool_call_id: Some("c".into()),
        };
        let json = body(port::ChatRequest {
            model: "m".into(),
            messages: vec![called, result],
            tools: vec![tool],
            tool_choice: port::ToolChoice::Tool("add".into()),
            format: port::ResponseFormat::JsonSchema("{\"type\":\"object\"}".into()),
            sampling: sampling_of_all(),
            stop: vec!["end".into()],
            budget: port::Budget {
                max_tokens: Some(9),
                deadline_ms: Some(1),
            },
        });
        // The server's side of the same wire reads it.
        let read = wire::parse_chat(&json).expect("a valid request");
        assert!(read.stream && read.include_usage);
        assert_eq!(
            (read.model.as_str(), read.max_tokens, read.stop),
            ("m", Some(9), vec!["end".into()])
        );
        assert_eq!(read.tool_choice, wire::ToolChoice::Tool("add".into()));
        assert_eq!(
            read.format,
            wire::Format::JsonSchema("{\"type\":\"object\"}".into())
        );
        assert_eq!((read.sampling.seed, read.sampling.top_k), (Some(7), Some(4)));
        assert_eq!(
            (read.sampling.temperature, read.sampling.top_p),
            (Some(0.5), Some(0.25))
        );
        let more = (
            read.sampling.min_p,
            read.sampling.frequency_penalty,
            read.sampling.presence_penalty,
            read.sampling.logprobs,
        );
        assert_eq!(more, (Some(0.125), Some(0.5), Some(-0.5), Some(2)));
        assert_eq!(read.sampling.logit_bias[0].token, wire::BiasToken::Id(5));
        assert_eq!(read.messages[0].tool_calls[0].id, "c");
        assert_eq!(read.messages[1].tool_call_id.as_deref(), Some("c"));
        assert_eq!(read.tools[0].description, "adds");
    }
}
