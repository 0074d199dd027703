//! Where the bytes of a component come from.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use toml::Value;

use crate::{
    error::Problem,
    section::{Section, wrong_type},
};

/// Where the bytes of a component come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// A file to fetch: [`crate::App::replace_remote`] makes it a file here.
    Url(RemoteFile),
}

/// A file to fetch, and how it is known to be the right one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemoteFile {
    /// Where it is.
    pub url: String,
    /// The SHA-256 of its bytes, in lower-case hexadecimal digits.
    pub sha256: String,
}

impl Source {
    /// The file, where it need not be fetched first.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Url(_) => None,
        }
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(remote) => remote.fmt(f),
        }
    }
}

/// Without what may be a secret: a name with a password before the host, and the query.
impl fmt::Display for RemoteFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit('@').next().unwrap_or_default();
        write!(f, "{scheme}://{host}{path}")
    }
}

impl fmt::Debug for RemoteFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteFile")
            .field("url", &format_args!("{self}"))
            .field("sha256", &self.sha256)
            .finish()
    }
}

/// A source as written. That of a registry is refused only where it would be used: a profile may replace it.
#[derive(Debug, Clone)]
pub(crate) enum WrittenSource {
    Known(Source),
    Registry { package: String, version: String },
}

impl WrittenSource {
    /// What a host can load.
    pub(crate) fn usable(&self, key: &str) -> Result<Source, Problem> {
        match self {
            Self::Known(source) => Ok(source.clone()),
            Self::Registry { package, version } => Err(Problem::unsupported(
                key,
                format!(
                    "it names {package}@{version} in a registry of packages, and this host has no client for one"
                ),
                format!(
                    "fetch it once (`wkg get {package}@{version}`) and name the file, or write {{ url = \"…\", digest = \"sha256:…\" }}"
                ),
            )),
        }
    }
}

/// Reads `source` of a component or of a profile.
pub(crate) fn read(section: &mut Section, root: &Path) -> Result<Option<WrittenSource>, Problem> {
    const EXPECTED: &str = "the path of a component file, or { url, digest }";
    let key = section.key("source");
    let Some(value) = section.take("source") else {
        return Ok(None);
    };
    let Value::Table(_) = value else {
        return match value {
            Value::String(path) => Ok(Some(WrittenSource::Known(Source::File(root.join(path))))),
            other => Err(wrong_type(key, EXPECTED, &other)),
        };
    };
    let mut source = Section::from_value(key, value)?;
    let written = match read_url(&mut source)? {
        Some(remote) => WrittenSource::Known(Source::Url(remote)),
        None => {
            let hint = format!("give {EXPECTED}");
            // Which registry it is makes no difference to a host that asks none.
            source.string("registry")?;
            WrittenSource::Registry {
                package: source.required_string("package", &hint)?,
                version: source.required_string("version", &hint)?,
            }
        }
    };
    source.finish()?;
    Ok(Some(written))
}

/// Reads `url` with its `digest`, when there is one.
pub(crate) fn read_url(section: &mut Section) -> Result<Option<RemoteFile>, Problem> {
    const HINT: &str = "write digest = \"sha256:<64 hexadecimal digits>\", as `sha256sum` prints them";
    let key = section.key("url");
    let Some(url) = section.string("url")? else {
        return Ok(None);
    };
    if !url.starts_with("http://") && !url.starts_with("https://") {
        let what = "only http:// and https:// can be fetched";
        return Err(Problem::new(key, what, "give such a URL, or the path of a file"));
    }
    let key = section.key("digest");
    let digest = section.required_string("digest", HINT)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    match digest.strip_prefix("sha256:") {
        Some(sha256) if sha256.len() == 64 && sha256.bytes().all(is_digit) => Ok(Some(RemoteFile {
            url,
            sha256: sha256.to_owned(),
        })),
        _ => Err(Problem::new(key, "not a SHA-256 digest", HINT)),
    }
}
