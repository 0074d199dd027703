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
    let got = request(asked, Some(5));
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
    assert_eq!(
        (got.budget.max_tokens, got.budget.deadline_ms),
        (Some(4), Some(5))
    );
    assert_eq!(got.stop, ["END"]);
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
