//! Texts of a given number of tokens, the same on every machine.

use super::ask::{Ask, Door};
use anyhow::{Result, ensure};

const PROBE_LETTERS: [usize; 2] = [256, 1280];
const WORD_LETTERS_MAX: u64 = 7;

/// How many letters of such text make a token for a model, as its worker counts them.
pub(crate) struct Words {
    letters_per_token: f64,
}

impl Words {
    pub(crate) async fn measure(worker: &Door) -> Result<Self> {
        let mut tokens = [0.0; 2];
        for (tokens, letters) in tokens.iter_mut().zip(PROBE_LETTERS) {
            let ask = Ask {
                system: String::new(),
                user: text(0, letters),
                tokens: 1,
            };
            *tokens = f64::from(worker.ask(&ask, &mut |_| ()).await?.prompt_tokens);
        }
        let more = (PROBE_LETTERS[1] - PROBE_LETTERS[0]) as f64;
        let letters_per_token = more / (tokens[1] - tokens[0]);
        ensure!(
            letters_per_token.is_finite() && letters_per_token > 0.0,
            "a longer text has no more tokens: the model's vocabulary cannot be measured"
        );
        Ok(Self { letters_per_token })
    }

    /// A text of about so many tokens; other seeds differ from the first word on.
    pub(crate) fn text(&self, seed: u64, tokens: u32) -> String {
        text(
            seed,
            (f64::from(tokens) * self.letters_per_token).round() as usize,
        )
    }
}

fn text(seed: u64, letters: usize) -> String {
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let mut text = String::with_capacity(letters);
    while text.len() < letters {
        for _ in 0..=next(WORD_LETTERS_MAX) {
            text.push(char::from(b'a' + next(26) as u8));
        }
        text.push(' ');
    }
    text.truncate(letters);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_length_and_differ_by_seed() {
        assert_eq!(text(1, 100).len(), 100);
        assert_eq!(text(1, 100), text(1, 100));
        let begins: std::collections::BTreeSet<String> = (0..64).map(|seed| text(seed, 12)).collect();
        assert_eq!(begins.len(), 64);
    }
}
