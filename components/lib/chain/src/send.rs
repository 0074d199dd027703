//! Private calls of other services, with the context of the call they are part of.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use spin_sdk::http::{FullBody, Response};

use crate::body::{BodyError, read_bounded};
use crate::context::CallContext;
use crate::reply::JSON;

/// Why a call of another service gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The request could not be built.
    #[error("the request to {service} could not be built")]
    Request {
        /// The service.
        service: String,
    },
    /// The service did not answer, or this component may not call it.
    #[error("{service} did not answer ({reason})")]
    NoAnswer {
        /// The service.
        service: String,
        /// As the host put it.
        reason: String,
    },
    /// Its answer was too long or cut.
    #[error("the answer of {service} could not be read: {source}")]
    Body {
        /// The service.
        service: String,
        /// Why.
        source: BodyError,
    },
}

/// A private call.
pub struct Call<'a> {
    /// The Spin id of the service.
    pub service: &'a str,
    /// Path and query, from `/`.
    pub path: &'a str,
    /// The JSON to post; without one the call is a GET.
    pub json: Option<Vec<u8>>,
    /// Further headers.
    pub headers: &'a [(&'static str, &'a str)],
}

impl<'a> Call<'a> {
    /// A GET.
    #[must_use]
    pub fn get(service: &'a str, path: &'a str) -> Self {
        Self {
            service,
            path,
            json: None,
            headers: &[],
        }
    }

    /// A POST of JSON.
    #[must_use]
    pub fn post(service: &'a str, path: &'a str, json: Vec<u8>) -> Self {
        Self {
            service,
            path,
            json: Some(json),
            headers: &[],
        }
    }

    /// Sends it; the answer's body has not been read.
    pub async fn send(self, context: &CallContext) -> Result<Response, SendError> {
        let method = if self.json.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        self.send_as(method, context).await
    }

    /// Sends it and reads an answer of at most `limit_bytes`.
    pub async fn fetch(self, context: &CallContext, limit_bytes: usize) -> Result<(u16, Vec<u8>), SendError> {
        let service = self.service.to_owned();
        let response = self.send(context).await?;
        let status = response.status().as_u16();
        let body = read_bounded(response.into_body(), limit_bytes)
            .await
            .map_err(|source| SendError::Body { service, source })?;
        Ok((status, body))
    }

    /// Sends it by another method than its JSON asks for.
    pub async fn send_as(self, method: Method, context: &CallContext) -> Result<Response, SendError> {
        let service = self.service.to_owned();
        let request = self.request(method, context).map_err(|_| SendError::Request {
            service: service.clone(),
        })?;
        spin_sdk::http::send(request)
            .await
            .map_err(|error| SendError::NoAnswer {
                service,
                reason: error.to_string(),
            })
    }

    fn request(self, method: Method, context: &CallContext) -> Result<Request<FullBody<Bytes>>, http::Error> {
        let uri = format!("http://{}.spin.internal{}", self.service, self.path);
        let is_json = self.json.is_some();
        let body = FullBody::new(Bytes::from(self.json.unwrap_or_default()));
        let mut request = Request::builder().method(method).uri(uri).body(body)?;
        if is_json {
            request
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        }
        for (name, value) in self.headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value)?);
        }
        context.apply(request.headers_mut());
        Ok(request)
    }
}
