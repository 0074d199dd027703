//! Examples out of a file, one a line, in bunches.

use std::fs::File;
use std::io::{BufRead, BufReader, Lines as FileLines};
use std::path::{Path, PathBuf};

use super::TokensError;
use crate::data::Example;

/// Lines of a bunch: enough for all cores, few enough to hold.
const BUNCH: usize = 1024;

/// The lines of a file of examples, in bunches that are read at a time.
pub struct Lines {
    path: PathBuf,
    lines: FileLines<BufReader<File>>,
    read: usize,
}

impl Lines {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, TokensError> {
        let file = File::open(path).map_err(|source| TokensError::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            lines: BufReader::new(file).lines(),
            read: 0,
        })
    }

    /// The next lines with their numbers; none at the end.
    pub fn bunch(&mut self) -> Result<Vec<(usize, String)>, TokensError> {
        let mut bunch = Vec::new();
        for line in self.lines.by_ref().take(BUNCH) {
            let line = line.map_err(|source| TokensError::File {
                path: self.path.clone(),
                source,
            })?;
            self.read += 1;
            bunch.push((self.read, line));
        }
        Ok(bunch)
    }

    /// The example of a line.
    pub fn example(&self, line: &(usize, String)) -> Result<Example, TokensError> {
        parsed(&self.path, line)
    }

    /// All examples of a file: for those that are few.
    pub fn all(path: &Path) -> Result<Vec<Example>, TokensError> {
        let mut lines = Self::open(path)?;
        let mut examples = Vec::new();
        loop {
            let bunch = lines.bunch()?;
            if bunch.is_empty() {
                return Ok(examples);
            }
            for line in &bunch {
                examples.push(lines.example(line)?);
            }
        }
    }
}

fn parsed(path: &Path, (line, text): &(usize, String)) -> Result<Example, TokensError> {
    serde_json::from_str(text).map_err(|source| TokensError::Line {
        path: path.to_owned(),
        line: *line,
        source,
    })
}
