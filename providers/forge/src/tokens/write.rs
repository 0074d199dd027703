//! From examples to a token file, on all cores, in the order of the examples.

use std::path::Path;

use rayon::prelude::*;

use super::{About, Lines, TokensError};
use crate::render::{RenderError, Rendered, Renderer};
use crate::tokenizer::{Encoded, Learner, Vocabulary};
use crate::train::Tokens;

/// Lines that one core counts at a time.
const LINES_A_CORE: usize = 128;

/// What is made into words or tokens.
pub struct Making<'a> {
    /// Writes conversations as text.
    pub renderer: &'a Renderer,
    /// Examples, one a line.
    pub examples: &'a Path,
    /// Is told how many examples were read.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// What a token file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Written {
    /// Conversations in it.
    pub conversations: usize,
    /// All tokens.
    pub tokens: usize,
    /// Tokens that the model writes.
    pub targets: usize,
    /// Tokens of the longest conversation.
    pub longest: usize,
    /// Examples that have more tokens than the context, or no answer, and are not in it.
    pub left_out: usize,
}

impl Making<'_> {
    /// Counts the words of at most so many examples for a tokenizer.
    pub fn words(&self, examples_max: usize) -> Result<Learner, TokensError> {
        let mut lines = Lines::open(self.examples)?;
        let mut learner = Learner::new()?;
        let mut left = examples_max;
        loop {
            let mut bunch = lines.bunch()?;
            bunch.truncate(left);
            if bunch.is_empty() {
                return Ok(learner);
            }
            left -= bunch.len();
            let count = |some: &[(usize, String)]| -> Result<Learner, TokensError> {
                let mut counted = Learner::new()?;
                for line in some {
                    counted.read(&self.rendered(&lines, line)?)?;
                }
                Ok(counted)
            };
            let counted: Vec<Learner> = bunch
                .par_chunks(LINES_A_CORE)
                .map(count)
                .collect::<Result<_, _>>()?;
            counted.into_iter().for_each(|one| learner.join(one));
            (self.progress)(bunch.len() as u64);
        }
    }

    /// Writes the tokens of all examples that fit the context.
    pub fn tokens(
        &self,
        vocabulary: &Vocabulary,
        context_tokens_max: usize,
        about: &About,
        to: &Path,
    ) -> Result<Written, TokensError> {
        let mut lines = Lines::open(self.examples)?;
        let mut all = All::default();
        let mut written = Written::default();
        loop {
            let bunch = lines.bunch()?;
            if bunch.is_empty() {
                break;
            }
            let encode = |line: &(usize, String)| -> Result<Encoded, TokensError> {
                Ok(vocabulary.encode(&self.rendered(&lines, line)?)?)
            };
            let encoded: Vec<Encoded> = bunch.par_iter().map(encode).collect::<Result<_, _>>()?;
            for one in &encoded {
                written.add(one, context_tokens_max, &mut all);
            }
            (self.progress)(bunch.len() as u64);
        }
        if written.conversations == 0 {
            return Err(TokensError::Nothing(written.left_out, context_tokens_max));
        }
        all.write(about, to)?;
        Ok(written)
    }

    fn rendered(&self, lines: &Lines, line: &(usize, String)) -> Result<Rendered, TokensError> {
        let example = lines.example(line)?;
        let rendered = self.renderer.conversation(&example.tools, &example.messages);
        rendered.map_err(|source: RenderError| TokensError::Render {
            id: example.id,
            source,
        })
    }
}

impl Written {
    fn add(&mut self, encoded: &Encoded, context_tokens_max: usize, all: &mut All) {
        let targets = encoded.targets().count();
        if encoded.ids.len() > context_tokens_max || targets == 0 {
            self.left_out += 1;
            return;
        }
        all.add(encoded);
        self.conversations += 1;
        self.tokens += encoded.ids.len();
        self.targets += targets;
        self.longest = self.longest.max(encoded.ids.len());
    }
}

