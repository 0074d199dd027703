//! Which tokens go into the next batch. Pure.

/// What a sequence could put into a batch now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Nothing: its slot is free, or its reader is behind.
    Nothing,
    /// The token sampled last.
    Token,
    /// So many tokens of its prompt.
    Prompt(usize),
}

/// Slots and how many tokens each gives. Sampled tokens first, so that nobody who is answered waits for
/// somebody's prompt; prompts share what is left, in the order of `first`, round and round.
pub(crate) fn batch(wants: &[Want], tokens_max: usize, first: usize) -> Vec<(usize, usize)> {
    let mut left = tokens_max;
    let mut chunks: Vec<(usize, usize)> = Vec::new();
    for (slot, want) in wants.iter().enumerate() {
        if *want == Want::Token && left > 0 {
            chunks.push((slot, 1));
            left -= 1;
        }
    }
    for slot in (0..wants.len()).map(|offset| (first + offset) % wants.len()) {
        if let Want::Prompt(tokens) = wants[slot]
            && left > 0
        {
            let tokens = tokens.min(left);
            chunks.push((slot, tokens));
            left -= tokens;
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::Want::{Nothing, Prompt, Token};
    use super::*;

    #[test]
    fn sampled_tokens_go_first_and_prompts_fill_the_rest() {
        let check = |wants: &[Want], max, first, expected: &[(usize, usize)]| {
            assert_eq!(batch(wants, max, first), expected, "{wants:?} {max} {first}");
        };
        check(
            &[Prompt(9), Token, Nothing, Token],
            8,
            0,
            &[(1, 1), (3, 1), (0, 6)],
        );
        check(&[Prompt(3), Prompt(9)], 8, 0, &[(0, 3), (1, 5)]);
        check(&[Prompt(9), Prompt(9)], 8, 1, &[(1, 8)]);
        check(&[Nothing, Nothing], 8, 0, &[]);
        check(&[Token, Token], 1, 0, &[(0, 1)]);
    }
}
