use super::*;

fn event(kind: &str, body: &str) -> Event {
    Event {
        kind: kind.into(),
        body: body.into(),
    }
}

fn good(result: Result<(), Error>) -> bool {
    match result {
        Ok(()) => true,
        Err(Error::Invalid(text)) => {
            assert!(text.contains("; hint: "), "{text}");
            false
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn names_and_prefixes_are_checked() {
    let longest = "n".repeat(NAME_BYTES_MAX);
    for (text, as_name, as_prefix) in [
        ("session/local/a.b-c", true, true),
        ("one", true, true),
        (longest.as_str(), true, true),
        (&format!("{longest}x"), false, false),
        ("", false, true),
        ("/a", false, true),
        ("a/", false, true),
        ("a//b", false, true),
        ("a b", false, false),
        ("a\u{0}", false, false),
        ("ä", false, false),
    ] {
        assert_eq!(good(name(text)), as_name, "{text}");
        assert_eq!(good(prefix(text)), as_prefix, "{text}");
    }
}

#[test]
fn kinds_are_checked() {
    let longest = "k".repeat(KIND_BYTES_MAX);
    for (kind, expected) in [
        ("turn", true),
        ("run.asked", true),
        ("a-b.c1", true),
        (longest.as_str(), true),
        (&format!("{longest}k"), false),
        ("", false),
        (".a", false),
        ("a..b", false),
        ("a-", false),
        ("Run", false),
        ("a_b", false),
    ] {
        assert_eq!(good(events(&[event(kind, "{}")])), expected, "{kind}");
    }
}

#[test]
fn bodies_are_objects_within_their_bound() {
    let text = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    for (body, expected) in [
        ("{}", true),
        (" {\"a\":[1,{\"b\":null}]} ", true),
        ("", false),
        ("[]", false),
        ("1", false),
        ("{\"a\":}", false),
        ("{} {}", false),
        (deep.as_str(), false),
        (&text(BODY_BYTES_MAX), true),
        (&text(BODY_BYTES_MAX + 1), false),
    ] {
        let shown: String = body.chars().take(20).collect();
        assert_eq!(good(events(&[event("k", body)])), expected, "{shown}");
    }
    let whole = text(BODY_BYTES_MAX);
    let many = |count: usize| vec![event("k", &whole); count];
    assert!(good(events(&many(4))));
    assert!(!good(events(&many(5))));
}

#[test]
fn counts_are_checked() {
    assert!(!good(events(&[])));
    assert!(good(events(&vec![event("k", "{}"); APPEND_EVENTS_MAX])));
    assert!(!good(events(&vec![event("k", "{}"); APPEND_EVENTS_MAX + 1])));
    for (limit, expected) in [(0, false), (1, true), (1000, true), (1001, false)] {
        assert_eq!(good(items(limit)), expected, "{limit}");
    }
}
