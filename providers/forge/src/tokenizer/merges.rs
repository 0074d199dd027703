//! Which pairs of tokens become one: learnt from counted words, always alike.
//!
//! The library's own trainer keeps its words in hash tables with keys of chance. Where two ways of spelling lead to one
//! token, the order of its merges then differs from run to run (its heap holds one pair twice). Here every choice has one
//! answer: the commonest pair, and of equal ones that of the earlier tokens.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

type Pair = (u32, u32);

/// The spellings of tokens by number, and the pairs that were merged, in order.
pub(super) struct Merges {
    pub(super) tokens: Vec<String>,
    pub(super) merges: Vec<(String, String)>,
}

struct Word {
    tokens: Vec<u32>,
    count: u64,
}

#[derive(Default)]
struct Seen {
    count: u64,
    /// Words that had this pair once; some may have lost it.
    words: BTreeSet<usize>,
}

struct State {
    words: Vec<Word>,
    pairs: HashMap<Pair, Seen>,
    /// Counts as they were when they were last seen, commonest first.
    queue: BinaryHeap<(u64, Reverse<Pair>)>,
}

/// Learns merges until there are `tokens_max` tokens or no pair is seen `count_min` times.
pub(super) fn learn(
    letters: &[char],
    words: &BTreeMap<String, u64>,
    tokens_max: usize,
    count_min: u64,
) -> Merges {
    let mut tokens: Vec<String> = letters.iter().map(char::to_string).collect();
    let mut numbers: HashMap<String, u32> = (0..).zip(&tokens).map(|(at, it)| (it.clone(), at)).collect();
    let mut state = State::new(words, &numbers);
    let mut merges = Vec::new();
    while tokens.len() < tokens_max {
        let Some(pair) = state.commonest(count_min) else {
            break;
        };
        let (left, right) = (&tokens[pair.0 as usize], &tokens[pair.1 as usize]);
        let spelling = format!("{left}{right}");
        merges.push((left.clone(), right.clone()));
        let next = tokens.len() as u32;
        let merged = *numbers.entry(spelling.clone()).or_insert(next);
        if merged == next {
            tokens.push(spelling);
        }
        state.merge(pair, merged);
    }
    Merges { tokens, merges }
}

impl State {
    fn new(words: &BTreeMap<String, u64>, numbers: &HashMap<String, u32>) -> Self {
        let word = |(word, count): (&String, &u64)| Word {
            // Words are spelt in the letters.
            tokens: word
                .chars()
                .filter_map(|letter| numbers.get(letter.to_string().as_str()).copied())
                .collect(),
            count: *count,
        };
        let mut state = Self {
            words: words.iter().map(word).collect(),
            pairs: HashMap::new(),
            queue: BinaryHeap::new(),
        };
        let mut changed = BTreeSet::new();
        for at in 0..state.words.len() {
            state.add(at, &mut changed);
        }
        state.enqueue(changed);
        state
    }

    fn commonest(&mut self, count_min: u64) -> Option<Pair> {
        while let Some((count, Reverse(pair))) = self.queue.pop() {
            let now = self.pairs.get(&pair).map_or(0, |seen| seen.count);
            if now == count && now >= count_min.max(1) {
                return Some(pair);
            }
            // It became rarer since; what became commoner has another entry.
            if now > 0 && now < count {
                self.queue.push((now, Reverse(pair)));
            }
        }
        None
    }

    fn merge(&mut self, pair: Pair, merged: u32) {
        let words = self
            .pairs
            .get_mut(&pair)
            .map(|seen| std::mem::take(&mut seen.words));
        let mut changed = BTreeSet::new();
        for at in words.unwrap_or_default() {
            self.remove(at);
            self.words[at].tokens = joined(&self.words[at].tokens, pair, merged);
            self.add(at, &mut changed);
        }
        self.enqueue(changed);
    }

