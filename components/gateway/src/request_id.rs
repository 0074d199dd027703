//! Request ids: a client may choose one, if it is harmless in a log.

use http::HeaderMap;

/// Longest id that is taken over.
const CHARS_MAX: usize = 128;

/// The client's id, when it has a good one.
#[must_use]
pub fn from_client(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(gyre_chain::context::REQUEST_ID)?.to_str().ok()?;
    let good = !id.is_empty()
        && id.len() <= CHARS_MAX
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    good.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn ids_are_short_and_plain() {
        let long = "a".repeat(129);
        for (given, good) in [
            ("req-1_2.3", true),
            ("", false),
            ("a b", false),
            ("a\"", false),
            ("%0a", false),
            (long.as_str(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-request-id", HeaderValue::from_str(given).expect("a value"));
            assert_eq!(from_client(&headers).is_some(), good, "{given}");
        }
        assert_eq!(from_client(&HeaderMap::new()), None);
    }
}
