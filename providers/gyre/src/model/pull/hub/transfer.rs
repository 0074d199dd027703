//! A file of the hub over HTTP. `hf-hub` would do it, but shows its token to whatever host a redirect names: here only
//! the hub sees it.

use super::failure::{self, Asked, Status};
use crate::model::error::Error;
use crate::model::pull::meter::Meter;
use hf_hub::api::Progress as _;
use reqwest::Url;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

/// Hosts that a file is looked for at, one after another.
const REDIRECTS_MAX: usize = 10;
/// Small beside a tenth of any model, since every tenth is told.
const CHUNK_BYTES: usize = 32 * 1024;

/// The way to the hub.
pub(super) struct Web {
    agent: Agent,
    token: Option<String>,
}

/// What the hub says of a file.
pub(super) struct Found {
    /// Its name for the content.
    pub(super) etag: String,
    pub(super) size: u64,
}

impl Web {
    pub(super) fn new(token: Option<String>) -> Self {
        let config = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false);
        Self {
            agent: config.build().into(),
            token,
        }
    }

    /// Asks for the first byte, which tells of the whole.
    pub(super) fn find(&self, url: &Url, asked: &Asked) -> Result<Found, Error> {
        let (etag, response) = self.follow(url, "bytes=0-0", asked)?;
        let etag = etag.ok_or_else(|| Error::Foreign("it names no version of the file".to_owned()))?;
        let range = header(&response, "content-range");
        let size = range.and_then(|range| range.rsplit('/').next()?.parse().ok());
        let size = size.ok_or_else(|| Error::Foreign("it does not tell the size of the file".to_owned()))?;
        Ok(Found { etag, size })
    }

    /// Fetches what is missing of a file of this size, behind what is there.
    pub(super) fn fetch(&self, url: &Url, asked: &Asked, part: &Path, mut meter: Meter) -> Result<(), Error> {
        let disk = || Error::disk("write", part);
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(part)
            .map_err(disk())?;
        let mut there = file.metadata().map_err(disk())?.len();
        let (_, response) = self.follow(url, &format!("bytes={there}-"), asked)?;
        if response.status() != StatusCode::PARTIAL_CONTENT {
            // It sends all of it, whatever was asked for.
            file.set_len(0).map_err(disk())?;
            there = 0;
        }
        meter.init(0, "");
        meter.update(usize::try_from(there).unwrap_or(usize::MAX));
        copy(response, &mut file, &mut meter)?;
        meter.finish();
        file.sync_all().map_err(disk())
    }

    /// Asks for a range, wherever the hub sends us for it; says what the hub calls the content.
    fn follow(
        &self,
        url: &Url,
        range: &str,
        asked: &Asked,
    ) -> Result<(Option<String>, Response<Body>), Error> {
        let (mut at, mut etag) = (url.clone(), None);
        for _ in 0..=REDIRECTS_MAX {
            let is_hub = at.origin() == url.origin();
            let mut request = self.agent.get(at.as_str()).header("range", range);
            if let Some(token) = self.token.as_ref().filter(|_| is_hub) {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            let response = request.call().map_err(|error| failure::of_http(&error, asked))?;
            let status = response.status();
            if is_hub && etag.is_none() {
                let named = header(&response, "x-linked-etag").or_else(|| header(&response, "etag"));
                etag = named.map(|etag| etag.replace('"', ""));
            }
            if status.is_success() {
                return Ok((etag, response));
            }
            if !status.is_redirection() {
                return Err(asked.refused(Status(status.as_u16())));
            }
            let next = header(&response, "location").and_then(|location| at.join(location).ok());
            let next = next.filter(|next| matches!(next.scheme(), "http" | "https"));
            at = next.ok_or_else(|| Error::Foreign("it sends us to no address".to_owned()))?;
        }
        Err(Error::Foreign(format!(
            "it sends us on more than {REDIRECTS_MAX} times"
        )))
    }
}

fn copy(response: Response<Body>, file: &mut File, meter: &mut Meter) -> Result<(), Error> {
    let mut body = response.into_body().into_reader();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = body.read(&mut chunk).map_err(|error| failure::of_io(&error))?;
        if read == 0 {
            return Ok(());
        }
        file.write_all(&chunk[..read])
            .map_err(|error| failure::of_io(&error))?;
        meter.update(read);
    }
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}
