//! Values of the port as values of the wire, and back. Pure.

use crate::bindings::exports::gyre::inference::types as port;
use crate::dialect::Dialect;
use crate::progress::Piece;
use gyre_chat_wire as wire;

/// The body of a request for a streamed completion. What the dialect does not have has been refused, or stays here.
pub(crate) fn body(request: port::ChatRequest, dialect: Dialect) -> Vec<u8> {
    let knows_gyre = dialect == Dialect::Gyre;
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
        budget: wire::Budget {
            total_tokens: request.budget.total_tokens,
            cost_micros_max: request.budget.cost_micros_max,
            time_ms_max: request.budget.time_ms_max,
            // Kept here: the clocks of two machines differ.
            deadline_ms: None,
        },
        adapter: request.adapter,
        tenant: request.tenant.filter(|_| knows_gyre),
        // With others an urgency has a price.
        priority: match request.priority {
            port::Priority::Low if knows_gyre => wire::Priority::Low,
            port::Priority::High if knows_gyre => wire::Priority::High,
            _ => wire::Priority::Normal,
        },
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
            wire::FinishReason::CostExhausted => port::FinishReason::CostExhausted,
            wire::FinishReason::TimeExhausted => port::FinishReason::TimeExhausted,
        },
        usage: port::Usage {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            cached_prompt_tokens: usage.cached_prompt_tokens,
        },
    }
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
