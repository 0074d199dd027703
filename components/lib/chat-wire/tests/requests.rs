//! What requests are read, refused and written.

use gyre_chat_wire::{
    BiasToken, Budget, ChatRequest, Encoding, Endpoint, Format, LogitBias, Message, Priority, Role, Sampling,
    Tool, ToolCall, ToolChoice, check_content_type, embedding_request_json, parse_chat, parse_embedding,
    requested_model,
};

#[test]
fn the_smallest_request() {
    let read =
        parse_chat(br#"{"model":"m","messages":[{"role":"user","content":"hi"}],"x-unknown":{"a":1}}"#);
    assert_eq!(
        read,
        Ok(ChatRequest::new("m", vec![Message::text(Role::User, "hi")]))
    );
}

fn bias(token: BiasToken, bias: f32) -> LogitBias {
    LogitBias { token, bias }
}

fn full() -> ChatRequest {
    let call = ToolCall {
        id: "c1".into(),
        name: "add".into(),
        arguments: r#"{"a":1}"#.into(),
    };
    ChatRequest {
        model: "m".into(),
        messages: vec![
            Message::text(Role::System, "be kind"),
            Message::text(Role::User, "1 + 1?"),
            Message {
                tool_calls: vec![call],
                ..Message::text(Role::Assistant, "")
            },
            Message {
                tool_call_id: Some("c1".into()),
                ..Message::text(Role::Tool, "2")
            },
        ],
        tools: vec![Tool {
            name: "add".into(),
            description: "adds".into(),
            parameters: r#"{"type":"object"}"#.into(),
        }],
        tool_choice: ToolChoice::Required,
        format: Format::JsonSchema(r#"{"type":"number"}"#.into()),
        sampling: Sampling {
            temperature: Some(0.5),
            top_p: Some(0.25),
            top_k: Some(3),
            seed: Some(u64::MAX),
            min_p: Some(0.125),
            frequency_penalty: Some(-0.5),
            presence_penalty: Some(1.5),
            logit_bias: vec![
                bias(BiasToken::Id(7), -100.0),
                bias(BiasToken::Text("12".into()), 0.5),
            ],
            logprobs: Some(4),
        },
        stop: vec!["END".into()],
        max_tokens: Some(9),
        budget: Budget {
            total_tokens: Some(90),
            cost_micros_max: Some(u64::MAX),
            time_ms_max: Some(0),
            deadline_ms: Some(1),
        },
        adapter: Some("poet".into()),
        tenant: Some("acme".into()),
        priority: Priority::Low,
        stream: true,
        include_usage: true,
    }
}

#[test]
fn what_a_client_writes_a_server_reads() {
    assert_eq!(parse_chat(&full().to_json()), Ok(full()));
    let plain = ChatRequest {
        format: Format::JsonObject,
        ..ChatRequest::new("m", full().messages)
    };
    assert_eq!(parse_chat(&plain.to_json()), Ok(plain));
}

#[test]
fn forms_that_mean_the_same() {
    let with = |fields: &str| {
        parse_chat(
            format!(r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}],{fields}}}"#).as_bytes(),
        )
        .unwrap()
    };
    assert_eq!(with(r#""stop":"a""#).stop, ["a"]);
    assert_eq!(with(r#""stop":["a","b"]"#).stop, ["a", "b"]);
    assert_eq!(
        with(r#""stop":null,"n":1,"tool_choice":"auto""#).stop,
        Vec::<String>::new()
    );
    assert_eq!(with(r#""max_tokens":5"#).max_tokens, Some(5));
    assert_eq!(
        with(r#""max_tokens":5,"max_completion_tokens":6"#).max_tokens,
        Some(6)
    );
    assert_eq!(with(r#""seed":-1"#).sampling.seed, Some(u64::MAX));
    assert_eq!(with(r#""response_format":{"type":"text"}"#).format, Format::Text);
    assert_eq!(with(r#""logprobs":true"#).sampling.logprobs, Some(0));
    assert_eq!(
        with(r#""logprobs":false,"top_logprobs":0"#).sampling.logprobs,
        None
    );
    let biased = |fields: &str| with(fields).sampling.logit_bias;
    let id = vec![bias(BiasToken::Id(15), -1.0)];
    assert_eq!(biased(r#""logit_bias":{"15":-1}"#), id);
    assert_eq!(biased(r#""logit_bias":[[15,-1]]"#), id);
    let text = vec![bias(BiasToken::Text("no".into()), 2.0)];
    assert_eq!(biased(r#""logit_bias":{"no":2}"#), text);
    assert_eq!(biased(r#""logit_bias":[["no",2]]"#), text);
    let numbers = ChatRequest {
        sampling: Sampling {
            logit_bias: id,
            ..Sampling::default()
        },
        ..ChatRequest::new("m", full().messages)
    };
    let json = String::from_utf8(numbers.to_json()).unwrap();
    assert!(json.contains(r#""logit_bias":{"15":-1.0}"#), "{json}");
    let tools = r#""tools":[{"type":"function","function":{"name":"t"}}]"#;
    assert_eq!(with(tools).tools.len(), 1);
    assert_eq!(with(&format!(r#"{tools},"tool_choice":"none""#)).tools.len(), 0);
    let required = with(&format!(r#"{tools},"tool_choice":"required""#));
    assert_eq!(required.tool_choice, ToolChoice::Required);
    let named = with(&format!(
        r#"{tools},"tool_choice":{{"type":"function","function":{{"name":"t"}}}}"#
    ));
    assert_eq!(named.tool_choice, ToolChoice::Tool("t".into()));
    assert_eq!(parse_chat(&named.to_json()), Ok(named));
}

#[test]
fn text_parts_are_joined() {
    let read = parse_chat(
        br#"{"model":"m","messages":[{"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}"#,
    );
    assert_eq!(read.unwrap().messages, [Message::text(Role::System, "a\nb")]);
}

/// Each body is refused with a 400, a parameter and words of the message.
fn check_refused(cases: &[(String, Option<&str>, &str)]) {
    for (body, param, words) in cases {
        let error = parse_chat(body.as_bytes()).unwrap_err();
        assert_eq!((error.status, error.param.as_deref()), (400, *param), "{body}");
        assert!(error.message.contains(words), "{body}: {}", error.message);
    }
}

#[test]
fn what_is_no_request_is_refused() {
    check_refused(&[
        ("{".into(), None, "not JSON"),
        ("[]".into(), None, "object"),
        ("\u{0}".into(), None, "not JSON"),
        (r#"{"messages":[]}"#.into(), Some("model"), "missing"),
        (r#"{"model":7}"#.into(), Some("model"), "string"),
    ]);
}

#[test]
fn bad_messages_name_the_field() {
    let messages = |json: &str| format!(r#"{{"model":"m","messages":{json}}}"#);
    let tool_calls = r#"[{"role":"user","content":"","tool_calls":[]}]"#;
    let image = r#"[{"role":"user","content":[{"type":"image_url"}]}]"#;
    check_refused(&[
        (messages("[]"), Some("messages"), "at least one"),
        (messages("7"), Some("messages"), "array"),
        (messages(r#"["hi"]"#), Some("messages[0]"), "object"),
        (
            messages(r#"[{"role":"robot","content":"hi"}]"#),
            Some("messages[0].role"),
            "assistant",
        ),
        (
            messages(r#"[{"role":"user"}]"#),
            Some("messages[0].content"),
            "missing",
        ),
        (
            messages(r#"[{"role":"user","content":7}]"#),
            Some("messages[0].content"),
            "array",
        ),
        (
            messages(r#"[{"role":"tool","content":"2"}]"#),
            Some("messages[0].tool_call_id"),
            "missing",
        ),
        (messages(tool_calls), Some("messages[0].tool_calls"), "assistant"),
        (messages(image), Some("messages[0].content[0].type"), "images"),
    ]);
}

#[test]
fn bad_fields_are_named() {
    let with =
        |fields: &str| format!(r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}],{fields}}}"#);
    let format = |json: &str| with(&format!(r#""response_format":{json}"#));
    let tools = |json: &str| with(&format!(r#""tools":[{json}]"#));
    check_refused(&[
        (with(r#""n":2"#), Some("n"), "must be 1"),
        (
            with(r#""tool_choice":"required""#),
            Some("tool_choice"),
            "no tool",
        ),
        (with(r#""tool_choice":"maybe""#), Some("tool_choice"), "auto"),
        (
            with(r#""tool_choice":{"type":"function"}"#),
            Some("tool_choice"),
            "must name a function",
        ),
        (with(r#""temperature":2.5"#), Some("temperature"), "0 to 2"),
        (with(r#""temperature":"hot""#), Some("temperature"), "number"),
        (with(r#""top_p":0"#), Some("top_p"), "above 0"),
        (with(r#""seed":1.5"#), Some("seed"), "whole"),
        (with(r#""max_tokens":0"#), Some("max_tokens"), "from 1"),
        (
            with(r#""max_completion_tokens":-1"#),
            Some("max_completion_tokens"),
            "from 1",
        ),
        (with(r#""stop":["a",""]"#), Some("stop"), "empty"),
        (with(r#""stop":[1]"#), Some("stop"), "strings"),
        (with(r#""stream":"yes""#), Some("stream"), "true or false"),
        (with(r#""stream_options":7"#), Some("stream_options"), "object"),
        (
            format(r#"{"type":"xml"}"#),
            Some("response_format.type"),
            "json_schema",
        ),
        (
            format(r#"{"type":"json_schema"}"#),
            Some("response_format.json_schema"),
            "missing",
        ),
        (tools(r#"{"type":"web"}"#), Some("tools[0].type"), "function"),
        (
            tools(r#"{"type":"function","function":{}}"#),
            Some("tools[0].function.name"),
            "missing",
        ),
    ]);
}

#[test]
fn bad_choices_of_tokens_are_named() {
    let with =
        |fields: &str| format!(r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}],{fields}}}"#);
    check_refused(&[
        (with(r#""logprobs":1"#), Some("logprobs"), "true or false"),
        (with(r#""top_logprobs":3"#), Some("top_logprobs"), "beside it"),
        (
            with(r#""logprobs":true,"top_logprobs":21"#),
            Some("top_logprobs"),
            "0 to 20",
        ),
        (with(r#""min_p":1.5"#), Some("min_p"), "0 to 1"),
        (
            with(r#""frequency_penalty":3"#),
            Some("frequency_penalty"),
            "-2 to 2",
        ),
        (
            with(r#""presence_penalty":"x""#),
            Some("presence_penalty"),
            "-2 to 2",
        ),
        (with(r#""logit_bias":7"#), Some("logit_bias"), "object"),
        (
            with(r#""logit_bias":{"5":101}"#),
            Some("logit_bias"),
            "-100 to 100",
        ),
        (with(r#""logit_bias":{"":1}"#), Some("logit_bias"), "empty"),
        (with(r#""logit_bias":[[-1,1]]"#), Some("logit_bias"), "pairs"),
        (
            with(&format!(r#""logit_bias":[{}]"#, vec!["[1,1]"; 301].join(","))),
            Some("logit_bias"),
            "301",
        ),
    ]);
}

#[test]
fn invalid_utf8_is_no_json() {
    assert_eq!(
        parse_chat(b"{\"model\":\"\xff\"}").unwrap_err().code.as_deref(),
        Some("invalid_json")
    );
}

#[test]
fn too_many_items_are_refused() {
    let messages = vec![r#"{"role":"user","content":"hi"}"#; 1_025].join(",");
    let error = parse_chat(format!(r#"{{"model":"m","messages":[{messages}]}}"#).as_bytes()).unwrap_err();
    assert!(
        error.message.contains("1025") && error.message.contains("1024"),
        "{}",
        error.message
    );
}

#[test]
fn embedding_requests() {
    let read = parse_embedding(br#"{"model":"e","input":"one"}"#).unwrap();
    assert_eq!(
        (read.texts, read.encoding),
        (vec!["one".to_owned()], Encoding::Float)
    );
    let read = parse_embedding(&embedding_request_json("e", &["a".into(), "b".into()])).unwrap();
    assert_eq!(
        (read.model.as_str(), read.texts.len(), read.encoding),
        ("e", 2, Encoding::Base64)
    );
    for (body, param) in [
        (r#"{"model":"e"}"#, "input"),
        (r#"{"model":"e","input":[]}"#, "input"),
        (r#"{"model":"e","input":""}"#, "input"),
        (r#"{"model":"e","input":[1,2]}"#, "input"),
        (r#"{"input":"a"}"#, "model"),
        (
            r#"{"model":"e","input":"a","encoding_format":"f16"}"#,
            "encoding_format",
        ),
        (r#"{"model":"e","input":"a","dimensions":8}"#, "dimensions"),
    ] {
        assert_eq!(
            parse_embedding(body.as_bytes()).unwrap_err().param.as_deref(),
            Some(param),
            "{body}"
        );
    }
}

#[test]
fn the_model_of_any_request() {
    assert_eq!(requested_model(br#"{"model":"m","anything":[]}"#), Ok("m".into()));
    assert_eq!(
        requested_model(b"{}").unwrap_err().param.as_deref(),
        Some("model")
    );
}

#[test]
fn endpoints() {
    assert_eq!(Endpoint::of("POST", "/v1/chat/completions"), Ok(Endpoint::Chat));
    assert_eq!(Endpoint::of("POST", "/v1/embeddings"), Ok(Endpoint::Embeddings));
    assert_eq!(Endpoint::of("GET", "/v1/models"), Ok(Endpoint::Models));
    assert_eq!(Endpoint::of("GET", "/v1/embeddings").unwrap_err().status, 405);
    assert_eq!(Endpoint::of("GET", "/v1/other").unwrap_err().status, 404);
}

#[test]
fn content_types() {
    for (given, fine) in [
        (Some("application/json"), true),
        (Some("Application/JSON; charset=utf-8"), true),
        (Some("text/plain"), false),
        (None, false),
    ] {
        assert_eq!(
            check_content_type(given.map(str::as_bytes)).is_ok(),
            fine,
            "{given:?}"
        );
    }
}
