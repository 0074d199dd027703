//! A model hub, spoken to by crate `hf-hub`, files aside. Everything here blocks.

mod failure;
mod transfer;

use super::meter::Meter;
use super::source::{Source, is_path};
use crate::model::error::Error;
use crate::model::render;
use failure::{Asked, Status};
use hf_hub::api::RepoInfo;
use hf_hub::api::sync::{Api, ApiBuilder, ApiRepo};
use hf_hub::{Cache, Repo, RepoType};
use reqwest::Url;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use transfer::Web;

const ENDPOINT: &str = "HF_ENDPOINT";
const TOKEN: &str = "HF_TOKEN";

/// The hub that the environment names, else the one that `hf-hub` knows.
pub(super) struct Hub {
    api: Api,
    parts: Cache,
    web: Web,
    token: bool,
}

/// A file that came.
pub(super) struct Came {
    pub(super) blob: PathBuf,
    /// The hub's name for its content.
    pub(super) etag: String,
    /// Its size by the hub.
    pub(super) size: u64,
}

impl Hub {
    /// Keeps what comes in the folder `parts`.
    pub(super) fn from_env(parts: &Path) -> Result<Self, Error> {
        let parts = std::path::absolute(parts).map_err(Error::disk("use", parts))?;
        let parts = Cache::new(parts);
        let env = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let token = env(TOKEN).map(|token| token.trim().to_owned());
        let has_token = token.is_some();
        // The token is set even to none: the crate would look for a file of one beside its cache.
        let mut builder = ApiBuilder::from_cache(parts.clone())
            .with_progress(false)
            .with_token(token.clone());
        if let Some(endpoint) = env(ENDPOINT) {
            builder = builder.with_endpoint(checked(endpoint.trim())?);
        }
        let api = builder
            .build()
            .map_err(|error| Error::Foreign(error.to_string()))?;
        Ok(Self {
            api,
            parts,
            web: Web::new(token),
            token: has_token,
        })
    }

    /// Names of all files of the repository.
    pub(super) fn files(&self, source: &Source) -> Result<Vec<String>, Error> {
        let asked = self.asked(format!("repository {} at {}", source.repo, source.revision));
        let request = self.repo(source).info_request();
        let answer = request.config().http_status_as_error(false).build().call();
        let mut answer = answer.map_err(|error| failure::of_http(&error, &asked))?;
        let status = answer.status().as_u16();
        if !answer.status().is_success() {
            return Err(asked.refused(Status(status)));
        }
        let info: RepoInfo = answer
            .body_mut()
            .read_json()
            .map_err(|error| Error::Foreign(error.to_string()))?;
        Ok(info.siblings.into_iter().map(|file| file.rfilename).collect())
    }

    /// Fetches a file, or the rest of one whose transfer was cut.
    pub(super) fn fetch(&self, source: &Source, file: &str, meter: &Meter) -> Result<Came, Error> {
        let asked = self.asked(format!("{}:{file}", source.repo));
        let url = Url::parse(&self.repo(source).url(file));
        let url = url.map_err(|_| Error::NotOnHub(asked.what.clone()))?;
        let found = self.web.find(&url, &asked)?;
        // A path is made of it.
        if !is_path(&found.etag) || found.etag.contains('/') {
            return Err(Error::Foreign(format!(
                "`{}` is no name of a version",
                found.etag
            )));
        }
        let came = Came {
            blob: self.cache(source).blob_path(&found.etag),
            etag: found.etag,
            size: found.size,
        };
        if size_of(&came.blob) == Some(came.size) {
            return Ok(came);
        }
        let _only = alone(&came)?;
        let there = begun(&came)?;
        self.check_space(came.size - there)?;
        eprintln!("{}", starting(source, file, &came, there));
        let part = came.blob.with_extension("part");
        self.web.fetch(&url, &asked, &part, meter.of(came.size))?;
        std::fs::rename(&part, &came.blob).map_err(Error::disk("write", &came.blob))?;
        Ok(came)
    }

    /// Removes what is left of a transfer. Parts of others stay.
    pub(super) fn forget(&self, source: &Source, came: &Came) {
        let repo = self.folder(source);
        // The model is in its place; leftovers are in nobody's way.
        let _ = std::fs::remove_file(came.blob.with_extension("lock"));
        for folder in [&repo.join("blobs"), &repo, self.parts.path()] {
            let _ = std::fs::remove_dir(folder);
        }
    }

    fn folder(&self, source: &Source) -> PathBuf {
        self.parts.path().join(of(source).folder_name())
    }

    fn asked(&self, what: String) -> Asked {
        Asked {
            what,
            token: self.token,
        }
    }

    fn repo(&self, source: &Source) -> ApiRepo {
        self.api.repo(of(source))
    }

    fn cache(&self, source: &Source) -> hf_hub::CacheRepo {
        self.parts.repo(of(source))
    }

    fn check_space(&self, needed: u64) -> Result<(), Error> {
        let folder = self.parts.path().parent().unwrap_or(self.parts.path());
        // A file system that does not tell is tried.
        let Ok(space) = rustix::fs::statvfs(folder) else {
            return Ok(());
        };
        let free = space.f_bavail.saturating_mul(space.f_frsize);
        if free < needed {
            return Err(Error::NoSpace {
                folder: folder.to_owned(),
                free: render::bytes(free),
                needed: render::bytes(needed),
            });
        }
        Ok(())
    }
}

fn of(source: &Source) -> Repo {
    Repo::with_revision(source.repo.clone(), RepoType::Model, source.revision.clone())
}

/// Two transfers of one file would write into each other; the lock ends with the file that is given.
fn alone(came: &Came) -> Result<File, Error> {
    let path = came.blob.with_extension("lock");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Error::disk("make", folder))?;
    }
    let file = File::create(&path).map_err(Error::disk("write", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Cut {
            why: "another `gyre model pull` fetches this file".to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(Error::disk("lock", &path)(error)),
    }
}

/// Bytes of the file that came before. A part that is not shorter than the file cannot be gone on with.
fn begun(came: &Came) -> Result<u64, Error> {
    let part = came.blob.with_extension("part");
    match size_of(&part) {
        Some(there) if there >= came.size => {
            std::fs::remove_file(&part).map_err(Error::disk("remove", &part))?;
            Ok(0)
        }
        there => Ok(there.unwrap_or(0)),
    }
}

fn size_of(path: &Path) -> Option<u64> {
    Some(std::fs::metadata(path).ok()?.len())
}

fn starting(source: &Source, file: &str, came: &Came, there: u64) -> String {
    let rest = if there > 0 {
        format!(", {} are there already", render::bytes(there))
    } else {
        String::new()
    };
    format!(
        "fetching {file} of {}: {}{rest}",
        source.repo,
        render::bytes(came.size)
    )
}

fn checked(endpoint: &str) -> Result<String, Error> {
    let url = Url::parse(endpoint).ok();
    let good = url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !good {
        return Err(Error::Foreign(format!("{ENDPOINT} is no http or https address")));
    }
    Ok(endpoint.trim_end_matches('/').to_owned())
}
