use futures::executor::block_on;
use gyre_ledger::double::Double;
use serde_json::{Value, json};

use super::*;

fn name(tenant: &str, id: &str) -> StreamName {
    name::session(tenant, id).expect("a name")
}

fn message(role: Role, content: &str) -> Message {
    Message {
        role,
        content: content.into(),
    }
}

fn turn(run: &str, question: &str, answer: &str) -> Turn {
    Turn {
        run: run.into(),
        messages: vec![message(Role::User, question), message(Role::Assistant, answer)],
    }
}

/// Two tenants, one with two sessions.
fn filled() -> Double {
    let double = Double::default();
    let all = [
        ("local", "a", "r1", "one"),
        ("acme", "a", "r2", "other"),
        ("local", "b", "r3", "two"),
        ("local", "a", "r4", "three"),
    ];
    for (at_ms, (tenant, id, run, question)) in (10..).zip(all) {
        double.now_ms.set(at_ms);
        let turn = turn(run, question, "yes");
        block_on(append(&double, &name(tenant, id), &turn)).expect("appended");
    }
    double
}

fn json_of(value: impl Serialize) -> Value {
    serde_json::to_value(value).expect("JSON")
}

#[test]
fn a_session_is_recalled_oldest_first() {
    let double = filled();
    let recalled = block_on(recall(&double, &name("local", "a"), 40)).expect("recalled");
    assert_eq!(
        json_of(recalled),
        json!({ "session": "a", "turns": 2, "messages": [
            { "role": "user", "content": "one" }, { "role": "assistant", "content": "yes" },
            { "role": "user", "content": "three" }, { "role": "assistant", "content": "yes" },
        ] })
    );
    let newest = block_on(recall(&double, &name("local", "a"), 3)).expect("recalled");
    assert_eq!((newest.turns, newest.messages.len()), (2, 2), "no half turns");
    let none = block_on(recall(&double, &name("local", "new"), 40)).expect("recalled");
    assert_eq!(
        json_of(none),
        json!({ "session": "new", "turns": 0, "messages": [] })
    );
}

#[test]
fn an_append_tells_how_many_turns_there_are() {
    let double = filled();
    let appended = block_on(append(&double, &name("local", "a"), &turn("r5", "q", "a"))).expect("appended");
    assert_eq!(json_of(appended), json!({ "session": "a", "turns": 3 }));
    let empty = Turn {
        run: "r".into(),
        messages: vec![],
    };
    let refused = block_on(append(&double, &name("local", "a"), &empty)).expect_err("refused");
    assert_eq!(refused.status, 422);
}

#[test]
fn tenants_see_their_own_only() {
    let double = filled();
    let listed = block_on(list(&double, "local", 0, 10)).expect("listed");
    assert_eq!(
        json_of(listed),
        json!({ "sessions": [
            { "id": "a", "turns": 2, "created_ms": 10, "updated_ms": 13 },
            { "id": "b", "turns": 1, "created_ms": 12, "updated_ms": 12 },
        ] })
    );
    let acme = block_on(list(&double, "acme", 0, 10)).expect("listed");
    assert_eq!(acme.sessions.len(), 1);
    let missing = block_on(get(&double, &name("acme", "b"), 0)).expect_err("another's");
    assert_eq!(missing.status, 404);
    assert_eq!(
        block_on(delete(&double, &name("acme", "b")))
            .expect_err("another's")
            .status,
        404
    );
    assert!(
        block_on(list(&double, "loc", 0, 10))
            .expect("listed")
            .sessions
            .is_empty()
    );
}

#[test]
fn a_transcript_says_who_said_what_when() {
    let double = filled();
    let all = block_on(get(&double, &name("local", "b"), 0)).expect("a transcript");
    assert_eq!(
        json_of(all),
        json!({ "id": "b", "turns": 1, "created_ms": 12, "updated_ms": 12, "messages": [
            { "role": "user", "content": "two", "run": "r3", "at_ms": 12 },
            { "role": "assistant", "content": "yes", "run": "r3", "at_ms": 12 },
        ] })
    );
    let later = block_on(get(&double, &name("local", "a"), 1)).expect("a transcript");
    assert_eq!((later.summary.turns, later.messages.len()), (2, 2));
}

#[test]
fn a_long_transcript_comes_in_parts() {
    let double = Double::default();
    let name = name("local", "long");
    let long = "x".repeat(900 * 1024);
    for run in ["r1", "r2", "r3", "r4", "r5"] {
        block_on(append(&double, &name, &turn(run, &long, "yes"))).expect("appended");
    }
    let first = block_on(get(&double, &name, 0)).expect("a part");
    assert_eq!((first.messages.len(), first.next_after), (8, Some(4)));
    let second = block_on(get(&double, &name, 4)).expect("a part");
    assert_eq!((second.messages.len(), second.next_after), (2, None));
}

#[test]
fn a_deleted_session_is_gone() {
    let double = filled();
    block_on(delete(&double, &name("local", "a"))).expect("deleted");
    let again = block_on(delete(&double, &name("local", "a"))).expect_err("gone");
    assert_eq!(again.status, 404);
    let recalled = block_on(recall(&double, &name("local", "a"), 40)).expect("recalled");
    assert_eq!(recalled.turns, 0);
    let acme = block_on(recall(&double, &name("acme", "a"), 40)).expect("recalled");
    assert_eq!(acme.turns, 1, "another tenant's stays");
}
