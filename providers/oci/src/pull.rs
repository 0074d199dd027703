//! Fetching one application.

use crate::Error;
use crate::archive;
use crate::assemble::assemble;
use crate::blobs::Blobs;
use crate::credentials;
use crate::locked::LockedApp;
use crate::registry::Registry;
use oci_client::Reference;
use oci_client::manifest::{OciDescriptor, OciImageManifest};
use std::path::PathBuf;

/// What describes an application; in old ones it is the configuration of the image.
const APPLICATION: &str = "application/vnd.fermyon.spin.application.v1+config";
/// Many files in one layer.
const ARCHIVE: &str = "application/vnd.wasm.content.bundle.v1.tar+gzip";
const LAYERS_MAX: usize = 500;
const LAYER_BYTES_MAX: u64 = 1 << 30;
const ALL_BYTES_MAX: u64 = 4 << 30;
const APPLICATION_BYTES_MAX: u64 = 8 << 20;
/// Changes with what is made of an application, so that an older folder is not taken for it.
const LAYOUT: &str = "apps-1";

/// How applications are fetched.
#[derive(Debug, Clone)]
pub struct Pull {
    /// Where what was fetched is kept.
    pub cache: PathBuf,
    /// Without TLS.
    pub insecure: bool,
    /// docker's configuration, where credentials are.
    pub docker_config: Option<PathBuf>,
}

/// How much has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetched {
    /// So far, what was kept before included.
    pub bytes: u64,
    /// In the end.
    pub bytes_all: u64,
}

impl Pull {
    /// Fetches an application; gives the path of its manifest. `tell` hears how far it is.
    pub async fn run(&self, reference: &str, mut tell: impl FnMut(Fetched) + Send) -> Result<PathBuf, Error> {
        let parsed = Reference::try_from(reference).map_err(|_| Error::NoSource {
            given: reference.to_owned(),
        })?;
        let auth = credentials::of(parsed.resolve_registry(), self.docker_config.as_deref())?;
        let registry = Registry::new(parsed, auth, self.insecure)?;
        let blobs = Blobs::open(&self.cache)?;
        let (manifest, digest) = registry.manifest().await?;
        let bytes_all = checked_size(&manifest)?;
        let mut bytes = 0;
        let mut came = |more| {
            bytes += more;
            tell(Fetched { bytes, bytes_all });
        };
        let description = description(&manifest);
        for part in std::iter::once(description).chain(&manifest.layers) {
            let path = registry.part(part, &blobs, &mut came).await?;
            if part.media_type == ARCHIVE {
                archive::unpack(&path, &blobs)?;
            }
        }
        let app = self.application(description, &blobs, &registry.name())?;
        let folder = self.cache.join("oci").join(LAYOUT).join(digest.replace(':', "-"));
        assemble(&app, &blobs, &folder, &registry.name())
    }

    fn application(&self, part: &OciDescriptor, blobs: &Blobs, reference: &str) -> Result<LockedApp, Error> {
        let no_application = || Error::NotAnApplication {
            reference: reference.to_owned(),
            why: "nothing in it describes an application".to_owned(),
        };
        let path = blobs.find(&part.digest).ok_or_else(no_application)?;
        let text = std::fs::read(&path).map_err(|source| Error::Cache {
            what: "read",
            path,
            source,
        })?;
        LockedApp::parse(&text, reference)
    }
}

/// The part that describes the application.
fn description(manifest: &OciImageManifest) -> &OciDescriptor {
    let layer = manifest
        .layers
        .iter()
        .find(|layer| layer.media_type == APPLICATION);
    layer.unwrap_or(&manifest.config)
}

/// The bytes of everything, if they are no more than are allowed.
fn checked_size(manifest: &OciImageManifest) -> Result<u64, Error> {
    let too_large = |what: &str, bytes_max| Error::TooLarge {
        what: what.to_owned(),
        bytes_max,
    };
    if manifest.layers.len() > LAYERS_MAX {
        return Err(too_large("the list of layers", LAYERS_MAX as u64));
    }
    let size = |part: &OciDescriptor| u64::try_from(part.size).unwrap_or(u64::MAX);
    if size(description(manifest)) > APPLICATION_BYTES_MAX {
        return Err(too_large(
            "the description of the application",
            APPLICATION_BYTES_MAX,
        ));
    }
    if manifest.layers.iter().any(|layer| size(layer) > LAYER_BYTES_MAX) {
        return Err(too_large("a layer", LAYER_BYTES_MAX));
    }
    let layers: u64 = manifest.layers.iter().map(size).sum();
    let all = layers.saturating_add(size(description(manifest)));
    if all > ALL_BYTES_MAX {
        return Err(too_large("the application", ALL_BYTES_MAX));
    }
    Ok(all)
}
