//! What models send, and what they get.

use proptest::prelude::*;
use serde_json::{Value, json};
use tool_clock::difference::{self, difference};
use tool_clock::now::{self, now};

/// 2026-03-29 at 01:30 UTC: in Berlin the clock has just gone from two to three.
const SPRING: i64 = 1_774_747_800_123;

fn structured(answer: &tool_clock::Answer) -> Value {
    serde_json::from_str(&answer.structured).expect("JSON")
}

#[test]
fn the_time_is_told_in_every_zone() {
    for (arguments, local, weekday, zone) in [
        ("{}", "2026-03-29T01:30:00+00:00", "Sunday", "UTC"),
        (
            r#"{"time_zone":"UTC"}"#,
            "2026-03-29T01:30:00+00:00",
            "Sunday",
            "UTC",
        ),
        (
            r#"{"time_zone":"Europe/Berlin"}"#,
            "2026-03-29T03:30:00+02:00",
            "Sunday",
            "Europe/Berlin",
        ),
        (
            r#"{"time_zone":"europe/berlin"}"#,
            "2026-03-29T03:30:00+02:00",
            "Sunday",
            "Europe/Berlin",
        ),
        (
            r#"{"time_zone":"America/New_York"}"#,
            "2026-03-28T21:30:00-04:00",
            "Saturday",
            "America/New_York",
        ),
        (
            r#"{"time_zone":"Asia/Kathmandu"}"#,
            "2026-03-29T07:15:00+05:45",
            "Sunday",
            "Asia/Kathmandu",
        ),
    ] {
        let answer = now(arguments, SPRING).expect(arguments);
        let expected = json!({
            "utc": "2026-03-29T01:30:00Z", "local": local, "time_zone": zone, "unix_ms": SPRING, "weekday": weekday,
        });
        assert_eq!(structured(&answer), expected, "{arguments}");
        assert!(
            answer.text.contains(local) && answer.text.contains(weekday),
            "{}",
            answer.text
        );
    }
}

#[test]
fn days_are_counted_by_the_calendar() {
    for (from, to, days, parts) in [
        ("2026-01-31", "2026-03-01", 29, [0, 1, 1]),
        ("2024-02-28", "2024-03-01", 2, [0, 0, 2]),
        ("2000-02-29", "2026-11-21", 9762, [26, 8, 23]),
        ("2026-11-21", "2026-11-21", 0, [0, 0, 0]),
        ("2026-11-21", "2026-11-20", -1, [0, 0, -1]),
        ("-009999-01-01", "9999-12-31", 7_304_483, [19_998, 11, 30]),
    ] {
        let answer = difference(&json!({ "from": from, "to": to }).to_string()).expect(from);
        let found = structured(&answer);
        assert_eq!(found["days_in_all"], days, "{from} {to}");
        assert_eq!(
            json!([found["years"], found["months"], found["days"]]),
            json!(parts),
            "{from} {to}"
        );
    }
}

#[test]
fn what_cannot_be_told_says_why_and_what_to_do() {
    let long = json!({ "time_zone": "A".repeat(65) }).to_string();
    for (arguments, said) in [
        (r#"{"time_zone":"Mars/Olympus"}"#, "no time zone `Mars/Olympus`"),
        (r#"{"time_zone":""}"#, "no time zone"),
        (r#"{"time_zone":"../etc/passwd"}"#, "no time zone"),
        (r#"{"zone":"UTC"}"#, "do not fit"),
        ("[1]", "do not fit"),
        (long.as_str(), "no time zone"),
    ] {
        let why = now(arguments, SPRING).expect_err(arguments).to_string();
        assert!(why.contains(said) && why.contains("; hint: "), "{why}");
    }
    assert!(
        now("{}", i64::MAX)
            .expect_err("no calendar")
            .to_string()
            .contains("the clock")
    );
    for (from, to) in [
        ("2026-02-30", "2026-03-01"),
        ("2026-03-01", "tomorrow"),
        ("2026-03-01T10:00", "2026-03-02"),
        ("", "2026-03-02"),
    ] {
        let why = difference(&json!({ "from": from, "to": to }).to_string())
            .expect_err(from)
            .to_string();
        assert!(why.contains("is not a date; hint: "), "{why}");
    }
}

#[test]
fn schemas_are_objects() {
    for schema in [
        now::input_schema(),
        now::output_schema(),
        difference::input_schema(),
        difference::output_schema(),
    ] {
        let schema: Value = serde_json::from_str(&schema).expect("JSON");
        assert_eq!(schema["type"], "object");
    }
}

proptest! {
    #[test]
    fn no_text_panics(zone in ".{0,70}", date in "[0-9T:.-]{0,20}", ms: i64) {
        let _ = now(&json!({ "time_zone": zone }).to_string(), ms);
        let _ = difference(&json!({ "from": date, "to": "2026-01-01" }).to_string());
    }

    #[test]
    fn there_and_back_is_nothing(a in 0_i64..3_000_000, b in 0_i64..3_000_000) {
        let day = |days: i64| (jiff::civil::date(-4000, 1, 1) + jiff::ToSpan::days(days)).to_string();
        let count = |from: i64, to: i64| {
            let arguments = json!({ "from": day(from), "to": day(to) }).to_string();
            structured(&difference(&arguments).expect("dates"))["days_in_all"].as_i64()
        };
        prop_assert_eq!(count(a, b), Some(b - a));
        prop_assert_eq!(count(b, a), Some(a - b));
    }
}
