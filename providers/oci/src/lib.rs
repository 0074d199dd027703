//! Fetches Spin applications from OCI registries.
//!
//! What `spin registry push` writes is a locked application, a JSON document, beside layers of components and files. This
//! crate turns it back into a folder with a `spin.toml`, so that there is one reader of applications and one set of checks.
//! Layers are kept by their digest, and checked by it whenever they are used.
//!
//! ```no_run
//! # async fn example() -> Result<(), gyre_oci::Error> {
//! let pull = gyre_oci::Pull {
//!     cache: "cache".into(),
//!     insecure: false,
//!     docker_config: None,
//! };
//! let manifest = pull.run("registry.example/app:1.0", |_| {}).await?;
//! # Ok(())
//! # }
//! ```

mod archive;
mod assemble;
mod blobs;
mod credentials;
mod error;
mod files;
mod locked;
mod manifest;
mod pull;
mod registry;
mod source;

pub use error::Error;
pub use pull::{Fetched, Pull};
pub use source::Source;
