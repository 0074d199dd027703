//! A registry: what was pushed by digest, one manifest, and a password if it asks for one.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The media type of what describes an application.
pub const APPLICATION: &str = "application/vnd.fermyon.spin.application.v1+config";
/// The media type of a component.
pub const WASM: &str = "application/vnd.wasm.content.layer.v1+wasm";
/// The media type of an archive of files.
pub const ARCHIVE: &str = "application/vnd.wasm.content.bundle.v1.tar+gzip";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A registry on a free port. Its thread ends with the test.
pub struct Registry {
    address: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    manifest: Option<Vec<u8>>,
    blobs: HashMap<String, Vec<u8>>,
    password: Option<String>,
    blobs_served: usize,
}

/// The digest that names these bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("sha256:{hash}")
}

/// A compressed archive with one file in it.
pub fn archive(name: &str, body: &[u8]) -> Result<Vec<u8>> {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..135].copy_from_slice(format!("{:011o}", body.len()).as_bytes());
    header[148..156].copy_from_slice(b"        ");
    header[156] = b'0';
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    let mut tar = [&header[..], body].concat();
    tar.resize(tar.len().next_multiple_of(512) + 1024, 0);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).context("cannot pack")?;
    gzip.finish().context("cannot pack")
}

impl Registry {
    /// Starts it, empty.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
        let address = listener.local_addr().context("no address")?.to_string();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up is one that refuses what it was sent.
                let _ = answer(&stream, &mut lock(&shared));
            }
        });
        Ok(Self { address, state })
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The reference of the application that it has.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}/team/app:1.0", self.address)
    }

    /// Puts an application there: its layers, and a manifest of them.
    pub fn push(&self, layers: &[(&str, Vec<u8>)]) {
        let mut state = lock(&self.state);
        let config = b"{}".to_vec();
        let described = |kind: &str, body: &[u8]| json!({ "mediaType": kind, "digest": digest(body), "size": body.len() });
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": described("application/vnd.oci.image.config.v1+json", &config),
            "layers": layers.iter().map(|(kind, body)| described(kind, body)).collect::<Vec<_>>(),
        });
        state.manifest = Some(manifest.to_string().into_bytes());
        state.blobs.insert(digest(&config), config);
        for (_, body) in layers {
            state.blobs.insert(digest(body), body.clone());
        }
    }

    /// Answers with something else under this digest.
    pub fn swap(&self, digest: &str, body: &[u8]) {
        lock(&self.state).blobs.insert(digest.to_owned(), body.to_vec());
    }

    /// From now on only to who knows `user:password`.
    pub fn ask_for(&self, login: &str) {
        lock(&self.state).password = Some(format!("Basic {}", STANDARD.encode(login)));
    }

    /// How many parts it gave so far.
    #[must_use]
    pub fn blobs_served(&self) -> usize {
        lock(&self.state).blobs_served
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(mut stream: &TcpStream, state: &mut State) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut login = None;
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("authorization")
        {
            login = Some(value.to_owned());
        }
    }
    let (status, headers, body) = respond(&path, login.as_ref(), state);
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    )?;
    stream.write_all(&body)
}

fn respond(path: &str, login: Option<&String>, state: &mut State) -> (&'static str, String, Vec<u8>) {
    if state.password.is_some() && state.password.as_ref() != login {
        let challenge = "www-authenticate: Basic realm=\"test\"\r\n".to_owned();
        return ("401 Unauthorized", challenge, Vec::new());
    }
    if path == "/v2/" {
        return ("200 OK", String::new(), b"{}".to_vec());
    }
    if path == "/v2/team/app/manifests/1.0"
        && let Some(manifest) = &state.manifest
    {
        let headers = format!(
            "content-type: {MANIFEST}\r\ndocker-content-digest: {}\r\n",
            digest(manifest)
        );
        return ("200 OK", headers, manifest.clone());
    }
    let blob = path
        .strip_prefix("/v2/team/app/blobs/")
        .and_then(|digest| state.blobs.get(digest));
    match blob {
        Some(blob) => {
            state.blobs_served += 1;
            ("200 OK", String::new(), blob.clone())
        }
        None => {
            let errors =
                json!({ "errors": [{ "code": "MANIFEST_UNKNOWN", "message": "not here", "detail": {} }] });
            (
                "404 Not Found",
                "content-type: application/json\r\n".to_owned(),
                errors.to_string().into_bytes(),
            )
        }
    }
}
