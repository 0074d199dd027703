use super::*;
use crate::bindings::exports::gyre::inference::types::{BiasToken, Sampling, ToolCall, ToolDefinition};

fn request() -> ChatRequest {
    ChatRequest {
        model: "m".into(),
        messages: vec![
            Message {
                role: Role::User,
                content: "hi".into(),
                tool_calls: vec![],
                tool_call_id: None,
            },
            Message {
                role: Role::Assistant,
                content: String::new(),
                tool_calls: vec![ToolCall {
                    id: "c1".into(),
                    name: "t".into(),
                    arguments: "{}".into(),
                }],
                tool_call_id: None,
            },
            Message {
                role: Role::Tool,
                content: "[]".into(),
                tool_calls: vec![],
                tool_call_id: Some("c1".into()),
            },
        ],
        tools: vec![ToolDefinition {
            name: "t".into(),
            description: "d".into(),
            parameters: r#"{"type":"object"}"#.into(),
        }],
        tool_choice: ToolChoice::Auto,
        format: ResponseFormat::Text,
        sampling: Sampling {
            temperature: Some(0.0),
            top_p: None,
            top_k: None,
            seed: Some(7),
            min_p: None,
            frequency_penalty: None,
            presence_penalty: None,
            logit_bias: vec![],
            logprobs: None,
        },
        stop: vec!["END".into()],
        budget: Budget {
            max_tokens: Some(16),
            total_tokens: None,
            cost_micros_max: None,
            time_ms_max: None,
            deadline_ms: None,
        },
        adapter: None,
        tenant: None,
        priority: Priority::Normal,
    }
}

#[test]
fn a_request_is_gyre_chat_1() {
    let json = String::from_utf8(request_json(&request()).unwrap()).unwrap();
    assert_eq!(
        json,
        concat!(
            r#"{"protocol":"gyre-chat/1","messages":[{"role":"user","content":"hi"},"#,
            r#"{"role":"assistant","content":"","tool_calls":[{"id":"c1","name":"t","arguments":"{}"}]},"#,
            r#"{"role":"tool","content":"[]","tool_call_id":"c1"}],"#,
            r#""tools":[{"name":"t","description":"d","parameters":{"type":"object"}}],"#,
            r#""sampling":{"temperature":0.0,"seed":7},"budget":{"max_tokens":16},"stop":["END"],"#,
            r#""format":{"type":"text"}}"#
        )
    );
}

/// One request with all that the port can say. The worker's tests read the same file: neither side can change alone.
#[test]
fn a_whole_request_is_the_one_that_workers_read() {
    let mut request = request();
    request.tools[0].parameters = r#"{"type":"object","properties":{},"additionalProperties":false}"#.into();
    request.tool_choice = ToolChoice::Tool("t".into());
    request.sampling = Sampling {
        temperature: Some(0.0),
        top_p: Some(0.5),
        top_k: Some(2),
        seed: Some(7),
        min_p: Some(0.25),
        frequency_penalty: Some(1.0),
        presence_penalty: Some(-1.0),
        logit_bias: vec![(BiasToken::Id(3), -100.0), (BiasToken::Text("a".into()), 0.5)],
        logprobs: Some(2),
    };
    request.budget = Budget {
        max_tokens: Some(300),
        total_tokens: Some(1_020),
        cost_micros_max: Some(100_000),
        time_ms_max: Some(600_000),
        deadline_ms: Some(4_102_444_800_000),
    };
    request.adapter = Some("poet".into());
    request.tenant = Some("acme".into());
    request.priority = Priority::Low;
    let json = String::from_utf8(request_json(&request).unwrap()).unwrap();
    assert_eq!(
        json,
        include_str!("../../../tests/contracts/engine/gyre-chat-1.json").trim_end()
    );
}

#[test]
fn a_choice_of_tools_is_named() {
    for (choice, wanted) in [
        (ToolChoice::Required, r#","tool_choice":{"type":"required"},"#),
        (
            ToolChoice::Tool("t".into()),
            r#","tool_choice":{"type":"tool","name":"t"},"#,
        ),
    ] {
        let mut request = request();
        request.tool_choice = choice;
        let json = String::from_utf8(request_json(&request).unwrap()).unwrap();
        assert!(json.contains(wanted), "{json}");
    }
}

#[test]
fn all_of_sampling_is_said() {
    let mut request = request();
    request.sampling = Sampling {
        temperature: None,
        top_p: Some(0.5),
        top_k: Some(2),
        seed: None,
        min_p: Some(0.25),
        frequency_penalty: Some(1.0),
        presence_penalty: Some(-1.0),
        logit_bias: vec![(BiasToken::Id(3), -100.0), (BiasToken::Text("3".into()), 0.5)],
        logprobs: Some(2),
    };
    let json = String::from_utf8(request_json(&request).unwrap()).unwrap();
    let wanted = concat!(
        r#""sampling":{"top_p":0.5,"top_k":2,"min_p":0.25,"frequency_penalty":1.0,"presence_penalty":-1.0,"#,
        r#""logit_bias":[{"token":3,"bias":-100.0},{"token":"3","bias":0.5}],"logprobs":2}"#
    );
    assert!(json.contains(wanted), "{json}");
}

#[test]
fn how_it_is_served_and_what_it_may_spend_is_said() {
    let mut request = request();
    request.budget = Budget {
        max_tokens: None,
        total_tokens: Some(1),
        cost_micros_max: Some(2),
        time_ms_max: Some(3),
        deadline_ms: Some(4),
    };
    request.adapter = Some("poet".into());
    request.tenant = Some("acme \"1\"".into());
    for (priority, wanted) in [
        (Priority::Low, r#","priority":"low"}"#),
        (Priority::Normal, "}"),
        (Priority::High, r#","priority":"high"}"#),
    ] {
        request.priority = priority;
        let json = String::from_utf8(request_json(&request).unwrap()).unwrap();
        let budget = r#""budget":{"total_tokens":1,"cost_micros_max":2,"time_ms_max":3,"deadline_ms":4}"#;
        assert!(json.contains(budget), "{json}");
        let end = format!(r#""adapter":"poet","tenant":"acme \"1\""{wanted}"#);
        assert!(json.ends_with(&end), "{json}");
    }
}

#[test]
fn a_schema_that_is_no_json_is_refused_by_name() {
    let mut bad = request();
    bad.format = ResponseFormat::JsonSchema("{".into());
    assert!(request_json(&bad).unwrap_err().contains("response format"));
    bad = request();
    bad.tools[0].parameters = "nope".into();
    assert!(request_json(&bad).unwrap_err().contains("`t`"));
}
