use super::*;
use gyre_chat_wire::TokenLogprob;
use proptest::prelude::*;

const USAGE: Usage = Usage {
    prompt_tokens: 3,
    completion_tokens: 2,
    cached_prompt_tokens: None,
};

fn model() -> ChatEvent {
    ChatEvent::Model("m".into())
}

fn text(text: &str) -> ChatEvent {
    ChatEvent::Text(text.into())
}

fn call(index: u32, id: Option<&str>, name: Option<&str>, arguments: &str) -> ChatEvent {
    ChatEvent::ToolCall(ToolCallPart {
        index,
        id: id.map(str::to_owned),
        name: name.map(str::to_owned),
        arguments: arguments.into(),
    })
}

fn finish(reason: FinishReason) -> ChatEvent {
    ChatEvent::Finish(reason)
}

/// The pieces and the end of these events.
fn run(events: Vec<ChatEvent>) -> Result<(Vec<Piece>, FinishReason), Lie> {
    let mut progress = Progress::default();
    let mut pieces = Vec::new();
    for event in events {
        pieces.extend(progress.take(event)?);
    }
    Ok((pieces, progress.outcome()?.0))
}

#[test]
fn a_good_answer_passes() {
    let events = vec![
        model(),
        text("a"),
        text("b"),
        finish(FinishReason::Length),
        ChatEvent::Usage(USAGE),
    ];
    let pieces = ["a", "b"].map(|it| Piece::Text(it.into())).to_vec();
    assert_eq!(run(events), Ok((pieces, FinishReason::Length)));
}

#[test]
fn likelihoods_that_were_asked_for_must_come_with_text() {
    let told = || {
        let token = TokenLogprob {
            bytes: b"a".to_vec(),
            logprob: -0.5,
        };
        ChatEvent::Logprobs(vec![Logprobs {
            chosen: token.clone(),
            top: vec![token],
        }])
    };
    let end = |middle: Vec<ChatEvent>| {
        let mut progress = Progress::new(true);
        let events = [
            vec![model()],
            middle,
            vec![finish(FinishReason::Length), ChatEvent::Usage(USAGE)],
        ];
        for event in events.concat() {
            progress.take(event)?;
        }
        progress.outcome().map(drop)
    };
    assert_eq!(end(vec![text("a"), told()]), Ok(()));
    assert_eq!(end(vec![]), Ok(()));
    assert_eq!(end(vec![text("a")]), Err(Lie::NoLogprobs));
}

#[test]
fn tool_calls_say_who_they_are_once() {
    let events = vec![
        model(),
        call(0, Some("c"), Some("add"), ""),
        call(0, Some("c"), Some("add"), "{\"a\""),
        call(0, None, Some(""), ":1}"),
        call(0, None, None, ""),
        call(1, Some("d"), Some("add"), "{}"),
        finish(FinishReason::Stop),
        ChatEvent::Usage(USAGE),
    ];
    let (pieces, reason) = run(events).unwrap();
    assert_eq!(reason, FinishReason::ToolCalls);
    let told: Vec<_> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::ToolCall(part) => (
                part.index,
                part.id.as_deref(),
                part.name.as_deref(),
                &*part.arguments,
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            (0, Some("c"), Some("add"), ""),
            (0, None, None, "{\"a\""),
            (0, None, None, ":1}"),
            (1, Some("d"), Some("add"), "{}"),
        ]
    );
}

#[test]
fn every_lie_is_told() {
    let begun = |rest: Vec<ChatEvent>| [vec![model()], rest].concat();
    let stop = || finish(FinishReason::Stop);
    let first = || call(0, Some("c"), Some("t"), "");
    for (events, lie) in [
        (vec![text("a")], Lie::NoModel),
        (vec![stop(), ChatEvent::Usage(USAGE)], Lie::NoModel),
        (vec![ChatEvent::Model("x".repeat(257))], Lie::ModelName),
        (vec![ChatEvent::Model("a\u{1b}".into())], Lie::ModelName),
        (begun(vec![stop(), text("a")]), Lie::AfterFinish),
        (begun(vec![stop(), stop()]), Lie::FinishedTwice),
        (begun(vec![text("a"), ChatEvent::Usage(USAGE)]), Lie::Unfinished),
        (begun(vec![text("a"), stop()]), Lie::NoUsage),
        (
            begun(vec![finish(FinishReason::ToolCalls), ChatEvent::Usage(USAGE)]),
            Lie::NoCalls,
        ),
        (begun(vec![call(1, Some("c"), Some("t"), "")]), Lie::CallOrder),
        (
            begun(vec![
                first(),
                call(1, Some("d"), Some("t"), ""),
                call(0, None, None, "{"),
            ]),
            Lie::CallOrder,
        ),
        (begun(vec![call(0, None, Some("t"), "")]), Lie::CallIdentity),
        (begun(vec![call(0, Some("c"), Some(""), "")]), Lie::CallIdentity),
        (
            begun(vec![first(), call(0, Some("d"), None, "")]),
            Lie::CallIdentity,
        ),
        (
            begun(vec![first(), call(1, Some("c"), Some("t"), "")]),
            Lie::CallIdentity,
        ),
    ] {
        assert_eq!(run(events.clone()), Err(lie), "{events:?}");
    }
}

#[test]
fn answers_are_bounded() {
    let piece = "x".repeat(BYTES_MAX / 2);
    assert_eq!(
        run(vec![model(), text(&piece), text(&piece), text("x")]),
        Err(Lie::TooLarge)
    );
    let calls = (0..=128).map(|index| call(index, Some(&format!("c{index}")), Some("t"), ""));
    assert_eq!(
        run(std::iter::once(model()).chain(calls).collect()),
        Err(Lie::ManyCalls)
    );
}

proptest! {
    /// Whatever comes, readers get parts in order, each call's id and name once and first.
    #[test]
    fn pieces_are_always_in_order(parts in prop::collection::vec((0..3_u32, 0..3_usize, ".{0,3}"), 0..12)) {
        let mut progress = Progress::default();
        prop_assert_eq!(progress.take(model()), Ok(None));
        let mut begun = 0;
        for (index, id, arguments) in parts {
            let id = [None, Some("c"), Some("d")][id];
            let Ok(piece) = progress.take(call(index, id, id, &arguments)) else { break };
            if let Some(Piece::ToolCall(part)) = piece {
                prop_assert_eq!(part.id.is_some(), part.index == begun);
                prop_assert_eq!(part.name.is_some(), part.id.is_some());
                begun = begun.max(part.index + 1);
                prop_assert_eq!(part.index + 1, begun);
            }
        }
    }
}
