use super::*;

#[test]
fn a_request_keeps_what_it_says() {
    let mut asked = wire::ChatRequest::new("m", vec![wire::Message::text(wire::Role::User, "hi")]);
    asked.format = wire::Format::JsonSchema("{}".into());
    asked.sampling = wire::Sampling {
        temperature: Some(0.5),
        top_p: None,
        top_k: Some(2),
        seed: Some(3),
        min_p: Some(0.25),
        frequency_penalty: Some(1.0),
        presence_penalty: Some(-1.0),
        logit_bias: vec![wire::LogitBias {
            token: wire::BiasToken::Text("no".into()),
            bias: -5.0,
        }],
        logprobs: Some(1),
    };
    asked.stop = vec!["END".into()];
    asked.max_tokens = Some(4);
    let got = request(asked);
    assert_eq!(got.model, "m");
    assert_eq!((got.messages.len(), got.messages[0].role), (1, port::Role::User));
    assert!(matches!(got.format, port::ResponseFormat::JsonSchema(schema) if schema == "{}"));
    assert_eq!(
        (got.sampling.temperature, got.sampling.top_k, got.sampling.seed),
        (Some(0.5), Some(2), Some(3))
    );
    let more = (
        got.sampling.min_p,
        got.sampling.frequency_penalty,
        got.sampling.presence_penalty,
        got.sampling.logprobs,
    );
    assert_eq!(more, (Some(0.25), Some(1.0), Some(-1.0), Some(1)));
    assert!(
        matches!(&got.sampling.logit_bias[..], [(port::BiasToken::Text(text), bias)] if text == "no" && *bias == -5.0)
    );
    assert_eq!(got.budget.max_tokens, Some(4));
    assert_eq!(got.stop, ["END"]);
    let plain = (got.adapter, got.tenant, got.priority, got.budget.total_tokens);
    assert_eq!(plain, (None, None, port::Priority::Normal, None));
}

#[test]
fn how_it_is_served_and_what_it_may_spend_is_handed_on() {
    let mut asked = wire::ChatRequest::new("m", vec![]);
    asked.budget = wire::Budget {
        total_tokens: Some(1),
        cost_micros_max: Some(2),
        time_ms_max: Some(3),
        deadline_ms: Some(4),
    };
    asked.adapter = Some("poet".into());
    asked.tenant = Some("acme".into());
    for (priority, wanted) in [
        (wire::Priority::Low, port::Priority::Low),
        (wire::Priority::Normal, port::Priority::Normal),
        (wire::Priority::High, port::Priority::High),
    ] {
        asked.priority = priority;
        let got = request(asked.clone());
        assert_eq!(got.priority, wanted);
        let port::Budget {
            max_tokens,
            total_tokens,
            cost_micros_max,
            time_ms_max,
            deadline_ms,
        } = got.budget;
        assert_eq!(
            (max_tokens, total_tokens, cost_micros_max),
            (None, Some(1), Some(2))
        );
        assert_eq!((time_ms_max, deadline_ms), (Some(3), Some(4)));
        assert_eq!(
            (got.adapter.as_deref(), got.tenant.as_deref()),
            (Some("poet"), Some("acme"))
        );
    }
}

#[test]
fn every_end_and_its_cost_are_handed_on() {
    for (reason, wanted) in [
        (port::FinishReason::Stop, wire::FinishReason::Stop),
        (port::FinishReason::Length, wire::FinishReason::Length),
        (port::FinishReason::ToolCalls, wire::FinishReason::ToolCalls),
        (
            port::FinishReason::ContentFilter,
            wire::FinishReason::ContentFilter,
        ),
        (
            port::FinishReason::CostExhausted,
            wire::FinishReason::CostExhausted,
        ),
        (
            port::FinishReason::TimeExhausted,
            wire::FinishReason::TimeExhausted,
        ),
    ] {
        assert_eq!(finish_reason(reason), wanted);
    }
    for cached_prompt_tokens in [None, Some(0), Some(3)] {
        let wanted = wire::Usage {
            prompt_tokens: 4,
            completion_tokens: 1,
            cached_prompt_tokens,
        };
        let told = port::Usage {
            prompt_tokens: 4,
            completion_tokens: 1,
            cached_prompt_tokens,
        };
        assert_eq!(usage(told), wanted);
    }
}

#[test]
fn likelihoods_are_handed_on() {
    let token = |logprob| port::TokenLogprob {
        bytes: b"a".to_vec(),
        logprob,
    };
    let all = logprobs(vec![port::Logprobs {
        chosen: token(-1.0),
        top: vec![token(-0.5)],
    }]);
    assert_eq!((all[0].chosen.logprob, all[0].top[0].logprob), (-1.0, -0.5));
    assert_eq!(all[0].top[0].bytes, b"a");
}

#[test]
fn every_error_of_the_port_has_a_status() {
    let overflow = port::ContextOverflow {
        limit_tokens: 1,
        requested_tokens: 2,
    };
    for (given, status) in [
        (port::Error::ModelNotFound("x".into()), 404),
        (port::Error::AdapterNotFound("x".into()), 404),
        (port::Error::ContextTooLong(overflow), 400),
        (port::Error::Overloaded(5), 429),
        (port::Error::BudgetExhausted("x".into()), 429),
        (port::Error::Cancelled, 499),
        (port::Error::Unsupported("x".into()), 400),
        (port::Error::Invalid("x".into()), 400),
        (port::Error::Internal("x".into()), 500),
    ] {
        assert_eq!(error(given).status, status);
    }
}

#[test]
fn abilities_have_names() {
    let both = port::Model {
        name: "m".into(),
        abilities: port::Abilities::CHAT | port::Abilities::EMBEDDING,
    };
    assert_eq!(model(both).abilities, ["chat", "embedding"]);
}

fn part(index: u32, id: Option<&str>, arguments: &str) -> wire::ToolCallPart {
    let id = id.map(str::to_owned);
    wire::ToolCallPart {
        index,
        name: id.clone().map(|id| format!("tool-{id}")),
        id,
        arguments: arguments.into(),
    }
}

#[test]
fn pieces_of_tool_calls_come_together() {
    let mut calls = ToolCalls::default();
    for it in [
        part(0, Some("a"), "{"),
        part(1, Some("b"), "[]"),
        part(0, None, "}"),
    ] {
        calls.push(it).unwrap();
    }
    let calls: Vec<_> = calls
        .finish()
        .into_iter()
        .map(|it| (it.id, it.name, it.arguments))
        .collect();
    let wanted = [("a", "tool-a", "{}"), ("b", "tool-b", "[]")];
    assert_eq!(
        calls,
        wanted.map(|(id, name, arguments)| (id.to_owned(), name.to_owned(), arguments.to_owned()))
    );
}

#[test]
fn a_piece_that_skips_ahead_is_refused() {
    assert_eq!(
        ToolCalls::default().push(part(1, None, "")).unwrap_err().status,
        500
    );
}
