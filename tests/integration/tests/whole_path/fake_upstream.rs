//! An OpenAI-compatible server made by the test. The last message of a chat, or the text to embed, is an order: what
//! to answer, well or badly.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Its only model.
pub(crate) const MODEL: &str = "remote-model";
/// The key that the application is given for it.
pub(crate) const KEY: &str = "sk-secret-7";
const CLOSE_WAIT: Duration = Duration::from_secs(20);

/// What a connection is sent, and whether it is then held open in silence.
struct Answer {
    bytes: Vec<u8>,
    held: bool,
}

/// A running server; it ends with the test.
pub(crate) struct Upstream {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
    hung_up: Arc<Notify>,
}

impl Upstream {
    /// Starts it on a free port.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let upstream = Self {
            url: format!("http://{}", listener.local_addr()?),
            asked: Arc::default(),
            hung_up: Arc::default(),
        };
        let (asked, hung_up) = (Arc::clone(&upstream.asked), Arc::clone(&upstream.hung_up));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&asked), Arc::clone(&hung_up)));
            }
        });
        Ok(upstream)
    }

    /// Every request so far, head and body.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until a client has closed a connection that was held.
    pub(crate) async fn is_left(&self) -> Result<()> {
        let left = tokio::time::timeout(CLOSE_WAIT, self.hung_up.notified()).await;
        left.context("the connection to the upstream is still open")
    }
}

async fn serve(mut stream: TcpStream, asked: Arc<Mutex<Vec<String>>>, hung_up: Arc<Notify>) -> Result<()> {
    let request = read(&mut stream).await?;
    asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(request.clone());
    let answer = answer(&request);
    // A client may have seen enough.
    let _ = stream.write_all(&answer.bytes).await;
    if answer.held {
        // Ends when the client closes its side, or resets it.
        let _ = stream.read_to_end(&mut Vec::new()).await;
        hung_up.notify_one();
    }
    Ok(())
}

/// Head and body of a request, whichever way its length is told.
async fn read(stream: &mut TcpStream) -> Result<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let chunked = head.contains("transfer-encoding: chunked");
            if (chunked && body.ends_with("0\r\n\r\n")) || (!chunked && body.len() >= length.unwrap_or(0)) {
                return Ok(text);
            }
        }
        ensure!(stream.read_buf(&mut bytes).await? > 0, "the request was cut");
    }
}

fn answer(request: &str) -> Answer {
    if request.starts_with("GET /v1/models ") {
        return json_answer(&json!({"object": "list", "data": [{"id": MODEL, "object": "model"}]}));
    }
    if request.starts_with("GET ") {
        return silence();
    }
    // JSON in one piece, whatever the framing.
    let (start, end) = (request.find('{'), request.rfind('}'));
    let body = start.zip(end).and_then(|(start, end)| request.get(start..=end));
    let body: Value = body
        .and_then(|body| serde_json::from_str(body).ok())
        .unwrap_or_default();
    if request.starts_with("POST /v1/embeddings ") {
        return embeddings(body["input"][0].as_str().unwrap_or_default());
    }
    let messages = body["messages"].as_array();
    let last = messages.and_then(|messages| messages.last()?["content"].as_str());
    chat(last.unwrap_or_default(), request)
}

fn silence() -> Answer {
    Answer {
        bytes: Vec::new(),
        held: true,
    }
}

fn chat(order: &str, request: &str) -> Answer {
    let [hello, world] = ["Hello", " world"].map(|text| chunk(&json!({"content": text}), None));
    let stop = chunk(&json!({}), Some("stop"));
    let details = json!({"cached_tokens": 1});
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": details});
    let usage = event(&json!({"model": MODEL, "choices": [], "usage": usage}));
    let done = "data: [DONE]\n\n".to_owned();
    let call = |index: u32, id: &str, part: &str| {
        let function = json!({"name": "add", "arguments": part});
        chunk(
            &json!({"tool_calls": [{"index": index, "id": id, "function": function}]}),
            None,
        )
    };
    match order {
        "say" => events(&[hello, world, stop, usage, done]),
        "call" => {
            let end = chunk(&json!({}), Some("tool_calls"));
            events(&[call(0, "c1", "{\"a\":"), call(0, "c1", "1}"), end, usage, done])
        }
        "stall" => Answer {
            held: true,
            ..events(&[hello])
        },
        "silent" => silence(),
        "html" => whole("200 OK", "text/html", "", "<p>Hello</p>"),
        "junk" => events(&[hello, "data: {nonsense\n\n".into()]),
        "shape" => events(&[event(&json!({"hello": 1}))]),
        "no done" => events(&[hello, stop, usage]),
        "no finish" => events(&[hello, usage, done]),
        "no usage" => events(&[hello, stop, done]),
        "order" => events(&[hello, call(1, "c1", "{}"), stop, usage, done]),
        "endless" => events(&[hello, format!("data: {}", "x".repeat(5 << 20))]),
        "cut" => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99999\r\n\r\n";
            Answer {
                bytes: format!("{head}{hello}").into_bytes(),
                held: false,
            }
        }
        "fail" => events(&[
            hello,
            event(&json!({"error": {"message": "it broke", "type": "server_error"}})),
        ]),
        "302 Found" => whole(order, "text/plain", "location: /v1/models\r\n", ""),
        "429 Too Many Requests" => whole(order, "text/plain", "retry-after: 7\r\n", ""),
        // What it says repeats the key.
        status => whole(
            status,
            "application/json",
            "",
            &json!({"error": {"message": format!("no: {request}"), "type": "t", "code": KEY}}).to_string(),
        ),
    }
}

fn embeddings(order: &str) -> Answer {
    let item = |index: u32, vector: &Value| json!({"index": index, "embedding": vector});
    let data = match order {
        // [3, 4] as little-endian floats.
        "base64" => json!([item(0, &json!("AABAQAAAgEA="))]),
        "float" => json!([item(0, &json!([3.0, 4.0]))]),
        "count" => json!([item(0, &json!([1.0])), item(1, &json!([1.0]))]),
        "zero" => json!([item(0, &json!([0.0, 0.0]))]),
        _ => json!({"no": "list"}),
    };
    json_answer(&json!({"object": "list", "model": MODEL, "data": data, "usage": {"prompt_tokens": 1}}))
}

fn chunk(delta: &Value, reason: Option<&str>) -> String {
    event(&json!({"model": MODEL, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}))
}

fn event(json: &Value) -> String {
    format!("data: {json}\n\n")
}

fn events(events: &[String]) -> Answer {
    // The body ends with the connection.
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n";
    Answer {
        bytes: format!("{head}{}", events.concat()).into_bytes(),
        held: false,
    }
}

fn json_answer(json: &Value) -> Answer {
    whole("200 OK", "application/json", "", &json.to_string())
}

fn whole(status: &str, media_type: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n{headers}");
    Answer {
        bytes: format!("{head}connection: close\r\n\r\n{body}").into_bytes(),
        held: false,
    }
}
