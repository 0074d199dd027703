use super::*;
use crate::client::{CallRequest, ClientError, parse_result};

fn headers(method: &str) -> Headers<'_> {
    Headers {
        accept: Some(crate::ACCEPT),
        version: Some(PROTOCOL_VERSION),
        method: Some(method),
        name: Some("t"),
    }
}

fn body(method: &str, params: Value) -> Vec<u8> {
    let mut params = params;
    if params.get(META).is_none() {
        params[META] = json!({ META_VERSION: PROTOCOL_VERSION, META_CAPABILITIES: {} });
    }
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
        .to_string()
        .into_bytes()
}

fn refused(headers: Headers<'_>, body: &[u8]) -> (u16, i64) {
    let refusal = parse(headers, body).expect_err("refused");
    (refusal.status, refusal.code)
}

#[test]
fn good_requests_are_read() {
    let request = |call| Message::Request { id: json!(1), call };
    let call = Call::CallTool {
        name: "t".into(),
        arguments: Map::new(),
    };
    for (method, params, expected) in [
        ("server/discover", json!({}), Call::Discover),
        ("tools/list", json!({}), Call::ListTools),
        ("tools/call", json!({ "name": "t" }), call),
    ] {
        assert_eq!(
            parse(headers(method), &body(method, params)),
            Ok(request(expected)),
            "{method}"
        );
    }
    let notification = br#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#;
    assert_eq!(parse(headers("x"), notification), Ok(Message::Notification));
}

#[test]
fn wrong_bodies_have_their_codes() {
    let bare = json!({ "name": "t", META: { META_VERSION: PROTOCOL_VERSION } });
    for (body, expected) in [
        (b"{".to_vec(), (400, PARSE_ERROR)),
        (b"[]".to_vec(), (400, INVALID_REQUEST)),
        (br#"{"id":1,"method":"x"}"#.to_vec(), (400, INVALID_REQUEST)),
        (
            br#"{"jsonrpc":"2.0","id":null,"method":"x"}"#.to_vec(),
            (400, INVALID_REQUEST),
        ),
        (
            br#"{"jsonrpc":"2.0","id":1,"method":"x"}"#.to_vec(),
            (400, INVALID_PARAMS),
        ),
        (body("tools/call", bare), (400, INVALID_PARAMS)),
        (body("tools/call", json!({})), (400, INVALID_PARAMS)),
        (
            body("tools/call", json!({ "name": "t", "arguments": [] })),
            (400, INVALID_PARAMS),
        ),
    ] {
        assert_eq!(
            refused(headers("tools/call"), &body),
            expected,
            "{}",
            String::from_utf8_lossy(&body)
        );
    }
}

#[test]
fn wrong_headers_have_their_codes() {
    let good = headers("tools/call");
    let call = body("tools/call", json!({ "name": "t" }));
    for (given, expected) in [
        (
            Headers {
                version: None,
                ..good
            },
            (400, HEADER_MISMATCH),
        ),
        (
            Headers {
                version: Some("2025-11-25"),
                ..good
            },
            (400, HEADER_MISMATCH),
        ),
        (
            Headers {
                method: Some("tools/list"),
                ..good
            },
            (400, HEADER_MISMATCH),
        ),
        (
            Headers {
                name: Some("other"),
                ..good
            },
            (400, HEADER_MISMATCH),
        ),
        (Headers { name: None, ..good }, (400, HEADER_MISMATCH)),
        (
            Headers {
                name: Some("=?base64?!?="),
                ..good
            },
            (400, HEADER_MISMATCH),
        ),
        (
            Headers {
                accept: Some("application/json"),
                ..good
            },
            (406, INVALID_REQUEST),
        ),
    ] {
        assert_eq!(refused(given, &call), expected, "{given:?}");
    }
    let unknown = body("tools/run", json!({}));
    assert_eq!(refused(headers("tools/run"), &unknown), (404, METHOD_NOT_FOUND));
}

#[test]
fn an_unsupported_version_is_told_which_are() {
    let meta = json!({ META: { META_VERSION: "1", META_CAPABILITIES: {} } });
    let headers = Headers {
        version: Some("1"),
        ..headers("tools/list")
    };
    let refusal = parse(headers, &body("tools/list", meta)).expect_err("refused");
    assert_eq!(
        refusal.data,
        Some(json!({ "supported": [PROTOCOL_VERSION], "requested": "1" }))
    );
    let json: Value = serde_json::from_slice(&refusal.to_json()).expect("JSON");
    assert_eq!(json["error"]["code"], UNSUPPORTED_VERSION);
    assert_eq!(json["id"], 1);
}

#[test]
fn client_and_server_understand_each_other() {
    let request = CallRequest::new("wörter", json!({ "query": "q" }));
    let sent = request.headers();
    let header = |name: &str| sent.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str());
    let headers = Headers {
        accept: header("accept"),
        version: header(crate::VERSION_HEADER),
        method: header(crate::METHOD_HEADER),
        name: header(crate::NAME_HEADER),
    };
    let Ok(Message::Request {
        id,
        call: Call::CallTool { name, arguments },
    }) = parse(headers, &request.to_json())
    else {
        panic!("not a call");
    };
    assert_eq!((name.as_str(), &arguments["query"]), ("wörter", &json!("q")));
    let result = ToolResult::structured(json!({ "passages": [] }));
    assert_eq!(parse_result(200, &called(&id, &result)), Ok(result));
    let refusal = Refusal::new(400, &id, INVALID_PARAMS, "no such tool");
    let error = parse_result(400, &refusal.to_json());
    assert_eq!(
        error,
        Err(ClientError::Refused {
            code: INVALID_PARAMS,
            message: "no such tool".into()
        })
    );
}

