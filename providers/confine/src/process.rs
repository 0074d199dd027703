//! The process as a whole: its threads, its dumps.

use crate::Error;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use std::os::unix::fs::MetadataExt as _;
use std::time::{Duration, Instant};

/// A thread that was joined is listed for a moment longer.
const THREADS_WAIT: Duration = Duration::from_secs(1);
const LINKS_OF_ANY_FOLDER: u64 = 2;
const THREADS_POLL: Duration = Duration::from_millis(2);

/// Refuses to go on with more threads than this one.
pub(crate) fn alone() -> Result<(), Error> {
    let deadline = Instant::now() + THREADS_WAIT;
    loop {
        let count = threads()?;
        if count == 1 {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(Error::Threads { count });
        }
        std::thread::sleep(THREADS_POLL);
    }
}

/// The threads that there are. Their folder has a link for each, beside the two of every folder; its list cannot be read
/// by a worker, who is behind the wall of its host, but Landlock lets everybody ask for the number of links.
fn threads() -> Result<u64, Error> {
    let folder = std::fs::metadata("/proc/self/task").map_err(|source| Error::System {
        what: "count the threads",
        source,
    })?;
    Ok(folder.nlink().saturating_sub(LINKS_OF_ANY_FOLDER))
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

/// Bounds what this process may take for its own, whoever asks within it: heaps, stacks of threads, anonymous and private
/// mappings that can be written. Files that are mapped to be read do not count: the kernel can take their pages back.
pub fn limit_memory(bytes: u64) -> Result<(), Error> {
    let limit = Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    setrlimit(Resource::Data, limit).map_err(|errno| Error::System {
        what: "bound the memory",
        source: errno.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Barrier};

    #[test]
    fn threads_are_counted() {
        let before = threads().expect("counts");
        let gate = Arc::new(Barrier::new(4));
        let others: Vec<_> = (0..3)
            .map(|_| {
                let gate = Arc::clone(&gate);
                std::thread::spawn(move || gate.wait())
            })
            .collect();
        // Other tests may end their threads meanwhile, and start some.
        let during = threads().expect("counts");
        gate.wait();
        for other in others {
            other.join().expect("ends");
        }
        assert!(before >= 1 && during >= 4, "{before} and {during}");
    }
}
