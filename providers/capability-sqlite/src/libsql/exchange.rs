//! One request and its answer, bounded.

use super::wire::{Requests, Responses, odd};
use crate::bindings::spin::sqlite::sqlite::Error;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use std::fmt;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of one answer, with all its rows.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A libSQL server with its token. Debug shows neither: an address may carry a password.
pub struct Server {
    http: Client,
    pipeline: Url,
}

/// An address or a token that no libSQL server can have.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot be used for a libSQL server: {0}\nhint: the url begins with https:// or http://, the token is ASCII"
)]
pub struct NoServer(&'static str);

impl Server {
    /// A server at `url`; nothing is connected yet. An empty token is not sent.
    pub fn new(url: &str, token: &str) -> Result<Self, NoServer> {
        let pipeline = pipeline(url).ok_or(NoServer("the url is not one of HTTP"))?;
        let mut headers = HeaderMap::new();
        if !token.is_empty() {
            let mut value = HeaderValue::try_from(format!("Bearer {token}"))
                .map_err(|_| NoServer("the token is malformed"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let http = Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            // The token must not follow a redirect.
            .redirect(Policy::none())
            .build()
            .map_err(|_| NoServer("no HTTP client can be made"))?;
        Ok(Self { http, pipeline })
    }

    /// Sends requests and reads what comes back, which must stay on the same server.
    pub(super) async fn exchange(&self, requests: &Requests) -> Result<Responses, Error> {
        let request = self.http.post(self.pipeline.clone()).json(requests);
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        match status.as_u16() {
            200 => {}
            401 | 403 => {
                return Err(Error::Io(format!(
                    "the libSQL server refuses us ({status}); hint: check the token of this database"
                )));
            }
            _ => {
                return Err(Error::Io(format!(
                    "the libSQL server failed ({status}); hint: check the url of this database, and see the server's log"
                )));
            }
        }
        let body = bounded(response).await?;
        let answer: Responses =
            serde_json::from_slice(&body).map_err(|_| odd("something else than Hrana"))?;
        match &answer.base_url {
            Some(elsewhere) if !self.is_at(elsewhere) => Err(Error::Io(
                "the libSQL server sends us to another one; hint: name that one in the url of this database"
                    .to_owned(),
            )),
            _ => Ok(answer),
        }
    }

    fn is_at(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| url.origin() == self.pipeline.origin())
    }
}

/// Where the protocol is spoken, below the address of the server.
fn pipeline(url: &str) -> Option<Url> {
    let mut url = Url::parse(url).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    url.set_query(None);
    let mut path = url.path_segments_mut().ok()?;
    path.pop_if_empty().extend(["v3", "pipeline"]);
    drop(path);
    Some(url)
}

async fn bounded(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Error::Io(format!(
                "the rows exceed {ANSWER_BYTES_MAX} bytes; hint: select fewer"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The library's error would quote the address.
fn unreachable(error: reqwest::Error) -> Error {
    let what = if error.is_timeout() {
        "does not answer in time"
    } else {
        "cannot be reached"
    };
    Error::Io(format!(
        "the libSQL server {what}; hint: see that it runs, and check the url of this database"
    ))
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}
