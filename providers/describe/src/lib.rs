//! Tools are described once, at build time: what models are told of a tool cannot change while its component does not.
//!
//! [`describe`] runs a leaf's `describe` with no power over anything, within bounds of time and memory, and checks what
//! it says; [`freeze`] writes that beside the digest of the leaf. A shell serves the frozen file and refuses a leaf that
//! says something else.

mod error;
mod freeze;
mod sandbox;
mod spec;

pub use error::Error;
pub use freeze::{Frozen, freeze};
pub use gyre_tool_specs::{Effects, FrozenTools, ToolSpec};

use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::time::Duration;

/// Bytes of a leaf.
const WASM_BYTES_MAX: u64 = 256 << 20;

/// How long `describe` of a leaf may take; compiling does not count.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Asks the leaf in `file` what its tools are.
pub async fn describe(file: &Path) -> Result<FrozenTools, Error> {
    describe_within(file, TIME_MAX).await
}

/// The same, and gives up when the leaf takes longer than `time_max`.
pub async fn describe_within(file: &Path, time_max: Duration) -> Result<FrozenTools, Error> {
    let wasm = read(file)?;
    let tools = spec::checked(file, sandbox::describe(file, &wasm, time_max).await?)?;
    Ok(FrozenTools {
        component: component_name(file),
        digest: digest(&wasm),
        tools,
    })
}

/// The digest of a leaf, as a frozen file has it.
#[must_use]
pub fn digest(wasm: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut digest = "sha256:".to_owned();
    for byte in Sha256::digest(wasm) {
        // Writing to a String cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    let unread = |source| Error::Read {
        file: file.to_owned(),
        source,
    };
    let bytes = file.metadata().map_err(unread)?.len();
    if bytes > WASM_BYTES_MAX {
        return Err(unread(std::io::Error::new(
            std::io::ErrorKind::FileTooLarge,
            format!("it has {bytes} bytes, {WASM_BYTES_MAX} are the most"),
        )));
    }
    std::fs::read(file).map_err(unread)
}

/// The name of the component in a file: cargo writes `-` as `_`.
fn component_name(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default();
    stem.to_string_lossy().replace('_', "-")
}
