//! One phase: skipped where it is done, made where it is not.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use super::done::{Done, FILE, Made};
use super::{Key, PhaseError};

/// Held while a phase is made.
const LOCK: &str = "lock";

/// The folder of all phases, and who is told what becomes of them.
pub struct Work<'a> {
    /// The folder.
    pub folder: &'a Path,
    /// Is told in sentences.
    pub tell: &'a dyn Fn(&str),
}

/// What is to be made.
pub struct Phase<'a> {
    /// Its name.
    pub name: &'static str,
    /// Tells it from others of its name, such as a size; part of the folder's name only.
    pub label: &'a str,
    /// Raised whenever the same parameters make something else than before.
    pub revision: u32,
    /// What it is made with.
    pub parameters: Value,
    /// What it is made from.
    pub inputs: &'a [&'a Done],
    /// What a killed attempt left is of use to the next.
    pub resumes: bool,
}

/// What was made: names of files within the folder, and what is told of them.
pub(super) struct Output {
    pub(super) files: Vec<String>,
    pub(super) told: Value,
}

impl Phase<'_> {
    /// What its output is known by.
    pub fn key(&self) -> Key {
        let inputs: Vec<&Key> = self.inputs.iter().map(|done| &done.key).collect();
        Key::of(self.name, self.revision, &self.parameters, &inputs)
    }

    /// Where its output is.
    pub fn folder(&self, work: &Work<'_>) -> PathBuf {
        let label = if self.label.is_empty() {
            String::new()
        } else {
            format!("-{}", self.label)
        };
        work.folder
            .join(format!("{}{label}-{}", self.name, self.key().short()))
    }

    /// Makes it, unless it is done.
    pub(super) fn ensure(
        &self,
        work: &Work<'_>,
        make: impl FnOnce(&Path) -> Result<Output, PhaseError>,
    ) -> Result<Done, PhaseError> {
        let folder = self.folder(work);
        std::fs::create_dir_all(&folder).map_err(PhaseError::io(&folder))?;
        // Whoever only uses what is done is in nobody's way.
        if let Some(done) = self.done_before(work, &folder)? {
            return Ok(done);
        }
        let lock = locked(&folder)?;
        // The process that kept us out may have done it.
        if let Some(done) = self.done_before(work, &folder)? {
            return Ok(done);
        }
        let title = self.title();
        if !self.resumes {
            emptied(&folder)?;
        }
        (work.tell)(&format!("{title}: begins, in {}", folder.display()));
        let begun = Instant::now();
        let output = make(&folder)?;
        let files = output.files.iter().map(|name| Made::of(&folder, name));
        let done = Done {
            phase: self.name.to_owned(),
            key: self.key(),
            parameters: self.parameters.clone(),
            inputs: self.inputs.iter().map(|done| done.key.clone()).collect(),
            files: files.collect::<Result<_, _>>()?,
            told: output.told,
            seconds: begun.elapsed().as_secs_f64(),
            folder,
        };
        done.write()?;
        drop(lock);
        (work.tell)(&format!("{title}: done in {:.1} s: {}", done.seconds, done.told));
        Ok(done)
    }

    fn done_before(&self, work: &Work<'_>, folder: &Path) -> Result<Option<Done>, PhaseError> {
        let Some(done) = Done::read(folder)? else {
            return Ok(None);
        };
        done.check()?;
        (work.tell)(&format!("{}: done before, in {}", self.title(), folder.display()));
        Ok(Some(done))
    }

    fn title(&self) -> String {
        match self.label {
            "" => self.name.to_owned(),
            label => format!("{} {label}", self.name),
        }
    }
}

/// Keeps other processes out until it is dropped; the system drops it for a process that is killed.
fn locked(folder: &Path) -> Result<File, PhaseError> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(PhaseError::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PhaseError::Busy {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(PhaseError::io(&path)(error)),
    }
}

