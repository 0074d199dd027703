//! One transfer: asked for, written, counted and checked.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    time::{Duration, Instant},
};

use gyre_manifest::RemoteFile;
use ureq::{Agent, Body};

use crate::{Error, Limits, Progress, digest::Hash};

const REDIRECTS_MAX: u32 = 5;
const CHUNK_BYTES: usize = 64 << 10;

pub(crate) struct Transfer<'a> {
    pub(crate) file: &'a RemoteFile,
    pub(crate) limits: &'a Limits,
}

impl Transfer<'_> {
    /// Writes the file, and fails unless all of it came and it is the right one.
    pub(crate) fn run(&self, to: &mut File, progress: &mut dyn Progress) -> Result<(), Error> {
        let began = Instant::now();
        let body = self.ask()?;
        let size = body.content_length();
        if size.is_some_and(|size| size > self.limits.bytes_max) {
            return Err(self.too_large());
        }
        progress.begin(self.file, size);
        let found = self.copy(body, to, progress, began)?;
        to.sync_all().map_err(|source| self.disk(source))?;
        if found == self.file.sha256 {
            return Ok(());
        }
        Err(Error::Digest {
            url: self.file.to_string(),
            expected: self.file.sha256.clone(),
            found,
        })
    }

    fn ask(&self) -> Result<Body, Error> {
        let limit = |ms| Some(Duration::from_millis(ms));
        let agent: Agent = Agent::config_builder()
            .timeout_connect(limit(self.limits.answer_ms_max))
            .timeout_recv_response(limit(self.limits.answer_ms_max))
            .timeout_per_read(limit(self.limits.idle_ms_max))
            .timeout_global(limit(self.limits.total_ms_max))
            .max_redirects(REDIRECTS_MAX)
            // The digest is of the bytes as they are.
            .accept_encoding("identity")
            .build()
            .into();
        let answer = agent.get(&self.file.url).call();
        match answer {
            Ok(answer) => Ok(answer.into_body()),
            Err(ureq::Error::StatusCode(status)) => Err(Error::Status {
                url: self.file.to_string(),
                status,
            }),
            Err(ureq::Error::Timeout(_)) => Err(self.timeout("the answer", self.limits.answer_ms_max)),
            Err(error) => Err(Error::Unreachable {
                url: self.file.to_string(),
                source: Box::new(error),
            }),
        }
    }

    /// Copies the body and gives its digest.
    fn copy(
        &self,
        body: Body,
        to: &mut File,
        progress: &mut dyn Progress,
        began: Instant,
    ) -> Result<String, Error> {
        // Counted here, by a limit that is ours.
        let mut from = body.into_with_config().limit(u64::MAX).reader();
        let mut hash = Hash::default();
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut bytes = 0;
        loop {
            let read = from
                .read(&mut chunk)
                .map_err(|error| self.broken(error, bytes, began))?;
            if read == 0 {
                return Ok(hash.hex());
            }
            let part = &chunk[..read];
            bytes += read as u64;
            if bytes > self.limits.bytes_max {
                return Err(self.too_large());
            }
            hash.add(part);
            to.write_all(part).map_err(|source| self.disk(source))?;
            progress.reached(bytes);
        }
    }

    fn broken(&self, error: io::Error, bytes: u64, began: Instant) -> Error {
        let cut = |source| Error::Cut {
            url: self.file.to_string(),
            bytes,
            source,
        };
        let all = Duration::from_millis(self.limits.total_ms_max);
        match ureq::Error::from(error) {
            ureq::Error::Timeout(_) if began.elapsed() >= all => {
                self.timeout("the transfer", self.limits.total_ms_max)
            }
            ureq::Error::Timeout(_) => self.timeout("a pause", self.limits.idle_ms_max),
            ureq::Error::Io(source) => cut(source),
            other => cut(io::Error::other(other)),
        }
    }

    fn timeout(&self, what: &'static str, ms_max: u64) -> Error {
        Error::Timeout {
            url: self.file.to_string(),
            what,
            ms_max,
        }
    }

    fn too_large(&self) -> Error {
        Error::TooLarge {
            url: self.file.to_string(),
            bytes_max: self.limits.bytes_max,
        }
    }

    fn disk(&self, source: io::Error) -> Error {
        Error::Disk {
            path: format!("{}.wasm", self.file.sha256).into(),
            source,
        }
    }
}
