//! Values of the wire as values of the port, and back. Pure.

use crate::bindings::gyre::inference::types as port;
use gyre_chat_wire as wire;

/// A request of the wire for the port.
pub(crate) fn request(request: wire::ChatRequest) -> port::ChatRequest {
    port::ChatRequest {
        model: request.model,
        messages: request.messages.into_iter().map(message).collect(),
        tools: request
            .tools
            .into_iter()
            .map(
                |wire::Tool {
                     name,
                     description,
                     parameters,
                 }| port::ToolDefinition {
                    name,
                    description,
                    parameters,
                },
            )
            .collect(),
        tool_choice: match request.tool_choice {
            wire::ToolChoice::Auto => port::ToolChoice::Auto,
            wire::ToolChoice::Required => port::ToolChoice::Required,
            wire::ToolChoice::Tool(name) => port::ToolChoice::Tool(name),
        },
        format: match request.format {
            wire::Format::Text => port::ResponseFormat::Text,
            wire::Format::JsonObject => port::ResponseFormat::JsonObject,
            wire::Format::JsonSchema(schema) => port::ResponseFormat::JsonSchema(schema),
        },
        sampling: sampling(request.sampling),
        stop: request.stop,
        budget: budget(request.max_tokens, request.budget),
        adapter: request.adapter,
        tenant: request.tenant,
        priority: match request.priority {
            wire::Priority::Low => port::Priority::Low,
            wire::Priority::Normal => port::Priority::Normal,
            wire::Priority::High => port::Priority::High,
        },
    }
}

fn budget(max_tokens: Option<u32>, budget: wire::Budget) -> port::Budget {
    let wire::Budget {
        total_tokens,
        cost_micros_max,
        time_ms_max,
        deadline_ms,
    } = budget;
    port::Budget {
        max_tokens,
        total_tokens,
        cost_micros_max,
        time_ms_max,
        deadline_ms,
    }
}

fn sampling(sampling: wire::Sampling) -> port::Sampling {
    let wire::Sampling {
        temperature,
        top_p,
        top_k,
        seed,
        min_p,
        frequency_penalty,
        presence_penalty,
        logit_bias,
        logprobs,
    } = sampling;
    let bias = |it: wire::LogitBias| match it.token {
        wire::BiasToken::Id(id) => (port::BiasToken::Id(id), it.bias),
        wire::BiasToken::Text(text) => (port::BiasToken::Text(text), it.bias),
    };
    port::Sampling {
        temperature,
        top_p,
        top_k,
        seed,
        min_p,
        frequency_penalty,
        presence_penalty,
        logit_bias: logit_bias.into_iter().map(bias).collect(),
        logprobs,
    }
}

/// How likely tokens were, for the wire.
pub(crate) fn logprobs(all: Vec<port::Logprobs>) -> Vec<wire::Logprobs> {
    let token = |it: port::TokenLogprob| wire::TokenLogprob {
        bytes: it.bytes,
        logprob: it.logprob,
    };
    let one = |it: port::Logprobs| wire::Logprobs {
        chosen: token(it.chosen),
        top: it.top.into_iter().map(token).collect(),
    };
    all.into_iter().map(one).collect()
}

fn message(message: wire::Message) -> port::Message {
    port::Message {
        role: match message.role {
            wire::Role::System => port::Role::System,
            wire::Role::User => port::Role::User,
            wire::Role::Assistant => port::Role::Assistant,
            wire::Role::Tool => port::Role::Tool,
        },
        content: message.content,
        tool_calls: message
            .tool_calls
            .into_iter()
            .map(|wire::ToolCall { id, name, arguments }| port::ToolCall { id, name, arguments })
            .collect(),
        tool_call_id: message.tool_call_id,
    }
}

/// A piece of a tool call for the wire.
pub(crate) fn tool_call_part(part: port::ToolCallDelta) -> wire::ToolCallPart {
    let port::ToolCallDelta {
        index,
        id,
        name,
        arguments,
    } = part;
    wire::ToolCallPart {
        index,
        id,
        name,
        arguments,
    }
}

