//! The process as a whole: its threads, its dumps.

use crate::Error;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use std::time::{Duration, Instant};

/// A thread that was joined is listed for a moment longer.
const THREADS_WAIT: Duration = Duration::from_secs(1);
const THREADS_POLL: Duration = Duration::from_millis(2);

/// Refuses to go on with more threads than this one.
pub(crate) fn alone() -> Result<(), Error> {
    let deadline = Instant::now() + THREADS_WAIT;
    loop {
        let threads = std::fs::read_dir("/proc/self/task").map_err(|source| Error::System {
            what: "count the threads",
            source,
        })?;
        let count = threads.count();
        if count == 1 {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(Error::Threads { count });
        }
        std::thread::sleep(THREADS_POLL);
    }
}

/// Memory of this process reaches no file and no debugger: it holds prompts and the values of variables.
pub(crate) fn keep_memory_private() -> Result<(), Error> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).map_err(|errno| Error::System {
        what: "forbid core dumps",
        source: errno.into(),
    })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|errno| Error::System {
        what: "keep debuggers off",
        source: errno.into(),
    })
}