/// Removes what a killed attempt left.
fn emptied(folder: &Path) -> Result<(), PhaseError> {
    let entries = std::fs::read_dir(folder).map_err(PhaseError::io(folder))?;
    for entry in entries {
        let path = entry.map_err(PhaseError::io(folder))?.path();
        if path.ends_with(LOCK) {
            continue;
        }
        let removed = match path.is_dir() {
            true => std::fs::remove_dir_all(&path),
            false => std::fs::remove_file(&path),
        };
        removed.map_err(PhaseError::io(&path))?;
    }
    debug_assert!(!folder.join(FILE).exists(), "only what is not done is emptied");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::cell::{Cell, RefCell};

    struct Bench {
        folder: tempfile::TempDir,
        told: RefCell<Vec<String>>,
        made: Cell<u32>,
    }

    impl Bench {
        fn new() -> Self {
            Self {
                folder: tempfile::tempdir().expect("a folder"),
                told: RefCell::default(),
                made: Cell::default(),
            }
        }

        fn ensure(&self, text: &str, resumes: bool, fails: bool) -> Result<Done, PhaseError> {
            let phase = Phase {
                name: "letters",
                label: "a",
                revision: 1,
                parameters: json!({ "text": text }),
                inputs: &[],
                resumes,
            };
            let tell = |text: &str| self.told.borrow_mut().push(text.to_owned());
            let work = Work {
                folder: self.folder.path(),
                tell: &tell,
            };
            phase.ensure(&work, |folder| {
                self.made.set(self.made.get() + 1);
                let rest = std::fs::read_to_string(folder.join("rest")).unwrap_or_default();
                std::fs::write(folder.join("rest"), "left").map_err(PhaseError::io(folder))?;
                if fails {
                    return Err(PhaseError::Stopped { step: 3 });
                }
                std::fs::write(folder.join("out"), format!("{text}{rest}"))
                    .map_err(PhaseError::io(folder))?;
                Ok(Output {
                    files: vec!["out".to_owned()],
                    told: json!({ "letters": text.len() }),
                })
            })
        }
    }

    #[test]
    fn a_phase_is_done_once_for_each_key() {
        let bench = Bench::new();
        let first = bench.ensure("abc", false, false).expect("makes");
        let again = bench.ensure("abc", false, false).expect("skips");
        assert_eq!(
            (bench.made.get(), &again.key, &again.files),
            (1, &first.key, &first.files)
        );
        assert!(
            bench
                .told
                .borrow()
                .last()
                .is_some_and(|told| told.contains("done before"))
        );
        let other = bench.ensure("abd", false, false).expect("makes");
        assert_eq!(bench.made.get(), 2);
        assert_ne!((&other.key, &other.folder), (&first.key, &first.folder));
    }

    #[test]
    fn what_was_killed_begins_anew_or_goes_on() {
        for (resumes, expected) in [(false, "abc"), (true, "abcleft")] {
            let bench = Bench::new();
            bench.ensure("abc", resumes, true).expect_err("fails");
            let done = bench.ensure("abc", resumes, false).expect("makes");
            let out = std::fs::read_to_string(done.file("out")).expect("is there");
            assert_eq!((out.as_str(), bench.made.get()), (expected, 2));
        }
    }

    #[test]
    fn what_was_changed_is_told_and_not_made_over() {
        let bench = Bench::new();
        let done = bench.ensure("abc", false, false).expect("makes");
        std::fs::write(done.file("out"), "other").expect("writes");
        let error = bench.ensure("abc", false, false).expect_err("refused");
        assert!(matches!(error, PhaseError::Changed { .. }), "{error}");
        assert_eq!(bench.made.get(), 1);
    }

    #[test]
    fn two_processes_do_not_make_one_phase() {
        let bench = Bench::new();
        let done = bench.ensure("abc", false, false).expect("makes");
        let held = locked(&done.folder).expect("is free");
        bench
            .ensure("abc", false, false)
            .expect("what is done is used by any number of processes");
        std::fs::remove_file(done.folder.join(FILE)).expect("is there");
        let error = bench.ensure("abc", false, false).expect_err("refused");
        assert!(matches!(error, PhaseError::Busy { .. }), "{error}");
        drop(held);
        bench.ensure("abc", false, false).expect("makes");
    }
}
