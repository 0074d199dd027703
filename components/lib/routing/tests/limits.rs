//! What upstreams say of their limits.

use gyre_routing::{Kind, Left, Upstream, retry_after_ms};

const NOW_MS: u64 = 1_700_000_000_000;

fn header<'a>(headers: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<&'a str> {
    move |name| {
        headers
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| *value)
    }
}

#[test]
fn when_to_ask_again() {
    for (name, value, wanted) in [
        ("retry-after", "2", Some(2_000)),
        ("retry-after", "0.5", Some(500)),
        ("retry-after", "0", Some(0)),
        ("retry-after-ms", "750", Some(750)),
        ("retry-after", "Tue, 14 Nov 2023 22:13:30 GMT", Some(10_000)),
        ("retry-after", "Tue, 14 Nov 2000 22:13:30 GMT", Some(0)),
        ("retry-after", "999999999", Some(86_400_000)),
        ("retry-after", "-1", None),
        ("retry-after", "soon", None),
        ("retry-after", "NaN", None),
        ("other", "2", None),
    ] {
        assert_eq!(
            retry_after_ms(header(&[(name, value)]), NOW_MS),
            wanted,
            "{name}: {value}"
        );
    }
}

#[test]
fn limits_of_openai_and_anthropic() {
    let openai = [
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", "6m0s"),
        ("x-ratelimit-remaining-tokens", "150"),
        ("x-ratelimit-reset-tokens", "20ms"),
    ];
    let read = Upstream::default().read(header(&openai), NOW_MS);
    let until_ms = NOW_MS + 360_000;
    assert_eq!(
        read.requests,
        Some(Left {
            remaining: 0,
            until_ms
        })
    );
    assert_eq!(read.tokens.map(|it| it.until_ms), Some(NOW_MS + 20));
    assert_eq!(read.refuses(1, NOW_MS), Some(until_ms));
    assert_eq!(read.refuses(1, until_ms), None, "the limit is over");

    let anthropic = [
        ("anthropic-ratelimit-tokens-remaining", "100"),
        ("anthropic-ratelimit-tokens-reset", "2023-11-14T22:13:21Z"),
    ];
    let read = Upstream::default().read(header(&anthropic), NOW_MS);
    assert_eq!(read.refuses(101, NOW_MS), Some(NOW_MS + 1_000));
    assert_eq!(read.refuses(100, NOW_MS), None, "it just fits");
    assert_eq!(read.read(header(&[]), NOW_MS), read, "silence changes nothing");

    for spoiled in [("x", "1s"), ("1", "x"), ("-1", "1s"), ("1", "1y"), ("1", "")] {
        let headers = [
            ("x-ratelimit-remaining-requests", spoiled.0),
            ("x-ratelimit-reset-requests", spoiled.1),
        ];
        assert_eq!(
            Upstream::default().read(header(&headers), NOW_MS),
            Upstream::default(),
            "{spoiled:?}"
        );
    }
}

#[test]
fn kinds_by_status() {
    for (status, code, kind) in [
        (400, None, Kind::BadRequest),
        (400, Some("context_length_exceeded"), Kind::ContextWindow),
        (400, Some("content_filter"), Kind::ContentPolicy),
        (418, None, Kind::Other(418)),
        (429, None, Kind::RateLimit),
        (504, None, Kind::Timeout),
        (529, None, Kind::Unavailable),
        (599, None, Kind::Internal),
    ] {
        assert_eq!(Kind::of(status, code), kind, "{status}");
    }
}
