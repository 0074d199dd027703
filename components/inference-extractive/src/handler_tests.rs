use super::*;
use crate::bindings::exports::gyre::inference::types::{Budget, Priority, Sampling, ToolChoice};

fn plain() -> ChatRequest {
    ChatRequest {
        model: MODEL.into(),
        messages: vec![],
        tools: vec![],
        tool_choice: ToolChoice::Auto,
        format: ResponseFormat::Text,
        sampling: Sampling {
            temperature: Some(0.5),
            top_p: None,
            top_k: None,
            seed: Some(1),
            min_p: None,
            frequency_penalty: None,
            presence_penalty: None,
            logit_bias: vec![],
            logprobs: None,
        },
        stop: vec![],
        budget: Budget {
            max_tokens: Some(9),
            total_tokens: None,
            cost_micros_max: None,
            time_ms_max: None,
            deadline_ms: Some(1),
        },
        adapter: None,
        tenant: Some("acme".into()),
        priority: Priority::High,
    }
}

#[test]
fn what_needs_a_model_is_refused_by_name() {
    assert!(check(&plain()).is_ok());
    type Change = fn(&mut ChatRequest);
    let changes: [(Change, &str); 6] = [
        (|it| it.sampling.logprobs = Some(0), "tell logprobs"),
        (|it| it.sampling.min_p = Some(0.1), "choose by min_p"),
        (|it| it.adapter = Some("poet".into()), "apply an adapter"),
        (|it| it.budget.total_tokens = Some(1), "budget.total_tokens"),
        (|it| it.budget.cost_micros_max = Some(1), "budget.cost_micros_max"),
        (|it| it.budget.time_ms_max = Some(1), "budget.time_ms_max"),
    ];
    for (change, words) in changes {
        let mut request = plain();
        change(&mut request);
        match check(&request) {
            Err(Error::Unsupported(text)) => assert!(text.contains(words), "{text}"),
            other => panic!("{words}: {other:?}"),
        }
    }
}
