//! Which sequences begin alike. Pure.

use llama_cpp_2::token::LlamaToken;

/// Token sequences in order of salt and tokens, each under an id.
///
/// Neighbours in that order share the most, so what shares most with a prompt stands around the prompt's own place:
/// a search costs some ten comparisons of its length, however much is held.
#[derive(Default)]
pub(super) struct Prefixes {
    ordered: Vec<Held>,
}

struct Held {
    id: usize,
    salt: Box<str>,
    tokens: Vec<LlamaToken>,
    /// First tokens that it shares with the one before it; none where their salts differ.
    shared: usize,
}

/// A sequence that begins as a prompt does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) id: usize,
    /// Tokens they have in common, at least one.
    pub(super) shared: usize,
}

impl Prefixes {
    /// Puts tokens under an id that has none.
    pub(super) fn insert(&mut self, id: usize, salt: &str, tokens: Vec<LlamaToken>) {
        let place = self.place(salt, &tokens);
        let before = place.checked_sub(1).and_then(|before| self.ordered.get(before));
        let shared = before.map_or(0, |before| before.shares(salt, &tokens));
        if let Some(after) = self.ordered.get_mut(place) {
            after.shared = after.shares(salt, &tokens);
        }
        let held = Held {
            id,
            salt: salt.into(),
            tokens,
            shared,
        };
        self.ordered.insert(place, held);
    }

    /// Takes out what is under an id: its salt and tokens.
    pub(super) fn remove(&mut self, id: usize) -> Option<(Box<str>, Vec<LlamaToken>)> {
        let place = self.ordered.iter().position(|held| held.id == id)?;
        let held = self.ordered.remove(place);
        if let Some(after) = self.ordered.get_mut(place) {
            after.shared = after.shared.min(held.shared);
        }
        Some((held.salt, held.tokens))
    }

    /// All of the same salt that begin as the prompt does, those that share most first.
    pub(super) fn matches(&self, salt: &str, prompt: &[LlamaToken]) -> Vec<Match> {
        let place = self.place(salt, prompt);
        let (before, after) = self.ordered.split_at(place);
        let mut matches = Vec::new();
        let mut shared = usize::MAX;
        for (distance, held) in after.iter().enumerate() {
            shared = match distance {
                0 => held.shares(salt, prompt),
                _ => shared.min(held.shared),
            };
            if shared == 0 {
                break;
            }
            matches.push(Match { id: held.id, shared });
        }
        shared = before.last().map_or(0, |held| held.shares(salt, prompt));
        for held in before.iter().rev() {
            if shared == 0 {
                break;
            }
            matches.push(Match { id: held.id, shared });
            shared = shared.min(held.shared);
        }
        matches.sort_by_key(|it| std::cmp::Reverse(it.shared));
        matches
    }

    fn place(&self, salt: &str, tokens: &[LlamaToken]) -> usize {
        self.ordered
            .partition_point(|held| (&*held.salt, &held.tokens[..]) < (salt, tokens))
    }
}

impl Held {
    fn shares(&self, salt: &str, tokens: &[LlamaToken]) -> usize {
        if *self.salt != *salt {
            return 0;
        }
        let pairs = self.tokens.iter().zip(tokens);
        pairs.take_while(|(held, token)| held == token).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(numbers: &[i32]) -> Vec<LlamaToken> {
        numbers.iter().copied().map(LlamaToken).collect()
    }

    #[test]
    fn the_longest_come_first_and_salts_never_meet() {
        let mut prefixes = Prefixes::default();
        for (id, salt, numbers) in [
            (0, "a", &[1, 2, 3][..]),
            (1, "a", &[1, 2, 3, 4, 5]),
            (2, "b", &[1, 2, 3, 4, 5]),
            (3, "a", &[7]),
            (4, "", &[1, 2, 3, 4]),
        ] {
            prefixes.insert(id, salt, tokens(numbers));
        }
        let check = |salt, numbers: &[i32], expected: &[(usize, usize)]| {
            let found = prefixes.matches(salt, &tokens(numbers));
            let found: Vec<_> = found.iter().map(|it| (it.id, it.shared)).collect();
            assert_eq!(found, expected, "{salt} {numbers:?}");
        };
        check("a", &[1, 2, 3, 4, 9], &[(1, 4), (0, 3)]);
        check("b", &[1, 2, 3, 4, 9], &[(2, 4)]);
        check("", &[1, 9], &[(4, 1)]);
        check("c", &[1, 2, 3, 4, 5], &[]);
        check("a", &[8], &[]);
    }

    proptest! {
        /// As a search that compares the prompt with everything.
        #[test]
        fn finds_what_a_scan_finds(
            steps in prop::collection::vec(
                (0..12_usize, "[ab]{0,1}", prop::collection::vec(0..3_i32, 0..9), any::<bool>()),
                1..60,
            )
        ) {
            let mut prefixes = Prefixes::default();
            let mut naive: Vec<Option<(String, Vec<LlamaToken>)>> = vec![None; 12];
            for (id, salt, numbers, inserts) in steps {
                let prompt = tokens(&numbers);
                let mut found = prefixes.matches(&salt, &prompt);
                prop_assert!(found.windows(2).all(|pair| pair[0].shared >= pair[1].shared));
                let mut expected: Vec<Match> = (0..naive.len())
                    .filter_map(|id| {
                        let (held_salt, held) = naive[id].as_ref()?;
                        let shared = held.iter().zip(&prompt).take_while(|(a, b)| a == b).count();
                        (*held_salt == salt && shared > 0).then_some(Match { id, shared })
                    })
                    .collect();
                found.sort_by_key(|it| it.id);
                expected.sort_by_key(|it| it.id);
                prop_assert_eq!(found, expected);
                let removed = prefixes.remove(id).map(|(salt, tokens)| (salt.into_string(), tokens));
                prop_assert_eq!(removed, naive[id].take());
                if inserts {
                    prefixes.insert(id, &salt, prompt.clone());
                    naive[id] = Some((salt, prompt));
                }
            }
        }
    }
}