/// All conversations, one after another.
#[derive(Default)]
struct All {
    ids: Vec<u16>,
    targets: Vec<u8>,
    ends: Vec<usize>,
}

impl All {
    fn add(&mut self, encoded: &Encoded) {
        self.ids.extend(&encoded.ids);
        self.targets.extend(&encoded.targets);
        self.ends.push(self.ids.len());
    }

    fn write(self, about: &About, to: &Path) -> Result<(), TokensError> {
        let starts = std::iter::once(0).chain(self.ends).collect();
        let mut tokens = Tokens::new(self.ids, self.targets, starts).map_err(TokensError::Tokens)?;
        let told = about
            .told()
            .map_err(|error| TokensError::Tokens(error.to_string()))?;
        tokens.told.extend([told]);
        Ok(tokens.save(to)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::TOKENS_MIN;
    use serde_json::json;

    fn line(question: &str, answer: &str) -> String {
        let messages = json!([
            { "role": "user", "content": question },
            { "role": "assistant", "content": answer },
        ]);
        let example =
            json!({ "id": question, "task": "plain", "split": "train", "tools": [], "messages": messages });
        example.to_string()
    }

    #[test]
    fn examples_become_a_token_file_that_reads_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let examples = folder.path().join("train.jsonl");
        let long = "word ".repeat(200);
        let lines = [
            line("How are you?", "Well."),
            line(&long, "Too long."),
            line("And you?", "Fine."),
        ];
        std::fs::write(&examples, lines.join("\n")).expect("writes");
        let renderer = Renderer::new().expect("compiles");
        let making = Making {
            renderer: &renderer,
            examples: &examples,
            progress: &|_| {},
        };
        let tokenizer = folder.path().join("tokenizer.json");
        let learner = making.words(usize::MAX).expect("counts");
        learner.write(TOKENS_MIN + 30, &tokenizer).expect("learns");
        let vocabulary = Vocabulary::open(&tokenizer).expect("reads");
        let about = About {
            tokenizer: vocabulary.hash().to_owned(),
            split: "train".into(),
            seed: 7,
        };
        let path = folder.path().join("train.safetensors");
        let written = making.tokens(&vocabulary, 100, &about, &path).expect("writes");
        assert_eq!((written.conversations, written.left_out), (2, 1));
        let first = std::fs::read(&path).expect("is there");
        let file = Tokens::load(&path).expect("reads");
        assert_eq!(About::of(&file), Some(about.clone()));
        assert_eq!(file.conversations(), 2);
        let of = |at: usize| {
            let (ids, targets) = file.conversation(at);
            let own = ids.iter().zip(targets).filter(|(_, target)| **target == 1);
            let own: Vec<u16> = own.map(|(id, _)| *id).collect();
            let spelled = |ids: &[u16]| vocabulary.spelled(ids).expect("decodes");
            (spelled(ids), spelled(&own))
        };
        let (whole, target) = of(1);
        assert_eq!(
            whole,
            "<|im_start|>user\nAnd you?<|im_end|>\n<|im_start|>assistant\nFine.<|im_end|>\n"
        );
        assert_eq!(target, "Fine.<|im_end|>");
        making.tokens(&vocabulary, 100, &about, &path).expect("writes");
        assert_eq!(std::fs::read(&path).expect("is there"), first, "the same bytes");
        let error = making.tokens(&vocabulary, 3, &about, &path).expect_err("refused");
        assert!(matches!(error, TokensError::Nothing(3, 3)), "{error}");
    }

    #[test]
    fn a_line_that_is_no_example_is_told_by_its_number() {
        let folder = tempfile::tempdir().expect("a folder");
        let examples = folder.path().join("train.jsonl");
        std::fs::write(&examples, line("a", "b") + "\n{}\n").expect("writes");
        let renderer = Renderer::new().expect("compiles");
        let making = Making {
            renderer: &renderer,
            examples: &examples,
            progress: &|_| {},
        };
        let error = making.words(usize::MAX).err().expect("refused");
        assert!(matches!(error, TokensError::Line { line: 2, .. }), "{error}");
    }
}
