//! Where this process logs, and silence while llama.cpp reads what may be a user's.
//!
//! llama.cpp prints a grammar that it cannot read, and of a schema what it cannot express, to standard error itself,
//! past every log. Whatever else native code says there, such as why it aborts, is worth reading. So the log has a file
//! of its own, which is standard error as it was at the start, and standard error leads nowhere for as long as llama.cpp
//! reads a schema or a grammar. What another thread says there meanwhile is lost.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Standard error as it was, and what it is meanwhile.
struct Places {
    log: Arc<File>,
    nowhere: File,
    /// Readers at work.
    reading: Mutex<usize>,
}

static PLACES: OnceLock<io::Result<Places>> = OnceLock::new();

/// Where to log. Asked for first before the wall, behind which `/dev/null` may be out of reach.
pub(crate) fn log() -> io::Result<Arc<File>> {
    Ok(Arc::clone(&places()?.log))
}

/// Does `work` while nobody hears standard error; where that cannot be, nothing is done.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> io::Result<T> {
    let _quiet = Quiet::begin(places()?)?;
    Ok(work())
}

fn places() -> io::Result<&'static Places> {
    let opened = PLACES.get_or_init(|| {
        Ok(Places {
            log: Arc::new(File::from(io::stderr().as_fd().try_clone_to_owned()?)),
            nowhere: OpenOptions::new().write(true).open("/dev/null")?,
            reading: Mutex::new(0),
        })
    });
    opened
        .as_ref()
        .map_err(|error| io::Error::new(error.kind(), "standard error cannot be led elsewhere"))
}

/// Silence until it is dropped.
struct Quiet(&'static Places);

impl Quiet {
    fn begin(places: &'static Places) -> io::Result<Self> {
        let mut reading = places.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if *reading == 0 {
            lead_stderr_to(&places.nowhere)?;
        }
        *reading += 1;
        Ok(Self(places))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let mut reading = self.0.reading.lock().unwrap_or_else(PoisonError::into_inner);
        *reading -= 1;
        if *reading == 0
            && let Err(error) = lead_stderr_to(&self.0.log)
        {
            tracing::error!(%error, "standard error leads nowhere from here on");
        }
    }
}

#[expect(
    unsafe_code,
    reason = "nothing safe that is here already makes one open file stand for another of a given number"
)]
fn lead_stderr_to(file: &File) -> io::Result<()> {
    // SAFETY: both numbers are open files for as long as this takes, and nobody owns standard error.
    match unsafe { libc::dup2(file.as_raw_fd(), libc::STDERR_FILENO) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
