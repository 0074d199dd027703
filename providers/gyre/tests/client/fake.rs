//! A server of a few lines: answers requests one by one from a script, and keeps what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// What is answered to one request.
pub(crate) enum Answer {
    /// Status, media type, whole body.
    Whole(u16, &'static str, String),
    /// Chunks of a stream of events, then its proper end.
    Events(Vec<String>),
    /// Chunks of a stream of events, then the connection is closed in the middle.
    CutEvents(Vec<String>),
    /// Chunks of a stream of events, then silence until the client hangs up.
    OpenEvents(Vec<String>),
}

/// A request that came.
pub(crate) struct Asked {
    /// Method and path.
    pub(crate) line: String,
    /// The body.
    pub(crate) body: String,
}

/// A running server.
pub(crate) struct Fake {
    /// Where it listens.
    pub(crate) url: String,
    asked: Receiver<Asked>,
    thread: JoinHandle<()>,
}

impl Fake {
    /// Answers as many requests as there are answers.
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let (sender, asked) = channel();
        let thread = std::thread::spawn(move || {
            for answer in answers {
                let (stream, _) = listener.accept().expect("a client");
                serve(stream, &answer, &sender);
            }
        });
        Self { url, asked, thread }
    }

    /// Waits for the next request.
    pub(crate) fn next(&self) -> Asked {
        self.asked.recv().expect("a request")
    }

    /// All requests that are left; the script must have come to its end.
    pub(crate) fn finish(self) -> Vec<Asked> {
        self.thread.join().expect("the server served its script");
        self.asked.into_iter().collect()
    }
}

fn serve(stream: TcpStream, answer: &Answer, asked: &Sender<Asked>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a handle"));
    asked.send(read(&mut reader)).expect("the test listens");
    let mut stream = stream;
    match answer {
        Answer::Whole(status, media_type, body) => {
            let head = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n",
                body.len()
            );
            write!(stream, "{head}connection: close\r\n\r\n{body}").expect("the client reads");
        }
        Answer::Events(chunks) => {
            events(&mut stream, chunks);
            // A client that has read the last event may have hung up.
            let _ = write!(stream, "0\r\n\r\n");
        }
        Answer::CutEvents(chunks) => events(&mut stream, chunks),
        Answer::OpenEvents(chunks) => {
            events(&mut stream, chunks);
            // Ends when the client closes its side, or resets it.
            let _ = reader.read_to_end(&mut Vec::new());
        }
    }
}

fn events(stream: &mut TcpStream, chunks: &[String]) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("the client reads");
    for chunk in chunks {
        write!(stream, "{:x}\r\n{chunk}\r\n", chunk.len()).expect("the client reads");
        stream.flush().expect("the client reads");
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Asked {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request line");
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let header = header.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Asked {
        line,
        body: String::from_utf8(body).expect("UTF-8"),
    }
}
