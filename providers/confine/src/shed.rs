//! Starting anew without what is not for us.

use crate::Error;
use crate::environment::{Variables, kept};
use crate::inherited;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Leaves behind the variables and open files that are not for gyre, by starting this program anew, in the same process
/// and with the same arguments. `set` are variables that it shall have, and those that begin with one of `prefixes` it keeps. Returns where there is
/// nothing to leave.
///
/// Deleting a variable would not do: its value stays where the kernel put it, for `/proc/self/environ` to show.
pub fn shed(set: &[(&str, OsString)], prefixes: &[String]) -> Result<(), Error> {
    let open = inherited::close_with_exec()?;
    let now: Variables = std::env::vars_os().collect();
    let then = kept(&now, set, prefixes);
    if now == then && !open {
        return Ok(());
    }
    let program = std::env::current_exe().map_err(Error::Anew)?;
    let mut arguments = std::env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    // Returns only where it failed.
    Err(Error::Anew(command.args(arguments).env_clear().envs(then).exec()))
}
