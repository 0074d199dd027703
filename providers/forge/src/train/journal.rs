//! The log of a run: a line of JSON for each step.

use super::TrainError;
use crate::model::write_atomically;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What is known of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Steps that were made with it.
    pub step: u64,
    /// Times all conversations were read.
    pub epoch: u64,
    /// The mean loss of the batch's targets, before the step.
    pub loss: f64,
    /// That of the dev split after the step, where it was measured.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dev_loss: Option<f64>,
    /// The learning rate.
    pub rate: f32,
    /// The length of the gradient, before it was shortened.
    pub gradient_norm: f64,
    /// Tokens that were read so far.
    pub tokens: u64,
    /// Tokens that this step read in a second.
    pub tokens_per_second: f64,
}

/// The log, open for more.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    lines: Vec<Line>,
}

impl Journal {
    /// Opens the log of a run that made so many steps; lines of later ones, which a killed run wrote after its last
    /// checkpoint, are removed: those steps are made again.
    pub(super) fn open(path: PathBuf, steps: u64) -> Result<Self, TrainError> {
        let lines = match std::fs::read_to_string(&path) {
            Ok(text) => kept(&text, steps),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(TrainError::io(&path)(error)),
        };
        let text: String = lines.iter().map(text_of).collect();
        write_atomically(&path, text.as_bytes()).map_err(TrainError::io(&path))?;
        let file = File::options()
            .append(true)
            .open(&path)
            .map_err(TrainError::io(&path))?;
        Ok(Self { path, file, lines })
    }

    pub(super) fn write(&mut self, line: Line) -> Result<(), TrainError> {
        let written = self.file.write_all(text_of(&line).as_bytes());
        self.lines.push(line);
        written.map_err(TrainError::io(&self.path))
    }

    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }
}

fn text_of(line: &Line) -> String {
    // Numbers and nothing else: this cannot fail.
    serde_json::to_string(line).map_or_else(|_| String::new(), |text| text + "\n")
}

/// The lines up to that of the step. The last one may be torn, when the run was killed while it was written.
fn kept(text: &str, steps: u64) -> Vec<Line> {
    text.lines()
        .map_while(|line| serde_json::from_str::<Line>(line).ok())
        .take_while(|line| line.step <= steps)
        .collect()
}

/// Reads the log of a run, as far as it is whole.
pub(super) fn read(path: &Path) -> Result<Vec<Line>, TrainError> {
    let text = std::fs::read_to_string(path).map_err(TrainError::io(path))?;
    Ok(kept(&text, u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Journal, Line, read};
    use anyhow::Result;
    use std::io::Write as _;

    fn line(step: u64) -> Line {
        Line {
            step,
            epoch: 0,
            loss: 1.5,
            dev_loss: (step == 2).then_some(1.25),
            rate: 0.001,
            gradient_norm: 0.5,
            tokens: step * 100,
            tokens_per_second: 1000.0,
        }
    }

    #[test]
    fn steps_that_are_made_again_and_torn_lines_are_removed() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("train.jsonl");
        let mut journal = Journal::open(path.clone(), 0)?;
        for step in 1..=4 {
            journal.write(line(step))?;
        }
        journal.file.write_all(b"{\"step\":5,\"ep")?;
        assert_eq!(read(&path)?.len(), 4);

        let mut journal = Journal::open(path.clone(), 2)?;
        assert_eq!(journal.lines(), [line(1), line(2)]);
        journal.write(line(3))?;
        assert_eq!(read(&path)?, [line(1), line(2), line(3)]);
        Ok(())
    }
}
