//! Server-sent events: the standard's cases, and that pieces do not matter.

use gyre_chat_wire::{SseEvent, SseParser};
use proptest::prelude::*;

fn parse(body: &[u8]) -> Vec<SseEvent> {
    SseParser::new().push(body).unwrap()
}

fn event(event: &str, data: &str, id: &str) -> SseEvent {
    SseEvent {
        event: event.into(),
        data: data.into(),
        id: id.into(),
    }
}

#[test]
fn the_standard_s_cases() {
    for (body, wanted) in [
        ("data: a\n\n", vec![event("", "a", "")]),
        ("data:a\n\n", vec![event("", "a", "")]),
        ("data:  a\n\n", vec![event("", " a", "")]),
        ("data: a\ndata: b\n\n", vec![event("", "a\nb", "")]),
        (
            "data\n\ndata\ndata\n\n",
            vec![event("", "", ""), event("", "\n", "")],
        ),
        ("event: x\nid: 7\ndata: a\n\n", vec![event("x", "a", "7")]),
        (": comment\n\nretry: 10\ndata: a\n\n", vec![event("", "a", "")]),
        ("event: x\n\ndata: a\n\n", vec![event("", "a", "")]),
        (
            "data: a\r\n\r\ndata: b\r\rdata: c\n\n",
            vec![event("", "a", ""), event("", "b", ""), event("", "c", "")],
        ),
        ("\u{feff}data: a\n\n", vec![event("", "a", "")]),
        ("data: cut", vec![]),
        ("data: cut\n", vec![]),
    ] {
        assert_eq!(parse(body.as_bytes()), wanted, "{body:?}");
    }
}

#[test]
fn an_endless_event_is_refused() {
    let mut parser = SseParser::new();
    let piece = vec![b'a'; 1024 * 1024];
    let refused = (0..6).any(|_| parser.push(&piece).is_err());
    assert!(refused);
}

/// Bodies made of what matters to the parser, and of anything.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        Just("data: ".as_bytes().to_vec()),
        Just(b"event: e".to_vec()),
        Just(b"id:1".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just("\u{feff}é".as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn any_pieces_give_the_same_events(body in bodies(), cuts in proptest::collection::vec(1usize..9, 1..20)) {
        let mut parser = SseParser::new();
        let mut events = Vec::new();
        let mut rest = body.as_slice();
        for size in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at(rest.len().min(*size));
            events.extend(parser.push(piece).unwrap());
            rest = after;
        }
        prop_assert_eq!(events, parse(&body));
    }
}
