//! Answers that stand in the manifest, checked before the first request.

use crate::BuildError;
use bytes::Bytes;
use gyre_manifest::{Handler, HttpTrigger, Route, StaticResponse};
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use std::collections::BTreeMap;
use wasmtime_wasi_http::WasiBody;

/// Headers that say how the answer is framed: the server's part.
const FRAMING: [HeaderName; 4] = [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE];

/// One answer. Its length is told by the server, also where a client asks for the head only.
#[derive(Debug)]
pub(crate) struct Fixed {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Fixed {
    fn of(response: &StaticResponse) -> Result<Self, String> {
        let status = StatusCode::from_u16(response.status).map_err(|error| error.to_string())?;
        if status.is_informational() {
            return Err(format!("status_code {status} is no end of an answer"));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &response.headers {
            let parsed: HeaderName = name
                .parse()
                .map_err(|_| format!("`{name}` is no name of a header"))?;
            if FRAMING.contains(&parsed) {
                return Err(format!("the header `{name}` is the server's to set"));
            }
            let value = HeaderValue::from_str(value)
                .map_err(|_| format!("the header `{name}` has a value that none may have"))?;
            if headers.insert(parsed, value).is_some() {
                return Err(format!("the header `{name}` is there twice"));
            }
        }
        Ok(Self {
            status,
            headers,
            body: Bytes::from(response.body.clone()),
        })
    }

    pub(crate) fn answer(&self) -> Response<WasiBody> {
        let body = Full::new(self.body.clone());
        let mut response = Response::new(body.map_err(Into::into).boxed_unsync());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// The static answers of an application, by their routes.
pub(crate) fn all(triggers: &[HttpTrigger]) -> Result<BTreeMap<String, Fixed>, BuildError> {
    let mut all = BTreeMap::new();
    for trigger in triggers {
        let (Handler::Static(response), Route::Pattern(pattern)) = (&trigger.handler, &trigger.route) else {
            continue;
        };
        let route = pattern.as_str().to_owned();
        let fixed = Fixed::of(response).map_err(|problem| BuildError::Static {
            route: route.clone(),
            problem,
        })?;
        all.insert(route, fixed);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_sent_is_refused_before_it_is_asked_for() {
        let of = |status, name: &str, value: &str| {
            Fixed::of(&StaticResponse {
                status,
                headers: [(name.to_owned(), value.to_owned())].into(),
                body: "hello".to_owned(),
            })
        };
        assert!(of(200, "content-type", "text/plain").is_ok());
        for (status, name, value, expected) in [
            (200, "a b", "x", "`a b` is no name"),
            (200, "", "x", "no name"),
            (200, "x", "a\nb", "`x` has a value"),
            (200, "Content-Length", "5", "the server's to set"),
            (200, "transfer-encoding", "chunked", "the server's to set"),
            (101, "x", "y", "no end"),
        ] {
            let error = of(status, name, value).expect_err(name);
            assert!(error.contains(expected), "{error}");
        }
    }
}
