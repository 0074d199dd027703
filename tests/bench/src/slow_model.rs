//! A model in the bench's own process that says its first words and then nothing, to any number of clients.

use anyhow::Result;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const BACKLOG: u32 = 4_096;
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Its first words, as the double of the repository says them.
const EVENT: &str = concat!(
    r#"data: {"choices":[{"delta":{"content":"I am a double, not a model."},"finish_reason":null,"index":0,"#,
    r#""logprobs":null}],"created":1,"id":"chatcmpl-1","model":"double","object":"chat.completion.chunk"}"#,
    "\n\n"
);

/// It listens until it is dropped; what it has begun then ends too.
pub(crate) struct SlowModel {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl SlowModel {
    pub(crate) fn start() -> Result<Self> {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(accept(listener));
        Ok(Self { address, task })
    }
}

impl Drop for SlowModel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener) {
    let mut clients = tokio::task::JoinSet::new();
    // One that cannot be accepted is a run that fails, and is counted there.
    while let Ok((client, _)) = listener.accept().await {
        clients.spawn(answer(client));
    }
}

async fn answer(mut client: TcpStream) -> Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        anyhow::ensure!(
            client.read_buf(&mut head).await? > 0 && head.len() < HEAD_BYTES_MAX,
            "no request"
        );
    }
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{EVENT}\r\n",
        EVENT.len()
    );
    client.write_all(answer.as_bytes()).await?;
    // Until the client goes.
    let mut rest = [0; 64];
    while client.read(&mut rest).await? > 0 {}
    Ok(())
}
