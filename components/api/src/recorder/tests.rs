use gyre_agent_wire::Usage;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn text(text: &str) -> Event {
    Event::TextDelta {
        text: text.to_owned(),
    }
}

fn call(n: u8) -> Event {
    Event::ToolCall {
        id: n.to_string(),
        name: "calculator".into(),
        arguments: serde_json::json!({ "expression": "1\n\"2\"" }),
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => any::<String>().prop_map(|s| text(&s)),
        1 => (1..TEXT_BYTES * 2).prop_map(|n| text(&"é".repeat(n))),
        1 => any::<u8>().prop_map(call),
        1 => any::<u64>().prop_map(|n| Event::Usage(Usage { prompt_tokens: n, completion_tokens: 0 })),
        1 => any::<String>().prop_map(|s| Event::error("cut", s, "ask again")),
    ]
}

/// The events of a batch, each with its kind checked.
fn read(batch: &[u8]) -> Vec<Event> {
    let batch: Value = serde_json::from_slice(batch).expect("JSON");
    let events = batch["events"].as_array().expect("a list");
    events
        .iter()
        .map(|entry| {
            let event: Event = serde_json::from_value(entry["body"].clone()).expect("an event");
            assert_eq!(entry["kind"], event.name());
            event
        })
        .collect()
}

/// Neighbouring texts as one, and no empty ones: what a run says, however it is cut.
fn merged(events: impl IntoIterator<Item = Event>) -> Vec<Event> {
    let mut merged: Vec<Event> = Vec::new();
    for event in events {
        match (&event, merged.last_mut()) {
            (Event::TextDelta { text }, _) if text.is_empty() => {}
            (Event::TextDelta { text }, Some(Event::TextDelta { text: before })) => before.push_str(text),
            _ => merged.push(event),
        }
    }
    merged
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_goes_in_comes_out(
        events in prop::collection::vec((event(), any::<bool>()), 0..40),
    ) {
        let mut recorder = Recorder::new();
        let mut written = Vec::new();
        let end = Event::error("overloaded", "m", "h");
        for (event, look) in events.iter().map(|(e, l)| (e, *l)).chain([(&end, true)]) {
            recorder.take(event);
            while look && recorder.is_due() {
                let batch = recorder.batch().expect("something is due");
                written.extend(read(&batch));
            }
        }
        prop_assert_eq!(recorder.backlog_bytes(), 0, "nothing waits after the end");
        prop_assert!(recorder.batch().is_none());
        let given = events.into_iter().map(|(event, _)| event).chain([end]);
        prop_assert_eq!(merged(written), merged(given));
    }
}

#[test]
fn texts_are_kept_together_up_to_their_bound() {
    let mut recorder = Recorder::new();
    let piece = "x".repeat(1000);
    for _ in 0..16 {
        recorder.take(&text(&piece));
    }
    assert!(
        !recorder.is_due() && recorder.batch().is_none(),
        "{}",
        recorder.backlog_bytes()
    );
    recorder.take(&text(&piece));
    assert!(recorder.is_due());
    let batch = recorder.batch().expect("a batch");
    assert_eq!(read(&batch), [text(&"x".repeat(17_000))]);
}

#[test]
fn tool_events_are_due_with_all_that_came_before() {
    let mut recorder = Recorder::new();
    recorder.take(&text("a"));
    recorder.take(&Event::Usage(Usage::default()));
    assert!(!recorder.is_due());
    recorder.take(&call(1));
    assert!(recorder.is_due());
    let batch = recorder.batch().expect("a batch");
    assert_eq!(read(&batch), [text("a"), Event::Usage(Usage::default()), call(1)]);
}

#[test]
fn batches_are_bounded() {
    let mut recorder = Recorder::new();
    for n in 0..5 {
        recorder.take(&Event::error("a", "m".repeat(BATCH_BYTES / 2 + n), "h"));
    }
    recorder.take(&Event::error("a", "m".repeat(BATCH_BYTES * 2), "h"));
    let mut sizes = Vec::new();
    while let Some(batch) = recorder.batch() {
        sizes.push(read(&batch).len());
    }
    assert_eq!(
        sizes, [1; 6],
        "two halves and their frames are more than one batch"
    );

    for _ in 0..=BATCH_EVENTS_MAX {
        recorder.take(&Event::Usage(Usage::default()));
    }
    let batch = recorder.batch().expect("a batch");
    assert_eq!(read(&batch).len(), BATCH_EVENTS_MAX, "many small ones");
}
