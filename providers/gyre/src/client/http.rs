//! HTTP to a server: bounds, and what an answer that is no success means.

use super::Error;
use super::problem::Problem;
use super::url::BaseUrl;
use reqwest::Response;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest answer that is read whole.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// A server to talk to.
#[derive(Debug)]
pub(crate) struct Server {
    base: BaseUrl,
    http: reqwest::Client,
    timeout: Duration,
}

impl Server {
    /// `timeout` bounds each request, the reading of its answer included.
    pub(crate) fn new(base: &BaseUrl, timeout: Duration) -> Result<Self, Error> {
        // No proxy: the server is on this machine or in this network.
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(timeout)
            .no_proxy()
            .user_agent(concat!("gyre/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|source| Error::Http {
                url: base.to_string(),
                source,
            })?;
        Ok(Self {
            base: base.clone(),
            http,
            timeout,
        })
    }

    /// GET, answered with JSON.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Error> {
        self.get_some(path, &[]).await
    }

    /// GET with a query of numbers, answered with JSON.
    pub(crate) async fn get_some<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, u32)],
    ) -> Result<T, Error> {
        let mut url = self.base.join(path);
        for (name, value) in query {
            url.query_pairs_mut().append_pair(name, &value.to_string());
        }
        let response = self.send(self.http.get(url).header(ACCEPT, JSON)).await?;
        self.json(response).await
    }

    /// DELETE, answered with success or a problem.
    pub(crate) async fn delete(&self, path: &[&str]) -> Result<(), Error> {
        self.send(self.http.delete(self.base.join(path)).header(ACCEPT, JSON))
            .await
            .map(drop)
    }

    /// POST of JSON, answered with JSON.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let response = self
            .send(
                self.http
                    .post(self.base.join(path))
                    .header(ACCEPT, JSON)
                    .json(body),
            )
            .await?;
        self.json(response).await
    }

    /// POST of JSON, answered with a stream of events.
    pub(crate) async fn post_for_events(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<Response, Error> {
        let accept = gyre_agent_wire::sse::MEDIA_TYPE;
        let response = self
            .send(
                self.http
                    .post(self.base.join(path))
                    .header(ACCEPT, accept)
                    .json(body),
            )
            .await?;
        if media_type(&response) == accept {
            Ok(response)
        } else {
            Err(self.foreign(&response))
        }
    }

    /// What a failure of the HTTP client means.
    pub(crate) fn failed(&self, source: reqwest::Error) -> Error {
        if source.is_connect() {
            return Error::Unreachable {
                url: self.base.to_string(),
            };
        }
        if source.is_timeout() {
            return Error::Timeout {
                seconds: self.timeout.as_secs(),
            };
        }
        Error::Http {
            url: self.base.to_string(),
            source: source.without_url(),
        }
    }

    /// Sends; anything but success becomes an error.
    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, Error> {
        let response = request.send().await.map_err(|source| self.failed(source))?;
        if response.status().is_success() {
            return Ok(response);
        }
        if media_type(&response) != PROBLEM {
            return Err(self.foreign(&response));
        }
        let status = response.status().as_u16();
        let problem: Problem = self.decode(&self.body(response).await?)?;
        Err(problem.into_error(status))
    }

    async fn json<T: DeserializeOwned>(&self, response: Response) -> Result<T, Error> {
        if media_type(&response) != JSON {
            return Err(self.foreign(&response));
        }
        self.decode(&self.body(response).await?)
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|source| self.failed(source))? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(Error::TooLarge {
                    url: self.base.to_string(),
                    limit_bytes: ANSWER_BYTES_MAX,
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn decode<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, Error> {
        serde_json::from_slice(body).map_err(|source| Error::Unreadable {
            url: self.base.to_string(),
            source,
        })
    }

    fn foreign(&self, response: &Response) -> Error {
        let media_type = match media_type(response) {
            "" => "no media type".to_owned(),
            named => named.to_owned(),
        };
        Error::Foreign {
            url: self.base.to_string(),
            status: response.status().as_u16(),
            media_type,
        }
    }
}

fn media_type(response: &Response) -> &str {
    let value = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}
