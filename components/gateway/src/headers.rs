//! Which headers go through. Deny by default inwards; outwards everything but what belongs to one hop.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Request headers that services behind the gateway may see.
const INWARD: &[HeaderName] = &[header::ACCEPT, header::CONTENT_TYPE];

/// Headers of one hop (RFC 9110, 7.6.1), and those the host sets by itself.
const ONE_HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// The client's headers that go on: an allow-list, so that no client can pose as the gateway.
#[must_use]
pub fn inward(client: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in INWARD {
        if let Some(value) = client.get(name) {
            kept.insert(name, value.clone());
        }
    }
    kept
}

/// The client's trace context, when it is one.
#[must_use]
pub fn traceparent(client: &HeaderMap) -> Option<String> {
    let text = client.get(gyre_chain::context::TRACEPARENT)?.to_str().ok()?;
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = text
        .bytes()
        .all(|b| b == b'-' || b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (lengths == [2, 32, 16, 2] && digits).then(|| text.to_owned())
}

/// The answer's headers for the client, naming the request.
#[must_use]
pub fn outward(answer: &HeaderMap, request_id: &str) -> HeaderMap {
    let named: Vec<String> = answer
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    let mut kept = HeaderMap::new();
    for (name, value) in answer {
        if !ONE_HOP.contains(&name.as_str()) && !named.iter().any(|n| n == name.as_str()) {
            kept.append(name, value.clone());
        }
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        kept.insert(gyre_chain::context::REQUEST_ID, value);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)))
            .collect()
    }

    #[test]
    fn a_client_cannot_pose_as_the_gateway() {
        let client = map(&[
            ("gyre-run", "forged"),
            ("x-request-id", "mine"),
            ("authorization", "Bearer secret"),
            ("cookie", "a=b"),
            ("spin-client-addr", "1.2.3.4"),
            ("transfer-encoding", "chunked"),
            ("content-type", "application/json"),
            ("accept", "text/event-stream"),
        ]);
        let kept = inward(&client);
        let mut names: Vec<&str> = kept.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "content-type"]);
    }

    #[test]
    fn headers_of_one_hop_stay_there() {
        let answer = map(&[
            ("content-type", "text/event-stream"),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("retry-after", "3"),
        ]);
        let kept = outward(&answer, "r-1");
        let mut names: Vec<&str> = kept.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "retry-after", "x-request-id"]);
    }

    #[test]
    fn only_trace_contexts_are_traced() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(traceparent(&map(&[("traceparent", good)])).as_deref(), Some(good));
        for bad in [
            "",
            "00",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "x\"y",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", HeaderValue::from_str(bad).expect("a value"));
            assert_eq!(traceparent(&headers), None, "{bad}");
        }
    }
}
