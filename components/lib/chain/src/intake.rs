//! Bodies of JSON: told so by their header, and read up to a limit.

use gyre_agent_wire::Problem;
use http::{HeaderMap, header};
use http_body::Body;

use crate::body::read_bounded;
use crate::reply;

/// Reads the whole body of a request of JSON; whether it is JSON but by its header is the caller's to see.
pub async fn read_json<B: Body>(
    headers: &HeaderMap,
    body: B,
    limit_bytes: usize,
) -> Result<Vec<u8>, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE);
    if !reply::is_json(content_type) {
        return Err(reply::not_json(content_type));
    }
    read_bounded(body, limit_bytes)
        .await
        .map_err(|error| reply::body_problem(&error))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::executor::block_on;
    use http::HeaderValue;
    use http_body_util::Full;

    use super::*;

    #[test]
    fn only_json_within_the_limit_is_read() {
        for (media_type, body, expected) in [
            (Some("application/json"), "{}", Ok(b"{}".to_vec())),
            (Some("application/json"), "{   }", Err(413)),
            (Some("text/plain"), "{}", Err(415)),
            (None, "{}", Err(415)),
        ] {
            let pairs = media_type.map(|it| (header::CONTENT_TYPE, HeaderValue::from_static(it)));
            let headers: HeaderMap = pairs.into_iter().collect();
            let read = block_on(read_json(&headers, Full::new(Bytes::from(body)), 4));
            assert_eq!(read.map_err(|problem| problem.status), expected, "{media_type:?}");
        }
    }
}
