//! One application's registry: what it has, fetched and checked.

use crate::Error;
use crate::blobs::{Blobs, is_digest};
use oci_client::Reference;
use oci_client::client::{Client, ClientConfig, ClientProtocol};
use oci_client::errors::{DigestError, OciDistributionError, OciErrorCode};
use oci_client::manifest::{OciDescriptor, OciImageManifest};
use oci_client::secrets::RegistryAuth;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::AsyncWrite;

const CONNECT_WAIT: Duration = Duration::from_secs(10);
/// A registry that says nothing for so long is given up.
const READ_WAIT: Duration = Duration::from_secs(30);
/// A description of everything, the manifest of an application with its layers.
const MANIFEST_WAIT: Duration = Duration::from_secs(120);

pub(crate) struct Registry {
    client: Client,
    reference: Reference,
    auth: RegistryAuth,
}

impl Registry {
    pub(crate) fn new(reference: Reference, auth: RegistryAuth, insecure: bool) -> Result<Self, Error> {
        let protocol = if insecure {
            ClientProtocol::Http
        } else {
            ClientProtocol::Https
        };
        let config = ClientConfig {
            protocol,
            connect_timeout: Some(CONNECT_WAIT),
            read_timeout: Some(READ_WAIT),
            user_agent: concat!("gyre/", env!("CARGO_PKG_VERSION")),
            // An application is the same on every machine.
            platform_resolver: None,
            ..ClientConfig::default()
        };
        let name = reference.whole();
        let client = Client::try_from(config).map_err(|error| Error::Registry {
            reference: name,
            reason: reason(&error),
        })?;
        Ok(Self {
            client,
            reference,
            auth,
        })
    }

    /// As it was given, and as errors name it.
    pub(crate) fn name(&self) -> String {
        self.reference.whole()
    }

    /// What the application consists of, and the digest of that.
    pub(crate) async fn manifest(&self) -> Result<(OciImageManifest, String), Error> {
        let pulled = self.client.pull_image_manifest(&self.reference, &self.auth);
        match tokio::time::timeout(MANIFEST_WAIT, pulled).await {
            Ok(pulled) => pulled.map_err(|error| self.failed(&error, "the manifest")),
            Err(_) => Err(Error::Registry {
                reference: self.name(),
                reason: "it took too long to answer".to_owned(),
            }),
        }
    }

    /// A part, from the cache or else from the registry. `came` is told of bytes as they come.
    pub(crate) async fn part(
        &self,
        part: &OciDescriptor,
        blobs: &Blobs,
        came: &mut (dyn FnMut(u64) + Send),
    ) -> Result<PathBuf, Error> {
        let bytes = u64::try_from(part.size).unwrap_or(0);
        if let Some(path) = blobs.find(&part.digest) {
            came(bytes);
            return Ok(path);
        }
        let wrong = || Error::Digest {
            reference: self.name(),
            what: format!("a part of type {}", part.media_type),
        };
        if !is_digest(&part.digest) {
            return Err(wrong());
        }
        let mut file = blobs.begin()?;
        let output = Bounded {
            file: file.as_file_mut(),
            left: bytes,
            came,
        };
        let pulled = self.client.pull_blob(&self.reference, part, output).await;
        pulled.map_err(|error| self.failed(&error, &format!("a part of type {}", part.media_type)))?;
        if !blobs.keep(file, &part.digest)? {
            return Err(wrong());
        }
        blobs.find(&part.digest).ok_or_else(wrong)
    }

    fn failed(&self, error: &OciDistributionError, what: &str) -> Error {
        let reference = self.name();
        let asked = self.auth != RegistryAuth::Anonymous;
        match error {
            OciDistributionError::UnauthorizedError { .. }
            | OciDistributionError::AuthenticationFailure(_) => Error::Refused { reference, asked },
            OciDistributionError::RegistryError { envelope, .. } => {
                let has =
                    |codes: &[OciErrorCode]| envelope.errors.iter().any(|error| codes.contains(&error.code));
                if has(&[OciErrorCode::Denied, OciErrorCode::Unauthorized]) {
                    return Error::Refused { reference, asked };
                }
                if has(&[
                    OciErrorCode::ManifestUnknown,
                    OciErrorCode::NameUnknown,
                    OciErrorCode::NotFound,
                ]) {
                    return Error::NotFound { reference };
                }
                let reason = reason(error);
                Error::Registry { reference, reason }
            }
            OciDistributionError::ServerError { code: 404, .. }
            | OciDistributionError::ImageManifestNotFoundError(_) => Error::NotFound { reference },
            OciDistributionError::ServerError { code: 403, .. } => Error::Refused { reference, asked },
            OciDistributionError::DigestError(DigestError::VerificationError { .. }) => Error::Digest {
                reference,
                what: what.to_owned(),
            },
            other => Error::Registry {
                reference,
                reason: reason(other),
            },
        }
    }
}

/// What went wrong, in our words: those of a registry may quote what was sent to it.
fn reason(error: &OciDistributionError) -> String {
    match error {
        OciDistributionError::RequestError(error) if error.is_timeout() => {
            "it took too long to answer".to_owned()
        }
        OciDistributionError::RequestError(error) if error.is_connect() => "it cannot be reached".to_owned(),
        OciDistributionError::RequestError(_) => "the connection was cut".to_owned(),
        OciDistributionError::IoError(error) => error.to_string(),
        OciDistributionError::ServerError { code, .. } => format!("it answered with status {code}"),
        OciDistributionError::RegistryError { .. } => "it refused the request".to_owned(),
        OciDistributionError::ImageIndexParsingNoPlatformResolverError => {
            "it is a list of images for several machines, not a Spin application".to_owned()
        }
        _ => "it does not speak the protocol of registries".to_owned(),
    }
}

/// A file that takes so many bytes and no more.
struct Bounded<'a> {
    file: &'a mut std::fs::File,
    left: u64,
    came: &'a mut (dyn FnMut(u64) + Send),
}

impl AsyncWrite for Bounded<'_> {
    /// A write to a local file is no wait that another task could use: nothing else runs while an application is fetched.
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let count = bytes.len() as u64;
        if count > this.left {
            return Poll::Ready(Err(io::Error::other("a part is larger than its manifest says")));
        }
        this.left -= count;
        this.file.write_all(bytes)?;
        (this.came)(count);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.file.sync_data())
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