#[test]
fn what_is_no_result_is_an_error() {
    for (status, body) in [
        (502, &b"bad gateway"[..]),
        (200, br#"{"jsonrpc":"2.0","id":1}"#),
        (
            200,
            br#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete"}}"#,
        ),
        (
            200,
            br#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{}}}"#,
        ),
    ] {
        assert!(parse_result(status, body).is_err(), "{status}");
    }
}

#[test]
fn a_call_may_be_part_of_a_trace() {
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for given in [Some(trace), None] {
        let call = CallRequest::new("t", json!({})).with_traceparent(given.map(str::to_owned));
        let sent: Value = serde_json::from_slice(&call.to_json()).expect("JSON");
        assert_eq!(
            sent["params"][META].get("traceparent"),
            given.map(Value::from).as_ref()
        );
        assert!(parse(headers("tools/call"), &call.to_json()).is_ok());
    }
}

#[test]
fn pages_and_other_methods_are_refused() {
    let status = |refusal: Result<(), Refusal>| refusal.err().map(|it| it.status);
    for (origin, allowed, expected) in [
        (None, &[][..], None),
        (Some("https://evil.example"), &[][..], Some(403)),
        (Some("null"), &[][..], Some(403)),
        (Some("https://a.example"), &["https://a.example"][..], None),
        (
            Some("https://a.example.evil"),
            &["https://a.example"][..],
            Some(403),
        ),
    ] {
        assert_eq!(status(check_origin(origin, allowed)), expected, "{origin:?}");
    }
    for (method, expected) in [
        ("POST", None),
        ("GET", Some(405)),
        ("DELETE", Some(405)),
        ("post", Some(405)),
    ] {
        assert_eq!(status(check_method(method)), expected, "{method}");
    }
}

#[test]
fn a_list_says_what_tools_change_and_how_long_it_holds() {
    let tool = Tool {
        name: "t".into(),
        description: "d".into(),
        input_schema: json!({ "type": "object" }),
        output_schema: None,
    };
    let annotations = Annotations {
        read_only: true,
        destructive: false,
        idempotent: true,
        open_world: false,
    };
    let json: Value = serde_json::from_slice(&listed_with(&json!(1), &[(tool, annotations)])).expect("JSON");
    let result = &json["result"];
    let expected = json!({
        "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false,
    });
    assert_eq!(result["tools"][0]["annotations"], expected);
    assert_eq!(result["tools"][0]["inputSchema"], json!({ "type": "object" }));
    assert_eq!(
        (&result["cacheScope"], &result["resultType"]),
        (&json!("public"), &json!("complete"))
    );
    assert!(result["ttlMs"].as_u64().is_some_and(|ms| ms > 0), "{result}");
}
