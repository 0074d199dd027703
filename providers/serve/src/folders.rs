//! The folders that a component may read, opened once: its sandboxes share them, so that one that waits holds no file.

use crate::mounts::Mounts;
use crate::staging::FilesError;
use std::io;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::filesystem::{WasiFilesystemCtx, WasiFilesystemView};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// Opens them. A folder that is replaced by another is not followed; files in it are read as they are.
pub(crate) fn open(mounts: &Mounts) -> Result<WasiFilesystemCtx, FilesError> {
    let mut builder = WasiCtxBuilder::new();
    for (folder, place) in mounts.folders() {
        let opened = builder.preopened_dir(folder, place, FsPerms::ReadOnly);
        opened.map_err(|error| {
            let source = error.downcast::<io::Error>();
            let source = source.unwrap_or_else(|error| io::Error::other(error.to_string()));
            FilesError::unreadable(folder)(source)
        })?;
    }
    let mut opened = Opened {
        wasi: builder.build(),
        table: ResourceTable::new(),
    };
    Ok(opened.filesystem().ctx.clone())
}

/// WASI's context shows its part for files by a view only.
struct Opened {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Opened {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}
