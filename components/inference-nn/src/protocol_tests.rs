use super::*;
use crate::bindings::exports::gyre::inference::types::{
    BiasToken, Budget, Sampling, ToolCall, ToolDefinition,
};

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
            deadline_ms: None,
        },
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
fn likelihoods() {
    let json = br#"[{"chosen":{"bytes":[195],"logprob":-0.5},"top":[{"bytes":[65],"logprob":-0.25}]}]"#;
    let all = logprobs(json).unwrap();
    assert_eq!(
        (&all[0].chosen.bytes[..], all[0].chosen.logprob),
        (&b"\xc3"[..], -0.5)
    );
    assert_eq!(all[0].top[0].bytes, b"A");
    assert!(logprobs(b"[{}]").unwrap_err().contains("`logprobs`"));
}

#[test]
fn pieces_of_calls() {
    let json = br#"[{"index":0,"id":"c1","name":"t","arguments":"{\"a\":"},{"index":0,"arguments":"1}"}]"#;
    let calls = tool_calls(json).unwrap();
    assert_eq!((calls[0].index, calls[0].id.as_deref()), (0, Some("c1")));
    assert_eq!(calls[0].name.as_deref(), Some("t"));
    assert_eq!(calls[1].id, None);
    assert_eq!(calls[0].arguments.clone() + &calls[1].arguments, r#"{"a":1}"#);
    assert!(tool_calls(b"[{}]").unwrap_err().contains("`tool_calls`"));
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

#[test]
fn outcomes() {
    let usage = br#"{"prompt_tokens":3,"completion_tokens":2}"#;
    for (reason, wanted) in [
        ("stop", FinishReason::Stop),
        ("length", FinishReason::Length),
        ("tool-calls", FinishReason::ToolCalls),
    ] {
        let finish = format!(r#"{{"reason":"{reason}"}}"#);
        assert_eq!(outcome(finish.as_bytes(), usage).unwrap().finish_reason, wanted);
    }
    assert!(
        outcome(br#"{"reason":"bored"}"#, usage)
            .unwrap_err()
            .contains("bored")
    );
    assert!(
        outcome(br#"{"reason":"stop"}"#, b"{}")
            .unwrap_err()
            .contains("usage")
    );
}

#[test]
fn vectors_have_the_shape_of_the_texts() {
    let data: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0]
        .iter()
        .flat_map(|it| it.to_le_bytes())
        .collect();
    assert_eq!(vectors(&[2, 2], &data, 2).unwrap(), [[1.0, 2.0], [3.0, 4.0]]);
    for (shape, rows) in [(&[2u32, 2][..], 1usize), (&[4], 2), (&[2, 3], 2), (&[2, 0], 2)] {
        assert!(vectors(shape, &data, rows).is_err(), "{shape:?} for {rows}");
    }
}

#[test]
fn the_catalog_keeps_known_abilities() {
    let json = br#"[{"name":"a","abilities":["chat"]},{"name":"b","abilities":["embedding","vision"]}]"#;
    let listed = models(json).unwrap();
    assert_eq!(listed[0].abilities, Abilities::CHAT);
    assert_eq!(listed[1].abilities, Abilities::EMBEDDING);
}

#[test]
fn a_cut_character_waits_for_its_rest() {
    let mut carry = Vec::new();
    let bytes = "aé".as_bytes();
    assert_eq!(whole_characters(&mut carry, &bytes[..2], false).unwrap(), "a");
    assert_eq!(whole_characters(&mut carry, &bytes[2..], false).unwrap(), "é");
    assert_eq!(
        whole_characters(&mut carry, &bytes[1..2], true).unwrap(),
        "\u{fffd}"
    );
    assert!(carry.is_empty());
    assert!(whole_characters(&mut carry, b"\xff\xff", false).is_err());
}
