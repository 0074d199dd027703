//! Conversations as tokens, in a file.

use super::TrainError;
use crate::model::write_atomically;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::path::Path;

const FILE_BYTES_MAX: u64 = 2 << 30;

/// Tokenized conversations, one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    ids: Vec<u16>,
    targets: Vec<u8>,
    starts: Vec<usize>,
    /// What the writer told beside them: the tokenizer's hash, the split, the seed.
    pub told: HashMap<String, String>,
}

impl Tokens {
    /// Tokens whose conversations begin at `starts`, which ends with the end of all. A target is 1 where the token is
    /// one that the tokens before it must foresee, else 0.
    pub fn new(ids: Vec<u16>, targets: Vec<u8>, starts: Vec<usize>) -> Result<Self, String> {
        if ids.len() != targets.len() {
            return Err(format!("{} ids have {} targets", ids.len(), targets.len()));
        }
        if starts.first() != Some(&0) || starts.last() != Some(&ids.len()) {
            return Err(format!("`starts` does not go from 0 to {}", ids.len()));
        }
        if let Some(at) = starts.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(format!("conversation {at} of `starts` has no tokens"));
        }
        if let Some(at) = targets.iter().position(|&target| target > 1) {
            return Err(format!("the target of token {at} is {}, not 0 or 1", targets[at]));
        }
        let firsts = &starts[..starts.len() - 1];
        if let Some(at) = firsts.iter().position(|&first| targets[first] == 1) {
            return Err(format!(
                "the first token of conversation {at} is a target, but nothing is before it"
            ));
        }
        Ok(Self {
            ids,
            targets,
            starts,
            told: HashMap::new(),
        })
    }

    /// Reads a token file.
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let wrong = |why: String| TrainError::Tokens {
            path: path.to_owned(),
            why,
        };
        let length = std::fs::metadata(path).map_err(TrainError::io(path))?.len();
        if length > FILE_BYTES_MAX {
            return Err(wrong(format!(
                "it has {length} bytes, more than {FILE_BYTES_MAX}"
            )));
        }
        let bytes = std::fs::read(path).map_err(TrainError::io(path))?;
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| wrong(error.to_string()))?;
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| wrong(error.to_string()))?;
        let tensor = |name: &str| tensors.tensor(name).map_err(|error| wrong(error.to_string()));
        let typed = |name: &str, dtype: Dtype| {
            let view = tensor(name)?;
            match view.dtype() == dtype && view.shape().len() == 1 {
                true => Ok(view),
                false => Err(wrong(format!("`{name}` is no list of {dtype:?}"))),
            }
        };
        let ids = bytemuck::pod_collect_to_vec(typed("ids", Dtype::U16)?.data());
        let targets = typed("targets", Dtype::U8)?.data().to_vec();
        let starts = offsets(&tensor("starts")?).map_err(wrong)?;
        let told = header.metadata().clone().unwrap_or_default();
        Ok(Self {
            told,
            ..Self::new(ids, targets, starts).map_err(wrong)?
        })
    }

    /// Writes a token file.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        let wrong = |why: String| TrainError::Tokens {
            path: path.to_owned(),
            why,
        };
        let starts: Vec<i64> = self.starts.iter().map(|&start| start as i64).collect();
        let view = |dtype, count, bytes| {
            TensorView::new(dtype, vec![count], bytes).map_err(|error| wrong(error.to_string()))
        };
        let tensors = [
            (
                "ids",
                view(Dtype::U16, self.ids.len(), bytemuck::cast_slice(&self.ids))?,
            ),
            ("targets", view(Dtype::U8, self.targets.len(), &self.targets)?),
            (
                "starts",
                view(Dtype::I64, starts.len(), bytemuck::cast_slice(&starts))?,
            ),
        ];
        let bytes = safetensors::serialize(tensors, Some(self.told.clone()));
        let bytes = bytes.map_err(|error| wrong(error.to_string()))?;
        write_atomically(path, &bytes).map_err(TrainError::io(path))
    }

    /// Conversations.
    pub fn conversations(&self) -> usize {
        self.starts.len() - 1
    }

    /// The tokens of a conversation and which of them are targets.
    pub fn conversation(&self, index: usize) -> (&[u16], &[u8]) {
        let at = self.starts[index]..self.starts[index + 1];
        (&self.ids[at.clone()], &self.targets[at])
    }

    /// Tokens of a conversation.
    pub(crate) fn length(&self, index: usize) -> usize {
        self.starts[index + 1] - self.starts[index]
    }

    /// The hash of the tokens, whatever file they came from.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update((self.ids.len() as u64).to_le_bytes());
        hasher.update(bytemuck::cast_slice::<u16, u8>(&self.ids));
        hasher.update(&self.targets);
        for &start in &self.starts {
            hasher.update((start as u64).to_le_bytes());
        }
        hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

fn offsets(view: &TensorView<'_>) -> Result<Vec<usize>, String> {
    match view.dtype() {
        Dtype::U32 => {
            let all: Vec<u32> = bytemuck::pod_collect_to_vec(view.data());
            Ok(all.into_iter().map(|offset| offset as usize).collect())
        }
        Dtype::I64 => {
            let all: Vec<i64> = bytemuck::pod_collect_to_vec(view.data());
            let offset = |offset: i64| usize::try_from(offset).map_err(|_| format!("`starts` has {offset}"));
            all.into_iter().map(offset).collect()
        }
        other => Err(format!("`starts` is of {other:?}, not of U32 or I64")),
    }
}

#[cfg(test)]
mod tests {
    use super::Tokens;
    use anyhow::Result;

    #[test]
    fn what_is_wrong_with_tokens_is_named() {
        let cases = [
            (vec![1, 2], vec![0], vec![0, 2], "2 ids have 1 targets"),
            (vec![1, 2], vec![0, 1], vec![0, 1], "from 0 to 2"),
            (vec![1, 2], vec![0, 1], vec![], "from 0 to 2"),
            (vec![1, 2], vec![0, 1], vec![0, 0, 2], "conversation 0"),
            (vec![1, 2], vec![0, 2], vec![0, 2], "is 2, not 0 or 1"),
            (
                vec![1, 2],
                vec![0, 1],
                vec![0, 1, 2],
                "first token of conversation 1",
            ),
        ];
        for (ids, targets, starts, named) in cases {
            let told = Tokens::new(ids, targets, starts).expect_err(named);
            assert!(told.contains(named), "{told}");
        }
    }

    #[test]
    fn files_are_read_as_they_were_written() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("train.safetensors");
        let mut tokens =
            Tokens::new(vec![7, 8, 9], vec![0, 1, 0], vec![0, 2, 3]).map_err(anyhow::Error::msg)?;
        tokens.told.insert("split".to_owned(), "train".to_owned());
        tokens.save(&path)?;
        let read = Tokens::load(&path)?;
        assert_eq!(read, tokens);
        assert_eq!(read.hash(), tokens.hash());
        assert_eq!(read.conversation(0), ([7, 8].as_slice(), [0, 1].as_slice()));

        std::fs::write(&path, b"no tensors at all")?;
        let told = Tokens::load(&path).expect_err("no token file").to_string();
        assert!(told.contains("is no token file"), "{told}");
        Ok(())
    }
}
