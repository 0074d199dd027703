//! Bounds on what is appended and asked.

use serde_json::{Map, Value};

use crate::entry::Event;
use crate::error::Error;

/// Bytes of a stream's name.
pub const NAME_BYTES_MAX: usize = 256;
/// Bytes of an event's kind.
pub const KIND_BYTES_MAX: usize = 64;
/// Bytes of an event's body.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Events of one append.
pub const APPEND_EVENTS_MAX: usize = 1024;
/// Bytes of the bodies of one append.
pub const APPEND_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Events of a stream.
pub const STREAM_EVENTS_MAX: u64 = 100_000;
/// Entries or streams of one answer.
pub const ANSWER_ITEMS_MAX: u32 = 1000;
/// Bytes of the bodies of one answer, unless it is a single event.
pub const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Checks a stream's name: segments of visible ASCII between slashes.
pub fn name(name: &str) -> Result<(), Error> {
    between("a stream's name", name.len(), 1, NAME_BYTES_MAX, "bytes")?;
    visible("a stream's name", name)?;
    if name.split('/').any(str::is_empty) {
        return Err(invalid(
            "a stream's name has an empty segment",
            "put at least one character before, between and after slashes: session/local/a",
        ));
    }
    Ok(())
}

/// Checks the beginning of a name, which may be empty or end anywhere.
pub fn prefix(prefix: &str) -> Result<(), Error> {
    between("a prefix", prefix.len(), 0, NAME_BYTES_MAX, "bytes")?;
    visible("a prefix", prefix)
}

/// Checks how many items are asked for.
pub fn items(limit: u32) -> Result<(), Error> {
    between("a limit", limit as usize, 1, ANSWER_ITEMS_MAX as usize, "items")
}

/// Checks all events of an append before anything is written.
pub fn events(events: &[Event]) -> Result<(), Error> {
    between("an append", events.len(), 1, APPEND_EVENTS_MAX, "events")?;
    let bytes = events.iter().map(|event| event.body.len()).sum();
    between("the bodies of an append", bytes, 0, APPEND_BYTES_MAX, "bytes")?;
    events.iter().try_for_each(|event| {
        kind(&event.kind)?;
        body(&event.body)
    })
}

fn kind(kind: &str) -> Result<(), Error> {
    between("an event's kind", kind.len(), 1, KIND_BYTES_MAX, "bytes")?;
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if kind.split(['.', '-']).all(word) {
        return Ok(());
    }
    Err(invalid(
        "an event's kind is not words of lower-case letters and digits joined by `.` or `-`",
        "name it like tool.result",
    ))
}

fn body(body: &str) -> Result<(), Error> {
    between("an event's body", body.len(), 2, BODY_BYTES_MAX, "bytes")?;
    // Read into values: skipping would accept nesting that no reader can follow.
    let read = serde_json::from_str::<Map<String, Value>>(body);
    // What the reader says is left out: it may quote the event.
    read.map(drop).map_err(|error| {
        invalid(
            format!(
                "an event's body is not one JSON object, at line {} column {}",
                error.line(),
                error.column()
            ),
            "send text like {\"a\":1}, nested at most 127 deep",
        )
    })
}

fn visible(what: &str, text: &str) -> Result<(), Error> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(invalid(
        format!("{what} has a character that is not visible ASCII"),
        "use letters, digits and punctuation without spaces, and encode the rest",
    ))
}

fn between(what: &str, given: usize, min: usize, max: usize, unit: &str) -> Result<(), Error> {
    if (min..=max).contains(&given) {
        return Ok(());
    }
    let cure = if given > max {
        "ask for less at once, or divide it"
    } else {
        "give at least as much"
    };
    Err(invalid(
        format!("{what} must have {min} to {max} {unit}, given are {given}"),
        cure,
    ))
}

/// A wrong request and its cure.
pub fn invalid(what: impl std::fmt::Display, cure: &str) -> Error {
    Error::Invalid(format!("{what}; hint: {cure}"))
}

#[cfg(test)]
mod tests {
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
}
