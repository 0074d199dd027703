//! Whether a passage supports a claim: by words. Deterministic, cheap, and no more than that: it finds marks that point at
//! something else, not claims that twist what they cite.

use std::collections::HashSet;

/// Share of a claim's words that its passage must have.
const SHARE_MIN: f64 = 0.4;
/// Letters by which words are the same: `isolate`, `isolates` and `isolated` are.
const STEM_CHARS: usize = 5;

/// Words that say nothing of what a sentence is about.
const STOP_WORDS: [&str; 42] = [
    "and", "are", "but", "can", "did", "does", "each", "for", "from", "had", "has", "have", "how", "into",
    "its", "may", "not", "only", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "was", "were", "what", "when", "where", "which", "who", "will", "with", "you", "your", "also",
    "more", "than",
];

/// Whether enough of the claim's words stand in the passage, its numbers all of them. A claim without words is supported by
/// nothing.
#[must_use]
pub fn supports(passage: &str, claim: &str) -> bool {
    let claimed = stems(claim);
    if claimed.is_empty() {
        return false;
    }
    let there = stems(passage);
    let shared = claimed.intersection(&there).count();
    let is_number = |stem: &&String| stem.bytes().all(|b| b.is_ascii_digit());
    // Counts of words in one sentence: exact in an f64.
    shared as f64 >= SHARE_MIN * claimed.len() as f64 && claimed.difference(&there).find(is_number).is_none()
}

fn stems(text: &str) -> HashSet<String> {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| is_telling(word))
        .map(|word| word.chars().take(STEM_CHARS).collect())
        .collect()
}

/// Short words tell nothing, but numbers do, and so do the one-letter words of scripts that have such.
fn is_telling(word: &str) -> bool {
    let short = word.chars().count() < 3 && word.is_ascii() && !word.bytes().any(|b| b.is_ascii_digit());
    !word.is_empty() && !short && !STOP_WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSAGE: &str =
        "Gyre isolates an agent in a WebAssembly sandbox of its own. At most 256 live at once.";

    #[test]
    fn a_claim_needs_its_words_in_the_passage() {
        for (claim, expected) in [
            (
                "Gyre isolates an agent in a WebAssembly sandbox of its own.",
                true,
            ),
            ("Each agent is isolated in its own sandbox", true),
            ("No more than 256 agents live at the same time", true),
            ("The gateway checks the size of bodies", false),
            ("At most 512 sandboxes", false),
            ("", false),
            ("and the", false),
            ("…", false),
        ] {
            assert_eq!(supports(PASSAGE, claim), expected, "{claim}");
        }
    }

    #[test]
    fn other_scripts_have_words_too() {
        assert!(supports(
            "Ein Blatt exportiert genau einen Anschluss.",
            "Ein Blatt exportiert einen Anschluss"
        ));
        assert!(!supports("沙箱", "Gyre"));
    }
}
