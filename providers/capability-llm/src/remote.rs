//! A server that speaks Spin's protocol for inference: `POST /infer` and `POST /embed`.

use crate::bindings::fermyon::spin::llm::{
    EmbeddingsResult, EmbeddingsUsage, Error, InferencingParams, InferencingResult, InferencingUsage,
};
use reqwest::{Client, Response, Url, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::fmt;
use std::time::Duration;

/// A model on a processor may take minutes for one answer.
const ANSWER_WAIT: Duration = Duration::from_secs(600);
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// A server, and what it is shown to let us in. Debug shows neither path nor token.
#[derive(Clone)]
pub struct Remote {
    client: Client,
    origin: Url,
    token: String,
}

/// A server that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// Its address is wrong. The address is not shown: it may hold a password.
    #[error("the url of [llm_compute] is not an address; hint: write it as https://host:port")]
    Address,
    /// There is no client.
    #[error("no HTTP client for [llm_compute]")]
    Client(#[source] reqwest::Error),
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("host", &self.origin.host_str())
            .finish_non_exhaustive()
    }
}

impl Remote {
    /// A server at `url`, which is shown `token`.
    pub fn new(url: &str, token: &str) -> Result<Self, RemoteError> {
        let origin: Url = url.parse().map_err(|_| RemoteError::Address)?;
        if origin.cannot_be_a_base() || !matches!(origin.scheme(), "http" | "https") {
            return Err(RemoteError::Address);
        }
        let client = Client::builder()
            .timeout(ANSWER_WAIT)
            // The token goes where the configuration says, and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(RemoteError::Client)?;
        Ok(Self {
            client,
            origin,
            token: token.to_owned(),
        })
    }

    pub(crate) async fn infer(
        &self,
        model: &str,
        prompt: &str,
        params: InferencingParams,
    ) -> Result<InferencingResult, Error> {
        let body = json!({
            "model": model,
            "prompt": prompt,
            "options": {
                "maxTokens": params.max_tokens,
                "repeatPenalty": params.repeat_penalty,
                "repeatPenaltyLastNTokenCount": params.repeat_penalty_last_n_token_count,
                "temperature": params.temperature,
                "topK": params.top_k,
                "topP": params.top_p,
            },
        });
        let made: Inferred = self.ask("/infer", &body).await?;
        Ok(InferencingResult {
            text: made.text,
            usage: InferencingUsage {
                prompt_token_count: made.usage.prompt_token_count,
                generated_token_count: made.usage.generated_token_count,
            },
        })
    }

    pub(crate) async fn embed(&self, model: &str, texts: &[String]) -> Result<EmbeddingsResult, Error> {
        let made: Embedded = self
            .ask("/embed", &json!({ "model": model, "input": texts }))
            .await?;
        Ok(EmbeddingsResult {
            embeddings: made.embeddings,
            usage: EmbeddingsUsage {
                prompt_token_count: made.usage.prompt_token_count,
            },
        })
    }

    async fn ask<A: DeserializeOwned>(&self, path: &str, body: &serde_json::Value) -> Result<A, Error> {
        let url = self
            .origin
            .join(path)
            .map_err(|_| failed("its address has no paths"))?;
        let answer = self
            .client
            .post(url)
            .header(header::AUTHORIZATION, format!("bearer {}", self.token))
            .json(body)
            .send()
            .await
            .map_err(|error| failed(why(&error)))?;
        if !answer.status().is_success() {
            return Err(failed(&format!("it answered {}", answer.status())));
        }
        let body = bounded(answer).await?;
        serde_json::from_slice(&body).map_err(|_| failed("its answer is not of Spin's protocol"))
    }
}

async fn bounded(mut answer: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| failed(why(&error)))? {
        if body.len() + part.len() > ANSWER_BYTES_MAX {
            return Err(failed("its answer has more than 16 MiB"));
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// Kinds only: the text of such an error may hold the address, and with it a password.
fn why(error: &reqwest::Error) -> &'static str {
    match error {
        error if error.is_timeout() => "it did not answer in time",
        error if error.is_connect() => "it cannot be reached",
        _ => "the connection to it broke off",
    }
}

fn failed(what: &str) -> Error {
    Error::RuntimeError(format!(
        "the inference server failed: {what}; hint: see [llm_compute] in the runtime configuration"
    ))
}

#[derive(Deserialize)]
struct Inferred {
    text: String,
    usage: InferredUsage,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InferredUsage {
    prompt_token_count: u32,
    generated_token_count: u32,
}

#[derive(Deserialize)]
struct Embedded {
    embeddings: Vec<Vec<f32>>,
    usage: EmbeddedUsage,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EmbeddedUsage {
    prompt_token_count: u32,
}

#[cfg(test)]
mod tests;