    fn add(&mut self, at: usize, changed: &mut BTreeSet<Pair>) {
        let word = &self.words[at];
        for pair in word.tokens.windows(2).map(|two| (two[0], two[1])) {
            let seen = self.pairs.entry(pair).or_default();
            seen.count += word.count;
            seen.words.insert(at);
            changed.insert(pair);
        }
    }

    fn remove(&mut self, at: usize) {
        let word = &self.words[at];
        for pair in word.tokens.windows(2).map(|two| (two[0], two[1])) {
            if let Some(seen) = self.pairs.get_mut(&pair) {
                seen.count -= word.count;
            }
        }
    }

    fn enqueue(&mut self, changed: BTreeSet<Pair>) {
        for pair in changed {
            if let Some(seen) = self.pairs.get(&pair).filter(|seen| seen.count > 0) {
                self.queue.push((seen.count, Reverse(pair)));
            }
        }
    }
}

/// The tokens with each occurrence of the pair as one, from the left.
fn joined(tokens: &[u32], pair: Pair, merged: u32) -> Vec<u32> {
    let mut joined = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if tokens.get(at + 1).is_some_and(|next| (tokens[at], *next) == pair) {
            joined.push(merged);
            at += 2;
        } else {
            joined.push(tokens[at]);
            at += 1;
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(words: &[(&str, u64)]) -> BTreeMap<String, u64> {
        words
            .iter()
            .map(|(word, count)| ((*word).to_owned(), *count))
            .collect()
    }

    #[test]
    fn the_commonest_pair_is_merged_first() {
        let words = counted(&[("abab", 3), ("bc", 5), ("abc", 1)]);
        let learnt = learn(&['a', 'b', 'c'], &words, 7, 1);
        let merges: Vec<String> = learnt.merges.iter().map(|(a, b)| format!("{a} {b}")).collect();
        // `a b` stands seven times, `b c` six; then `b c` is left five times, in the word of its own.
        assert_eq!(merges, ["a b", "b c", "ab ab", "ab c"]);
        assert_eq!(learnt.tokens, ["a", "b", "c", "ab", "bc", "abab", "abc"]);
        assert_eq!(learn(&['a', 'b', 'c'], &words, 9, 4).merges.len(), 2);
    }

    #[test]
    fn what_is_spelt_in_two_ways_is_one_token() {
        let learnt = learn(
            &['a', 'b', 'c'],
            &counted(&[("abc", 9), ("bbc", 20), ("ab", 30)]),
            9,
            1,
        );
        let unique: BTreeSet<&String> = learnt.tokens.iter().collect();
        assert_eq!(unique.len(), learnt.tokens.len(), "{:?}", learnt.tokens);
    }

    proptest! {
        /// The counts that are kept from step to step are those of a count anew.
        #[test]
        fn merges_are_those_of_counting_anew(
            words in prop::collection::btree_map("[abc]{1,8}", 1_u64..5, 1..12)
        ) {
            let learnt = learn(&['a', 'b', 'c'], &words, 24, 1);
            let mut tokens: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
            let mut cut: Vec<(Vec<String>, u64)> = words
                .iter()
                .map(|(word, count)| (word.chars().map(String::from).collect(), *count))
                .collect();
            for (left, right) in &learnt.merges {
                let mut counts: HashMap<(String, String), u64> = HashMap::new();
                for (word, count) in &cut {
                    for two in word.windows(2) {
                        *counts.entry((two[0].clone(), two[1].clone())).or_default() += count;
                    }
                }
                let most = counts.values().max().copied().unwrap_or_default();
                prop_assert_eq!(counts.get(&(left.clone(), right.clone())).copied(), Some(most));
                let merged = format!("{left}{right}");
                for (word, _) in &mut cut {
                    let mut at = 0;
                    while at + 1 < word.len() {
                        if word[at] == *left && word[at + 1] == *right {
                            word.splice(at..at + 2, [merged.clone()]);
                        }
                        at += 1;
                    }
                }
                if !tokens.contains(&merged) {
                    tokens.push(merged);
                }
            }
            prop_assert_eq!(tokens, learnt.tokens);
        }
    }
}
