//! A model hub of a few lines: what `hf-hub` asks for, and no more. It ends with the test.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What the hub has, and how it behaves.
#[derive(Default)]
pub(crate) struct Shelf {
    /// Files of the only repository, `org/model`.
    pub(crate) files: BTreeMap<&'static str, Vec<u8>>,
    /// The token that must be shown, if any.
    pub(crate) token: Option<&'static str>,
    /// Files whose transfer is cut once, after so many bytes.
    pub(crate) cut_once_after: Option<usize>,
    /// What it calls the content of a file.
    pub(crate) etag: String,
    /// Another hub, which it sends everybody to for its files.
    pub(crate) elsewhere: Option<String>,
}

/// A request that came: its path and its range, and whether it showed a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) range: Option<String>,
    pub(crate) with_token: bool,
}

/// A running hub.
pub(crate) struct Hub {
    /// Where it listens.
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

struct Request {
    asked: Asked,
    token: Option<String>,
}

impl Hub {
    /// Answers until the process of the test ends.
    pub(crate) fn start(mut shelf: Shelf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let log = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a client");
                let Some(request) = read(&stream) else { continue };
                log.lock().expect("a log").push(request.asked.clone());
                // A client that had enough hangs up.
                let _ = answer(&mut stream, &request, &mut shelf);
            }
        });
        Self { url, asked }
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a log").clone()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let path = first.strip_prefix("GET ")?.split(' ').next()?.to_owned();
    let (mut range, mut token) = (None, None);
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ")?;
        match name.to_ascii_lowercase().as_str() {
            "range" => range = value.strip_prefix("bytes=").map(str::to_owned),
            "authorization" => token = value.strip_prefix("Bearer ").map(str::to_owned),
            _ => {}
        }
    }
    let asked = Asked {
        path,
        range,
        with_token: token.is_some(),
    };
    Some(Request { asked, token })
}

fn answer(stream: &mut TcpStream, request: &Request, shelf: &mut Shelf) -> std::io::Result<()> {
    if shelf.token.is_some() && shelf.token != request.token.as_deref() {
        return refuse(stream, 401);
    }
    let path = &request.asked.path;
    if path == "/api/models/org/model/revision/main" {
        let siblings: Vec<_> = shelf
            .files
            .keys()
            .map(|name| serde_json::json!({"rfilename": name}))
            .collect();
        let body = serde_json::json!({"siblings": siblings, "sha": COMMIT}).to_string();
        return write!(
            stream,
            "HTTP/1.1 200 x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
    }
    let file = path.strip_prefix("/org/model/resolve/main/");
    if let (Some(_), Some(elsewhere)) = (file, &shelf.elsewhere) {
        return write!(
            stream,
            "HTTP/1.1 302 x\r\nlocation: {elsewhere}{path}\r\nx-linked-etag: \"{}\"\r\ncontent-length: 0\r\n\
             connection: close\r\n\r\n",
            shelf.etag
        );
    }
    match file.and_then(|file| shelf.files.get(file)) {
        Some(bytes) => {
            let cut = send(stream, request, bytes, shelf)?;
            if cut {
                shelf.cut_once_after = None;
            }
            Ok(())
        }
        None => refuse(stream, 404),
    }
}

/// Sends the range; whether it was cut.
fn send(stream: &mut TcpStream, request: &Request, bytes: &[u8], shelf: &Shelf) -> std::io::Result<bool> {
    let range = request.asked.range.as_deref().expect("a range");
    let (from, to) = range.split_once('-').expect("from-to");
    let from: usize = from.parse().expect("a number");
    let end = to.parse::<usize>().map_or(bytes.len(), |last| last + 1);
    let part = &bytes[from..end];
    let head = format!(
        "HTTP/1.1 206 x\r\netag: \"{}\"\r\nx-repo-commit: {COMMIT}\r\ncontent-range: bytes {from}-{}/{}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        shelf.etag,
        end - 1,
        bytes.len(),
        part.len()
    );
    stream.write_all(head.as_bytes())?;
    match shelf.cut_once_after {
        Some(limit) if to.is_empty() && limit < part.len() => {
            stream.write_all(&part[..limit])?;
            Ok(true)
        }
        _ => stream.write_all(part).map(|()| false),
    }
}

fn refuse(stream: &mut TcpStream, status: u16) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
}
