//! What a leaf is told of the environment and of files that it does not inherit: there is nothing.
//!
//! `gyre-compose` binds such a leaf to these interfaces in place of WASI's. They are the host's, so that no sandbox needs
//! a memory to be told nothing from.

use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::Descriptor;

/// The versions of WASI that guests are built for, and how each names the working directory.
const VERSIONS: [(&str, &str); 2] = [("0.2.6", "initial-cwd"), ("0.3.0", "get-initial-cwd")];

/// Gives leaves that are denied something an answer.
pub(crate) fn add_to_linker<T: Send + 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    for (version, directory) in VERSIONS {
        let mut environment = linker.instance(&format!("gyre:denied/environment@{version}"))?;
        environment.func_wrap("get-environment", |_, ()| Ok((Vec::<(String, String)>::new(),)))?;
        environment.func_wrap("get-arguments", |_, ()| Ok((Vec::<String>::new(),)))?;
        environment.func_wrap(directory, |_, ()| Ok((None::<String>,)))?;
        let mut preopens = linker.instance(&format!("gyre:denied/preopens@{version}"))?;
        preopens.func_wrap("get-directories", |_, ()| {
            Ok((Vec::<(Resource<Descriptor>, String)>::new(),))
        })?;
    }
    Ok(())
}
