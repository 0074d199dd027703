//! Streamed completions over HTTP, as OpenAI's API has them.

use super::ask::{Answer, Ask, messages};
use super::events::{Event, Events};
use anyhow::{Context, Result, bail, ensure};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Instant;
use tokio::net::TcpStream;

const PATH: &str = "/v1/chat/completions";

/// A server of completions.
#[derive(Clone)]
pub(crate) struct Http {
    pub(crate) address: SocketAddr,
    pub(crate) model: String,
    /// What only this server understands: fields of every request.
    pub(crate) extra: Value,
}

impl Http {
    /// Asks over a connection of its own, and reads to the end.
    pub(crate) async fn ask(&self, ask: &Ask, piece: &mut (dyn FnMut(usize) + Send)) -> Result<Answer> {
        let body = Bytes::from(serde_json::to_vec(&self.request(ask))?);
        let mut answer = Answer::new(Instant::now());
        let stream = TcpStream::connect(self.address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            // Its end is seen by the sender.
            let _ = connection.await;
        });
        let request = Request::post(PATH)
            .header("host", self.address.to_string())
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let mut body = response.into_body();
        if status != 200 {
            let text = body.collect().await?.to_bytes();
            bail!("status {status}: {}", String::from_utf8_lossy(&text));
        }
        let (mut events, mut finished) = (Events::default(), false);
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            for event in events.push(&data) {
                finished |= take(&mut answer, event?, piece);
            }
        }
        ensure!(events.done() && finished, "the stream was cut");
        answer.ended = Instant::now();
        Ok(answer)
    }

    fn request(&self, ask: &Ask) -> Value {
        let mut request = json!({
            "model": self.model,
            "messages": messages(ask),
            "stream": true,
            "stream_options": { "include_usage": true },
            "temperature": 0,
            "max_tokens": ask.tokens,
        });
        if let (Some(request), Some(extra)) = (request.as_object_mut(), self.extra.as_object()) {
            request.extend(extra.clone());
        }
        request
    }
}

/// Takes what an event adds; says whether it is the finish.
fn take(answer: &mut Answer, event: Event, piece: &mut (dyn FnMut(usize) + Send)) -> bool {
    if !event.text.is_empty() {
        answer.push(&event.text);
        piece(answer.arrivals.len());
    }
    if let Some((prompt_tokens, tokens)) = event.usage {
        (answer.prompt_tokens, answer.tokens) = (prompt_tokens, tokens);
    }
    event.finished
}
