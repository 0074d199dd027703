//! Passes a request to a backend and its answer back, byte by byte as they come.

use gyre_chat_wire::{ApiError, Endpoint};
use spin_sdk::http::HeaderMap;

/// Headers that go on to a backend, besides the body's type.
const CARRIED: [&str; 4] = ["x-request-id", "gyre-run", "traceparent", "content-type"];

/// A request to a backend, with the headers that are carried on.
pub(crate) fn request<B>(
    backend: &str,
    endpoint: Endpoint,
    headers: &HeaderMap,
    body: B,
) -> Result<http::Request<B>, ApiError> {
    let mut request = http::Request::builder()
        .method(endpoint.method())
        .uri(format!("http://{backend}.spin.internal{}", endpoint.path()))
        .body(body)
        .map_err(|error| {
            ApiError::new(
                500,
                "misconfigured",
                format!("the backend `{backend}` has no address: {error}"),
            )
        })?;
    for name in CARRIED {
        if let Some(value) = headers.get(name) {
            request.headers_mut().insert(name, value.clone());
        }
    }
    Ok(request)
}

/// Headers of an answer that belong to one connection, not to the answer.
const HOP_BY_HOP: [&str; 7] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Takes the headers off that are not for the client of this service.
pub(crate) fn strip(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_headers_are_carried() {
        let mut headers = HeaderMap::new();
        for name in [
            "x-request-id",
            "gyre-run",
            "authorization",
            "content-type",
            "content-length",
        ] {
            headers.insert(name, "1".parse().unwrap());
        }
        let request = request("model-local", Endpoint::Models, &headers, ()).unwrap();
        assert_eq!(request.uri(), "http://model-local.spin.internal/v1/models");
        let mut carried: Vec<_> = request.headers().keys().map(|name| name.as_str()).collect();
        carried.sort_unstable();
        assert_eq!(carried, ["content-type", "gyre-run", "x-request-id"]);
    }

    #[test]
    fn hop_by_hop_headers_are_taken_off() {
        let mut headers = HeaderMap::new();
        headers.insert("transfer-encoding", "chunked".parse().unwrap());
        headers.insert("retry-after", "2".parse().unwrap());
        strip(&mut headers);
        assert_eq!(headers.len(), 1);
    }
}
