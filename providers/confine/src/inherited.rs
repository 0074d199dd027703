//! Open files that came with the process and are not for it.

use crate::Error;
use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};
use std::os::fd::{BorrowedFd, RawFd};

const FIRST_AFTER_STDERR: RawFd = 3;

/// Has every open file but the standard three closed when the next program starts; says whether there were any to close.
pub(crate) fn close_with_exec() -> Result<bool, Error> {
    let failed = |source| Error::System {
        what: "see which files are open",
        source,
    };
    let mut open = Vec::new();
    for entry in std::fs::read_dir("/proc/self/fd").map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        open.extend(name.to_str().and_then(|name| name.parse::<RawFd>().ok()));
    }
    let mut found = false;
    for fd in open.into_iter().filter(|fd| *fd >= FIRST_AFTER_STDERR) {
        found |= mark(fd);
    }
    Ok(found)
}

/// Marks one; `false` where it is marked already, or gone, as the one is that the list was read with.
#[expect(
    unsafe_code,
    reason = "a number of /proc/self/fd becomes a borrowed file; only its flag is read and set, and nothing is closed"
)]
fn mark(fd: RawFd) -> bool {
    // SAFETY: the borrow ends in this function, which closes nothing; a number that is no open file is an error of the call.
    let file = unsafe { BorrowedFd::borrow_raw(fd) };
    match fcntl_getfd(file) {
        Ok(flags) if !flags.contains(FdFlags::CLOEXEC) => fcntl_setfd(file, flags | FdFlags::CLOEXEC).is_ok(),
        _ => false,
    }
}
