//! The SSE wire of agent events: whole streams survive any chunking, cut ones are told.

use gyre_agent_wire::{
    Citation, Cut, Event, FoldError, Folder, Mode, Parser, Passage, RetrievalState, Span, Usage, sse,
};
use proptest::prelude::*;
use serde_json::json;

fn retrieval() -> RetrievalState {
    RetrievalState {
        mode: Mode::Hybrid,
        embedding_model: Some("e".into()),
        reason: None,
    }
}

fn done() -> Event {
    let usage = Usage {
        prompt_tokens: 1,
        completion_tokens: 2,
    };
    Event::Done {
        finish_reason: "stop".into(),
        model: "m".into(),
        usage,
        retrieval: Some(retrieval()),
        citations_removed: 1,
    }
}

fn render(events: &[Event]) -> Vec<u8> {
    (0..)
        .zip(events)
        .map(|(id, event)| sse::render(id, event))
        .collect::<String>()
        .into_bytes()
}

/// Feeds bytes cut at these places.
fn parse(bytes: &[u8], cuts: &[usize]) -> Result<Vec<Event>, Cut> {
    let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (bytes.len() + 1)).collect();
    cuts.sort_unstable();
    cuts.push(bytes.len());
    let (mut parser, mut events, mut start) = (Parser::new(), Vec::new(), 0);
    for end in cuts {
        events.extend(parser.feed(&bytes[start..end])?);
        start = end;
    }
    parser.finish().map(|()| events)
}

fn any_span() -> impl Strategy<Value = Span> {
    (any::<u32>(), any::<u32>()).prop_map(|(start_line, end_line)| Span { start_line, end_line })
}

fn any_passage() -> impl Strategy<Value = Passage> {
    // Scores in steps: JSON readers may be off by the last bit, which is nothing to a ranking.
    let score = prop::option::of(any::<i16>().prop_map(|n| f64::from(n) / 64.0));
    (".*", ".*", any_span(), ".*", score).prop_map(|(id, source, span, text, score)| Passage {
        id,
        source,
        span,
        text,
        score,
    })
}

/// Any event that does not end a stream.
fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (".*", ".*", prop::option::of(".*")).prop_map(|(run_id, agent, session)| Event::RunStarted {
            run_id,
            agent,
            session,
        }),
        (".*", ".*").prop_map(|(id, name)| Event::ToolCall {
            id,
            name,
            arguments: json!({"query": "q\r\n"})
        }),
        (
            any::<bool>(),
            prop::option::of(prop::collection::vec(any_passage(), 0..3))
        )
            .prop_map(|(is_error, passages)| {
                let retrieval = passages.as_ref().map(|_| retrieval());
                Event::ToolResult {
                    id: "i".into(),
                    name: "n".into(),
                    is_error,
                    content: None,
                    passages,
                    retrieval,
                }
            }),
        "(?s).*".prop_map(|text| Event::TextDelta { text }),
        (any::<u32>(), ".*", any_span(), "(?s).*").prop_map(|(mark, source, span, quote)| Event::Citation {
            mark,
            source,
            span,
            quote
        }),
        (any::<u64>(), any::<u64>()).prop_map(|(prompt_tokens, completion_tokens)| {
            Event::Usage(Usage {
                prompt_tokens,
                completion_tokens,
            })
        }),
    ]
}

fn any_stream() -> impl Strategy<Value = Vec<Event>> {
    let end = prop_oneof![Just(done()), ".*".prop_map(|m| Event::error("k", m, "h"))];
    (prop::collection::vec(any_event(), 0..8), end).prop_map(|(mut events, end)| {
        events.push(end);
        events
    })
}

proptest! {
    #[test]
    fn parsing_takes_back_rendering_however_it_is_cut(
        events in any_stream(), cuts in prop::collection::vec(any::<usize>(), 0..20)
    ) {
        prop_assert_eq!(parse(&render(&events), &cuts).expect("whole"), events);
    }

    #[test]
    fn a_stream_that_lost_its_tail_is_cut(events in any_stream(), lost in 1_usize..200) {
        let bytes = render(&events);
        let kept = bytes.len().saturating_sub(lost);
        // Losing a whole event or a part of it: never a normal end.
        prop_assert!(parse(&bytes[..kept], &[]).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes, &[7, 50]);
    }
}

