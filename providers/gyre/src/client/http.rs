//! HTTP to a server: addresses, bounds, and what an answer that is no success means.

use super::Error;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, Response, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest answer that is read whole.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl(Url);

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let url = Url::parse(given).map_err(|error| format!("{error}; write it as http://HOST:PORT"))?;
        match url.scheme() {
            "http" if url.has_host() => Ok(Self(url)),
            "https" => {
                Err("TLS is not spoken here; put a TLS proxy before the server, not before the client".into())
            }
            _ => Err("write it as http://HOST:PORT".into()),
        }
    }
}

impl BaseUrl {
    /// The server that listens on an address.
    pub(crate) fn of(address: std::net::SocketAddr) -> Result<Self, String> {
        format!("http://{address}").parse()
    }

    /// The address of a resource: each segment is escaped.
    fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        // An http URL always has segments.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

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
        let response = self
            .send(
                self.http
                    .request(Method::GET, self.base.join(path))
                    .header(ACCEPT, JSON),
            )
            .await?;
        self.json(response).await
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

/// RFC 9457, read leniently: every member may be missing or null.
#[derive(Debug, serde::Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
    title: Option<String>,
    detail: Option<String>,
    hint: Option<String>,
}

impl Problem {
    fn into_error(self, status: u16) -> Error {
        let kind = self.kind.unwrap_or_default();
        Error::Problem {
            status,
            kind: kind.rsplit(':').next().unwrap_or_default().to_owned(),
            detail: self
                .detail
                .or(self.title)
                .unwrap_or_else(|| format!("the server answered {status}")),
            hint: self.hint.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_addresses_are_taken() {
        let cases = [
            ("http://127.0.0.1:3000", Ok("http://127.0.0.1:3000")),
            ("http://localhost:3000/", Ok("http://localhost:3000")),
            ("http://host/prefix/", Ok("http://host/prefix")),
            ("https://host", Err("TLS is not spoken here")),
            ("127.0.0.1:3000", Err("http://HOST:PORT")),
            ("localhost:3000", Err("http://HOST:PORT")),
            ("", Err("http://HOST:PORT")),
        ];
        for (given, expected) in cases {
            match (BaseUrl::from_str(given), expected) {
                (Ok(url), Ok(expected)) => assert_eq!(url.to_string(), expected),
                (Err(error), Err(expected)) => assert!(error.contains(expected), "{given}: {error}"),
                (got, expected) => panic!("{given}: {got:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn segments_are_escaped() {
        let base: BaseUrl = "http://h:1/p".parse().expect("a URL");
        assert_eq!(
            base.join(&["api", "a/b?c"]).as_str(),
            "http://h:1/p/api/a%2Fb%3Fc"
        );
    }
}
