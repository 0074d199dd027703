//! Writing frozen tools, only when they changed.

use crate::error::Error;
use crate::{component_name, describe, digest, read};
use gyre_tool_specs::FrozenTools;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What became of a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// The frozen file.
    pub file: PathBuf,
    /// Whether it was written: it is not when it has the leaf's digest already.
    pub written: bool,
}

/// Describes the leaf in `wasm` and writes `<component>.json` into `folder`, whole or not at all.
pub async fn freeze(wasm: &Path, folder: &Path) -> Result<Frozen, Error> {
    let name = component_name(wasm);
    if !is_name_of_tool(&name) {
        return Err(Error::Name {
            file: wasm.to_owned(),
        });
    }
    let file = folder.join(format!("{name}.json"));
    if is_current(&file, &name, &digest(&read(wasm)?)) {
        return Ok(Frozen { file, written: false });
    }
    let tools = describe(wasm).await?;
    write(folder, &file, &tools).map_err(|source| Error::Write {
        file: file.clone(),
        source,
    })?;
    Ok(Frozen { file, written: true })
}

fn is_name_of_tool(name: &str) -> bool {
    let kebab = |sign: u8| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-';
    name.strip_prefix("tool-")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(kebab))
}

fn is_current(file: &Path, name: &str, digest: &str) -> bool {
    let present = std::fs::read(file).ok();
    let present: Option<FrozenTools> = present.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    present.is_some_and(|it| it.component == name && it.digest == digest)
}

fn write(folder: &Path, file: &Path, tools: &FrozenTools) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut part = tempfile::Builder::new()
        .permissions(readable())
        .tempfile_in(folder)?;
    serde_json::to_writer_pretty(&mut part, tools)?;
    part.write_all(b"\n")?;
    part.persist(file)?;
    Ok(())
}

/// As any file of a build: who serves the application may be another user.
fn readable() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::Permissions::from_mode(0o644)
}