/// Why a completion ended, for the wire.
pub(crate) fn finish_reason(reason: port::FinishReason) -> wire::FinishReason {
    match reason {
        port::FinishReason::Stop => wire::FinishReason::Stop,
        port::FinishReason::Length => wire::FinishReason::Length,
        port::FinishReason::ToolCalls => wire::FinishReason::ToolCalls,
        port::FinishReason::ContentFilter => wire::FinishReason::ContentFilter,
        port::FinishReason::CostExhausted => wire::FinishReason::CostExhausted,
        port::FinishReason::TimeExhausted => wire::FinishReason::TimeExhausted,
    }
}

/// What a completion cost, for the wire.
pub(crate) fn usage(usage: port::Usage) -> wire::Usage {
    wire::Usage {
        prompt_tokens: usage.prompt_tokens,
        completion_tokens: usage.completion_tokens,
        cached_prompt_tokens: usage.cached_prompt_tokens,
    }
}

/// An error of the port for the wire.
pub(crate) fn error(error: port::Error) -> wire::ApiError {
    let failure = match error {
        port::Error::ModelNotFound(text) => wire::Failure::ModelNotFound(text),
        port::Error::AdapterNotFound(text) => wire::Failure::AdapterNotFound(text),
        port::Error::ContextTooLong(overflow) => wire::Failure::ContextTooLong {
            limit_tokens: overflow.limit_tokens,
            requested_tokens: overflow.requested_tokens,
        },
        port::Error::Overloaded(retry_after_ms) => wire::Failure::Overloaded { retry_after_ms },
        port::Error::BudgetExhausted(text) => wire::Failure::BudgetExhausted(text),
        port::Error::Cancelled => wire::Failure::Cancelled,
        port::Error::Unsupported(text) => wire::Failure::Unsupported(text),
        port::Error::Invalid(text) => wire::Failure::Invalid(text),
        port::Error::Unavailable(text) => wire::Failure::Unavailable(text),
        port::Error::Internal(text) => wire::Failure::Internal(text),
    };
    failure.into()
}

/// A model of the port for the wire's list.
pub(crate) fn model(model: port::Model) -> wire::ModelEntry {
    let known = [
        (port::Abilities::CHAT, "chat"),
        (port::Abilities::EMBEDDING, "embedding"),
    ];
    let abilities = known.iter().filter(|(flag, _)| model.abilities.contains(*flag));
    wire::ModelEntry {
        id: model.name,
        owned_by: "gyre".into(),
        abilities: abilities.map(|(_, name)| (*name).to_owned()).collect(),
    }
}

/// Puts pieces of tool calls together, for an answer that is not streamed.
#[derive(Debug, Default)]
pub(crate) struct ToolCalls {
    calls: Vec<wire::ToolCall>,
}

impl ToolCalls {
    /// Adds a piece. A piece whose index skips ahead is the leaf's fault.
    pub(crate) fn push(&mut self, part: wire::ToolCallPart) -> Result<(), wire::ApiError> {
        let index = part.index as usize;
        if index == self.calls.len() {
            let call = wire::ToolCall {
                id: String::new(),
                name: String::new(),
                arguments: String::new(),
            };
            self.calls.push(call);
        }
        let call = self.calls.get_mut(index).ok_or_else(|| {
            wire::Failure::Internal("the leaf sent a piece of a tool call that was not begun".into())
        })?;
        if let Some(id) = part.id {
            call.id = id;
        }
        if let Some(name) = part.name {
            call.name = name;
        }
        call.arguments.push_str(&part.arguments);
        Ok(())
    }

    /// The calls, in order.
    pub(crate) fn finish(self) -> Vec<wire::ToolCall> {
        self.calls
    }
}

#[cfg(test)]
#[path = "translate_tests.rs"]
mod tests;