#[test]
fn the_wire_is_as_documented() {
    let event = Event::TextDelta { text: "a\nb".into() };
    assert_eq!(
        sse::render(3, &event),
        "id: 3\nevent: text.delta\ndata: {\"type\":\"text.delta\",\"text\":\"a\\nb\"}\n\n"
    );
    let data = serde_json::to_value(done()).expect("JSON");
    assert_eq!(
        data,
        json!({
            "type": "done", "finish_reason": "stop", "model": "m",
            "usage": {"prompt_tokens": 1, "completion_tokens": 2},
            "retrieval": {"mode": "hybrid", "embedding_model": "e", "reason": null},
            "citations_removed": 1,
        })
    );
}

#[test]
fn line_ends_and_comments_of_others_are_read() {
    let data = serde_json::to_string(&done()).expect("JSON");
    for text in [
        format!(": hi\r\ndata: {data}\r\n\r\n"),
        format!("data:{data}\r\r"),
        format!("event: x\nretry: 5\nid\ndata: {data}\n\n: bye\n\n"),
    ] {
        assert_eq!(
            parse(text.as_bytes(), &[3, 5, 9]).expect("whole"),
            [done()],
            "{text}"
        );
    }
}

#[test]
fn what_is_no_stream_is_told() {
    let whole = String::from_utf8(render(&[done()])).expect("UTF-8");
    let after = parse(format!("{whole}{whole}").as_bytes(), &[]);
    assert!(matches!(after, Err(Cut::AfterEnd)), "{after:?}");
    assert!(matches!(parse(b"data: {}\n\n", &[]), Err(Cut::Event(_))));
    assert!(matches!(parse(b"data: \xff\n\n", &[]), Err(Cut::Encoding)));
    assert!(matches!(parse(b"", &[]), Err(Cut::Ended)));
    let mut parser = Parser::new();
    assert!(matches!(
        parser.feed(&vec![b'x'; 2 * 1024 * 1024]),
        Err(Cut::TooLarge)
    ));
}

fn fold(events: Vec<Event>) -> Result<gyre_agent_wire::Answer, FoldError> {
    let mut folder = Folder::new();
    for event in events {
        folder.push(event)?;
    }
    folder.finish()
}

#[test]
fn a_whole_run_folds_to_an_answer() {
    let span = Span {
        start_line: 1,
        end_line: 2,
    };
    let citation = || Event::Citation {
        mark: 1,
        source: "a.md".into(),
        span,
        quote: "q".into(),
    };
    let text = |text: &str| Event::TextDelta { text: text.into() };
    let started = Event::RunStarted {
        run_id: "r".into(),
        agent: "a".into(),
        session: Some("s".into()),
    };
    let answer = fold(vec![
        started,
        text("One [1]"),
        citation(),
        text(" two [1]."),
        citation(),
        done(),
    ])
    .expect("whole");
    assert_eq!(answer.output, "One [1] two [1].");
    assert_eq!(
        answer.citations,
        [Citation {
            mark: 1,
            source: "a.md".into(),
            span,
            quote: "q".into()
        }]
    );
    assert_eq!(
        (answer.id.as_str(), answer.model.as_str(), answer.retrieval),
        ("r", "m", Some(retrieval()))
    );
}

#[test]
fn a_run_without_an_end_folds_to_an_error() {
    let text = Event::TextDelta { text: "half".into() };
    assert_eq!(fold(vec![text.clone()]), Err(FoldError::Cut));
    let failed = fold(vec![text, Event::error("k", "m", "h")]);
    assert_eq!(
        failed,
        Err(FoldError::Failed {
            kind: "k".into(),
            message: "m".into(),
            hint: "h".into()
        })
    );
}
