//! Requests that no HTTP library would send.

use anyhow::{Context, Result};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ANSWER_WAIT: Duration = Duration::from_secs(60);

/// What came back before the connection was closed.
#[derive(Debug)]
pub struct RawAnswer {
    /// The status.
    pub status: u16,
    /// All of the answer.
    pub text: String,
}

impl RawAnswer {
    /// The JSON object in the answer, whatever its framing.
    pub fn json(&self) -> Result<Value> {
        let (start, end) = (self.text.find('{'), self.text.rfind('}'));
        let body = start.zip(end).and_then(|(start, end)| self.text.get(start..=end));
        let body = body.with_context(|| format!("no JSON in {}", self.text))?;
        serde_json::from_str(body).with_context(|| format!("not JSON: {body}"))
    }
}

/// Sends bytes and reads the answer meanwhile. That the server reads them all is not expected.
pub async fn exchange(address: &str, request: Vec<u8>) -> Result<RawAnswer> {
    let connection = TcpStream::connect(address).await.context("cannot connect")?;
    let (mut reader, mut writer) = connection.into_split();
    let sending = tokio::spawn(async move {
        // A server that has refused need not read on.
        let _ = writer.write_all(&request).await;
        writer
    });
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(ANSWER_WAIT, reader.read_to_end(&mut bytes)).await;
    sending.abort();
    // A reset after the answer is no failure; no answer is.
    let _ = read.context("no end of the answer")?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok(RawAnswer {
        status: status.with_context(|| format!("no answer: {text}"))?,
        text,
    })
}
