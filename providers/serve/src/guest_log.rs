//! The output of guests: whole lines, as events of the host's log and, where a folder is named, in files.

mod lines;
mod rate;
mod stream;

use crate::BuildError;
use lines::Lines;
use rate::Rate;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
pub(crate) use stream::GuestStream;

/// Where the output of guests goes.
#[derive(Debug, Clone)]
pub struct GuestOutput {
    /// Whether it is logged.
    pub shown: bool,
    /// The folder that gets a file for each component and stream.
    pub folder: Option<PathBuf>,
}

/// One of a guest's two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// What all sandboxes of one component write to.
pub(crate) struct GuestLog {
    component: Arc<str>,
    shown: bool,
    rate: Arc<Rate>,
    stdout: Option<Arc<Mutex<File>>>,
    stderr: Option<Arc<Mutex<File>>>,
}

impl GuestLog {
    /// Opens the component's files, which are written on at their ends.
    pub(crate) fn open(component: &str, output: &GuestOutput) -> Result<Self, BuildError> {
        let file = |stream: Stream| match &output.folder {
            None => Ok(None),
            Some(folder) => append_to(folder, &format!("{component}_{}.txt", stream.name())).map(Some),
        };
        Ok(Self {
            component: component.into(),
            shown: output.shown,
            rate: Arc::new(Rate::new()),
            stdout: file(Stream::Stdout)?,
            stderr: file(Stream::Stderr)?,
        })
    }

    /// A stream of one sandbox.
    pub(crate) fn stream(&self, stream: Stream, request_id: Option<&str>) -> GuestStream {
        let file = match stream {
            Stream::Stdout => &self.stdout,
            Stream::Stderr => &self.stderr,
        };
        GuestStream::new(Sink {
            component: Arc::clone(&self.component),
            stream,
            request_id: request_id.map(str::to_owned),
            shown: self.shown,
            rate: Arc::clone(&self.rate),
            file: file.clone(),
        })
    }
}

fn append_to(folder: &Path, name: &str) -> Result<Arc<Mutex<File>>, BuildError> {
    let failed = |path: PathBuf| move |source| BuildError::GuestLog { path, source };
    std::fs::create_dir_all(folder).map_err(failed(folder.to_owned()))?;
    let path = folder.join(name);
    let file = OpenOptions::new().create(true).append(true).open(&path);
    Ok(Arc::new(Mutex::new(file.map_err(failed(path))?)))
}

/// Where the whole lines of one stream go.
struct Sink {
    component: Arc<str>,
    stream: Stream,
    request_id: Option<String>,
    shown: bool,
    rate: Arc<Rate>,
    file: Option<Arc<Mutex<File>>>,
}

impl Sink {
    fn take(&self, line: &str) {
        match self.rate.admit() {
            rate::Admitted::Yes => self.write(line),
            rate::Admitted::No => {}
            rate::Admitted::NoAndFirst => tracing::warn!(
                target: "gyre::guest",
                component = %self.component,
                "more than {} lines in a second: the rest of this second is not kept", rate::LINES_PER_SECOND_MAX
            ),
        }
    }

    fn write(&self, line: &str) {
        if self.shown {
            tracing::info!(
                target: "gyre::guest",
                component = %self.component,
                stream = self.stream.name(),
                request_id = self.request_id.as_deref(),
                "{line}"
            );
        }
        if let Some(file) = &self.file {
            let written = file
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write_all(format!("{line}\n").as_bytes());
            if let Err(error) = written {
                tracing::warn!(component = %self.component, %error, "cannot write the output of a guest");
            }
        }
    }
}

impl std::fmt::Debug for GuestLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuestLog")
            .field("component", &self.component)
            .finish_non_exhaustive()
    }
}
