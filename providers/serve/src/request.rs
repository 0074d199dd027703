//! A request as it comes from a connection, in the shape that guests expect.

use gyre_capability_http::INTERNAL_SUFFIX;
use http::header::{CONNECTION, HOST};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Request, Uri};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use wasmtime_wasi_http::{Error, WasiBody};

/// Where services put the id of a request.
const REQUEST_ID: &str = "x-request-id";
const REQUEST_ID_BYTES_MAX: usize = 128;
/// What is told of a request that names no host.
const NO_HOST: Authority = Authority::from_static("localhost");

/// Gives the request an absolute URI and takes away what is between the client and this server only.
/// The error says what is wrong with the host it names.
pub(crate) fn as_wasi(request: Request<Incoming>) -> Result<Request<WasiBody>, &'static str> {
    let (mut parts, body) = request.into_parts();
    parts.headers.remove(CONNECTION);
    let authority = authority(&mut parts.headers, parts.uri.authority())?;
    let mut uri = parts.uri.into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(authority);
    // `CONNECT` has none.
    uri.path_and_query
        .get_or_insert_with(|| PathAndQuery::from_static("/"));
    parts.uri = Uri::from_parts(uri).map_err(|_| "the address of the request cannot be read")?;
    Ok(Request::from_parts(
        parts,
        body.map_err(Error::from).boxed_unsync(),
    ))
}

/// The id by which a request is found again in logs, where it has one that can be printed.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    (!id.is_empty() && id.len() <= REQUEST_ID_BYTES_MAX).then_some(id)
}

/// The host that the request names, once: in its URI or in its header, or in both alike.
fn authority(headers: &mut HeaderMap, of_uri: Option<&Authority>) -> Result<Authority, &'static str> {
    let of_header = match headers.remove(HOST) {
        None => None,
        Some(host) => {
            let host = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
            Some(host.ok_or("the header `host` cannot be read")?)
        }
    };
    // Names of components are for components.
    let of_header = of_header.filter(|host| !host.host().ends_with(INTERNAL_SUFFIX));
    match (of_header, of_uri) {
        (Some(host), Some(uri)) if host != *uri => {
            Err("the header `host` and the address of the request differ")
        }
        (Some(host), _) => Ok(host),
        (None, Some(uri)) => Ok(uri.clone()),
        (None, None) => Ok(NO_HOST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_request_names_one_host() {
        for (header, uri, expected) in [
            (Some("a.example:80"), None, Ok("a.example:80")),
            (None, Some("b.example"), Ok("b.example")),
            (Some("b.example"), Some("b.example"), Ok("b.example")),
            (None, None, Ok("localhost")),
            (Some("api.spin.internal"), None, Ok("localhost")),
            (Some("api.spin.internal:80"), None, Ok("localhost")),
            (Some("a.example"), Some("b.example"), Err("differ")),
            (Some("a b"), None, Err("cannot be read")),
            (Some(""), None, Err("cannot be read")),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(host) = header {
                headers.insert(HOST, HeaderValue::from_str(host).expect("a value"));
            }
            let uri = uri.map(|uri| uri.parse().expect("an authority"));
            let found = authority(&mut headers, uri.as_ref());
            match (found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found.as_str(), expected),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
                (found, expected) => panic!("{found:?} instead of {expected:?}"),
            }
            assert!(!headers.contains_key(HOST));
        }
    }
}
