use super::*;
use crate::dialect::tests::plain;

#[test]
fn each_server_is_told_what_its_dialect_has() {
    let asked = || {
        let mut request = plain();
        request.messages.push(port::Message {
            role: port::Role::User,
            content: "hi".into(),
            tool_calls: vec![],
            tool_call_id: None,
        });
        request.tenant = Some("acme".into());
        request.priority = port::Priority::High;
        request.budget.deadline_ms = Some(1);
        request
    };
    let read = |json: Vec<u8>| wire::parse_chat(&json).expect("a valid request");
    let plainly = read(body(asked(), Dialect::Openai));
    assert_eq!((plainly.tenant, plainly.priority), (None, wire::Priority::Normal));
    assert_eq!(plainly.budget, wire::Budget::default());

    let mut request = asked();
    request.adapter = Some("poet".into());
    request.budget.total_tokens = Some(1);
    request.budget.cost_micros_max = Some(2);
    request.budget.time_ms_max = Some(3);
    let wholly = read(body(request, Dialect::Gyre));
    assert_eq!(
        (wholly.tenant.as_deref(), wholly.adapter.as_deref()),
        (Some("acme"), Some("poet"))
    );
    assert_eq!(wholly.priority, wire::Priority::High);
    let wanted = wire::Budget {
        total_tokens: Some(1),
        cost_micros_max: Some(2),
        time_ms_max: Some(3),
        deadline_ms: None,
    };
    assert_eq!(wholly.budget, wanted);
}

#[test]
fn an_end_is_told_with_what_it_cost() {
    for (reason, wanted) in [
        (wire::FinishReason::Length, port::FinishReason::Length),
        (
            wire::FinishReason::CostExhausted,
            port::FinishReason::CostExhausted,
        ),
        (
            wire::FinishReason::TimeExhausted,
            port::FinishReason::TimeExhausted,
        ),
    ] {
        let usage = wire::Usage {
            prompt_tokens: 3,
            completion_tokens: 2,
            cached_prompt_tokens: Some(1),
        };
        let ended = outcome(reason, usage);
        assert_eq!(ended.finish_reason, wanted);
        assert_eq!(ended.usage.cached_prompt_tokens, Some(1));
    }
}

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
    let mut request = port::ChatRequest {
        messages: vec![called, result],
        tools: vec![tool],
        tool_choice: port::ToolChoice::Tool("add".into()),
        format: port::ResponseFormat::JsonSchema("{\"type\":\"object\"}".into()),
        sampling: sampling_of_all(),
        stop: vec!["end".into()],
        ..plain()
    };
    request.budget.max_tokens = Some(9);
    let json = body(request, Dialect::Openai);
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
