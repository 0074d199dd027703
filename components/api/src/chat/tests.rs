use super::*;

#[test]
fn bodies_are_checked() {
    let long = format!(r#"{{"input":"{}"}}"#, "x".repeat(INPUT_BYTES_MAX + 1));
    let many = format!(
        r#"{{"input":"a","messages":[{}]}}"#,
        vec![r#"{"role":"user","content":"b"}"#; 101].join(",")
    );
    type Case<'a> = (&'a [u8], Option<(u16, &'a str)>);
    let cases: &[Case<'_>] = &[
        (br#"{"input":"a"}"#, None),
        (
            br#"{"input":"a","stream":true,"model":"m","messages":[{"role":"user","content":"b"}]}"#,
            None,
        ),
        (br#"{"input":"a","session":"my.notes-1_a"}"#, None),
        (br#"{"input":"a","session":"a/b"}"#, Some((422, "wrong-session"))),
        (br#"{"input":"a","session":""}"#, Some((422, "wrong-session"))),
        (b"", Some((400, "malformed-json"))),
        (b"{\"input\":", Some((400, "malformed-json"))),
        (b"not json", Some((400, "malformed-json"))),
        (b"{\"input\":\"\xff\xfe\"}", Some((400, "invalid-utf-8"))),
        (br#"{"input":" "}"#, Some((422, "empty-input"))),
        (br#"{"input":7}"#, Some((400, "malformed-json"))),
        (br#"{"input":"a","temperature":1}"#, Some((400, "malformed-json"))),
        (
            br#"{"input":"a","messages":[{"role":"system","content":"b"}]}"#,
            Some((400, "malformed-json")),
        ),
        (br#"{"input":"a","model":""}"#, Some((422, "empty-model"))),
        (long.as_bytes(), Some((413, "input-too-large"))),
        (many.as_bytes(), Some((413, "input-too-large"))),
    ];
    for (body, expected) in cases {
        let problem = ChatRequest::parse(body).err();
        let found = problem.as_ref().map(|p| (p.status, p.kind()));
        assert_eq!(
            found,
            *expected,
            "{:?}",
            String::from_utf8_lossy(&body[..body.len().min(80)])
        );
        assert!(problem.is_none_or(|p| !p.hint.is_empty()));
    }
}

#[test]
fn an_agent_is_told_what_it_needs_and_no_more() {
    let plain = ChatRequest::parse(br#"{"input":"a","stream":true}"#).expect("right");
    assert_eq!(plain.run_json(None), br#"{"input":"a","messages":[]}"#);
    let body = br#"{"input":"a","model":"m","session":"s"}"#;
    let full = ChatRequest::parse(body).expect("right");
    let persona = RawValue::from_string(r#"{"id": "b"}"#.into()).expect("JSON");
    assert_eq!(
        full.run_json(Some(&persona)),
        br#"{"input":"a","messages":[],"model":"m","session":"s","persona":{"id": "b"}}"#
    );
}
