//! What a prompt's text looks like: hashed words and pairs of words, and some plain counts.

/// Places of the hashed words. A power of two.
pub(crate) const PLACES: usize = 1 << 16;
/// Plain counts.
pub(crate) const COUNTS: usize = 14;
/// Bytes of a prompt that are read.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// A text as it is seen, before anything is learned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    /// Places in rising order, and how often each was hit.
    pub(crate) places: Vec<(usize, u32)>,
    pub(crate) counts: [f64; COUNTS],
}

/// Looks at a text.
pub(crate) fn seen(text: &str) -> Seen {
    let text = head(text);
    let words: Vec<String> = text
        .split(|it: char| !it.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let single = words
        .iter()
        .filter(|word| word.len() > 1)
        .map(|word| place(word, ""));
    let pairs = words.windows(2).map(|pair| place(&pair[0], &pair[1]));
    let mut hits: Vec<usize> = single.chain(pairs).collect();
    hits.sort_unstable();
    let mut places: Vec<(usize, u32)> = Vec::new();
    for hit in hits {
        match places.last_mut() {
            Some((place, count)) if *place == hit => *count += 1,
            _ => places.push((hit, 1)),
        }
    }
    Seen {
        places,
        counts: counts(text, &words),
    }
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// FNV-1a of one or two words, folded to a place.
fn place(word: &str, next: &str) -> usize {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in word.bytes().chain([0]).chain(next.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let folded = hash ^ (hash >> 32);
    usize::try_from(folded & 0xffff).unwrap_or_default() % PLACES
}

fn counts(text: &str, words: &[String]) -> [f64; COUNTS] {
    let of = |wanted: &[char]| count(text.chars().filter(|it| wanted.contains(it)).count());
    let any = |wanted: &[&str]| count(words.iter().filter(|it| wanted.contains(&it.as_str())).count());
    let numbers: Vec<f64> = words.iter().filter_map(|it| it.parse().ok()).collect();
    let numbers: Vec<f64> = numbers.into_iter().filter(|it: &f64| it.is_finite()).collect();
    let largest = numbers.iter().copied().fold(0.0, f64::max);
    let letters: usize = words.iter().map(String::len).sum();
    let different: std::collections::BTreeSet<&String> = words.iter().collect();
    let all = count(words.len()).max(1.0);
    [
        count(text.len()).ln_1p(),
        count(words.len()).ln_1p(),
        count(numbers.len()),
        largest.ln_1p(),
        of(&['.', '?', '!']),
        of(&['%']),
        of(&['$', '€']),
        of(&[',']),
        of(&['\n']),
        of(&['/']),
        count(different.len()) / all,
        count(letters) / all,
        any(&[
            "half", "twice", "third", "quarter", "double", "triple", "times", "percent",
        ]),
        any(&["each", "every", "per", "if", "than", "after", "before", "left"]),
    ]
}

fn count(number: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "bounded by the bytes that are read")]
    let count = number as f64;
    count
}
