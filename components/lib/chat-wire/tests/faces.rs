//! What the libraries of other faces use to read their requests.

use gyre_chat_wire::{ChatRequest, Fields, Message, Priority, Role, parse_body, read_extensions};

#[test]
fn fields_name_where_they_stand() {
    let body = parse_body(br#"{"a":{"b":[1],"c":null}}"#).expect("JSON");
    let top = Fields::of(&body, "").expect("an object");
    let inner = top.object("a").expect("an object").expect("present");
    assert_eq!(inner.name("b"), "a.b");
    assert_eq!(
        inner.string("b").expect_err("an array").param.as_deref(),
        Some("a.b")
    );
    assert!(inner.get("c").is_none() && inner.is_null("c") && !inner.is_null("d"));
    assert_eq!(inner.unknown(&["b"]), Some("c"));
    assert_eq!(
        parse_body(b"[]").expect_err("no object").code.as_deref(),
        Some("invalid_json")
    );
}

#[test]
fn extensions_are_read_by_name() {
    let body =
        parse_body(br#"{"budget":{"total_tokens":7},"adapter":"poet","tenant":"t","service_tier":"flex"}"#)
            .expect("JSON");
    let mut request = ChatRequest::new("m", vec![Message::text(Role::User, "hi")]);
    read_extensions(&Fields::of(&body, "").expect("an object"), &mut request).expect("extensions");
    assert_eq!(request.budget.total_tokens, Some(7));
    assert_eq!(
        (request.adapter.as_deref(), request.tenant.as_deref()),
        (Some("poet"), Some("t"))
    );
    assert_eq!(request.priority, Priority::Low);
    let wrong = parse_body(br#"{"budget":{"tokens":7}}"#).expect("JSON");
    let refused = read_extensions(&Fields::of(&wrong, "").expect("an object"), &mut request);
    assert_eq!(
        refused.expect_err("unknown").param.as_deref(),
        Some("budget.tokens")
    );
}
