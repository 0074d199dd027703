//! Writing examples to a file, one a line.

use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::example::hex;
use super::{DataError, DataRecipe, generate};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Lines.
    pub examples: u64,
    /// Of the file.
    pub bytes: u64,
    /// Of the file, in hex digits.
    pub sha256: String,
}

/// Writes the examples of these indices, whole or not at all. `progress` is told how many indices are done.
pub fn write_jsonl(
    recipe: &DataRecipe,
    range: Range<u64>,
    path: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Written, DataError> {
    let failed = |source| DataError::Write {
        path: path.to_owned(),
        source,
    };
    let folder = path
        .parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let file = NamedTempFile::new_in(folder).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let mut hash = Sha256::new();
    let (mut written, total) = (
        Written {
            examples: 0,
            bytes: 0,
            sha256: String::new(),
        },
        range.end - range.start,
    );
    let mut examples = generate(recipe, range)?;
    while let Some(example) = examples.next().transpose()? {
        let mut line = serde_json::to_vec(&example)?;
        line.push(b'\n');
        hash.update(&line);
        written.bytes += line.len() as u64;
        written.examples += 1;
        out.write_all(&line).map_err(failed)?;
        progress(total - examples.left());
    }
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    written.sha256 = hex(&hash.finalize());
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_the_examples_of_its_range() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let recipe = DataRecipe::train(3);
        let mut done = 0;
        let path = folder.path().join("train.jsonl");
        let written = write_jsonl(&recipe, 10..40, &path, &mut |count| done = count)?;
        let text = std::fs::read_to_string(&path)?;
        assert_eq!(text.len() as u64, written.bytes);
        assert_eq!(hex(&Sha256::digest(&text)), written.sha256);
        assert_eq!(done, 30);
        let ids: Vec<String> = generate(&recipe, 10..40)?
            .map(|it| it.map(|it| it.id))
            .collect::<Result<_, _>>()?;
        assert_eq!(ids.len() as u64, written.examples);
        assert!(ids.iter().zip(text.lines()).all(|(id, line)| line.contains(id)));
        let missing = folder.path().join("no/such.jsonl");
        let failed = write_jsonl(&recipe, 0..1, &missing, &mut |_| {});
        assert!(matches!(failed, Err(DataError::Write { .. })));
        Ok(())
    }
}
