//! Transfers from a real server on this machine: whole, wrong, cut, slow, refused.

use gyre_fetch::{Cache, Error, Limits, Progress};
use gyre_manifest::RemoteFile;
use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use tempfile::TempDir;

const BODY: &str = "hello";
const DIGEST: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// Answers every request with these pieces, one after another with a pause between them.
struct Server {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Server {
    fn start(pieces: Vec<String>, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/x.wasm", listener.local_addr().expect("an address"));
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                count.fetch_add(1, Ordering::SeqCst);
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).expect("a request");
                for piece in &pieces {
                    // A client that gave up reads no more.
                    let _ = stream.write_all(piece.as_bytes());
                    thread::sleep(pause);
                }
            }
        });
        Self { url, asked }
    }

    fn answers(text: &str) -> Self {
        Self::start(vec![text.to_owned()], Duration::ZERO)
    }
}

fn answer(status: &str, length: usize, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

#[derive(Default)]
struct Seen {
    size: Option<u64>,
    reached: u64,
    ended: bool,
}

impl Progress for Seen {
    fn begin(&mut self, _file: &RemoteFile, bytes: Option<u64>) {
        self.size = bytes;
    }

    fn reached(&mut self, bytes: u64) {
        self.reached = bytes;
    }

    fn end(&mut self) {
        self.ended = true;
    }
}

fn remote(url: &str) -> RemoteFile {
    RemoteFile {
        url: url.to_owned(),
        sha256: DIGEST.to_owned(),
    }
}

const LIMITS: Limits = Limits {
    bytes_max: 1_000,
    answer_ms_max: 2_000,
    idle_ms_max: 300,
    total_ms_max: 3_000,
};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// What a fetch ends with; nothing may be left behind.
fn fails(url: &str, limits: Limits) -> Error {
    let folder = folder();
    let cache = Cache::open(folder.path(), limits).expect("a cache");
    let error = cache
        .fetch(&remote(url), &mut Seen::default())
        .expect_err("it fails");
    let left = std::fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(left, 0, "{error}");
    assert!(error.to_string().contains("\nhint: "), "{error}");
    error
}

#[test]
fn a_file_is_fetched_once() {
    let server = Server::answers(&answer("200 OK", 5, BODY));
    let folder = folder();
    let cache = Cache::open(folder.path(), LIMITS).expect("a cache");
    let mut seen = Seen::default();
    let file = cache.fetch(&remote(&server.url), &mut seen).expect("fetched");
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), BODY);
    assert_eq!((seen.size, seen.reached, seen.ended), (Some(5), 5, true));

    let again = Cache::open(folder.path(), LIMITS).expect("a cache");
    let same = again.fetch(&remote(&server.url), &mut Seen::default());
    assert_eq!(same.expect("here"), file);
    assert_eq!(server.asked.load(Ordering::SeqCst), 1);

    std::fs::write(&file, "tampered").expect("written");
    again
        .fetch(&remote(&server.url), &mut Seen::default())
        .expect("fetched again");
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), BODY);
    assert_eq!(server.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn what_is_not_the_file_is_not_kept() {
    for (text, expected) in [
        (answer("404 Not Found", 0, ""), "the server answered 404"),
        (answer("500 Oops", 0, ""), "the server answered 500"),
        (answer("200 OK", 5, "hallo"), "its digest is sha256:"),
        (answer("200 OK", 5, "hel"), "broke off after 3 bytes"),
        (answer("200 OK", 5_000, ""), "more than the 1000 bytes"),
        (
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhel".to_owned(),
            "its digest is",
        ),
        ("no HTTP at all\r\n\r\n".to_owned(), "cannot fetch"),
    ] {
        let server = Server::answers(&text);
        let error = fails(&server.url, LIMITS).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let endless = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",
        "x".repeat(2_000)
    );
    let error = fails(&Server::answers(&endless).url, LIMITS);
    assert!(
        matches!(error, Error::TooLarge { bytes_max: 1_000, .. }),
        "{error}"
    );
}

#[test]
fn a_server_that_is_not_there_or_silent_is_not_waited_for() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let error = fails(&format!("http://{address}/x"), LIMITS);
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");

    let silent = Server::start(vec![String::new()], Duration::from_secs(10));
    let limits = Limits {
        answer_ms_max: 200,
        ..LIMITS
    };
    let error = fails(&silent.url, limits).to_string();
    assert!(error.contains("the answer took more than 200 ms"), "{error}");

    let pieces = vec![answer("200 OK", 5, "hel"), "lo".to_owned()];
    let pausing = Server::start(pieces, Duration::from_secs(2));
    let error = fails(&pausing.url, LIMITS).to_string();
    assert!(error.contains("a pause took more than 300 ms"), "{error}");

    let pieces = vec![answer("200 OK", 900, "x")]
        .into_iter()
        .chain((0..100).map(|_| "x".to_owned()));
    let dripping = Server::start(pieces.collect(), Duration::from_millis(50));
    let limits = Limits {
        total_ms_max: 600,
        ..LIMITS
    };
    let error = fails(&dripping.url, limits).to_string();
    assert!(error.contains("the transfer took more than 600 ms"), "{error}");
}

#[test]
fn secrets_in_urls_are_not_told() {
    let server = Server::answers(&answer("404 Not Found", 0, ""));
    let url = server.url.replace("http://", "http://user:swordfish@") + "?token=hunter2";
    let error = format!("{0} {0:?} {1:?}", fails(&url, LIMITS), remote(&url));
    assert!(error.contains("x.wasm"), "{error}");
    assert!(
        !error.contains("swordfish") && !error.contains("hunter2"),
        "{error}"
    );
}
