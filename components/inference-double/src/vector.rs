//! Vectors of words: texts that share words are near each other, always in the same way. Pure.

/// Numbers in a vector.
pub(crate) const DIMENSION: usize = 64;

/// The unit vector of a text.
pub(crate) fn of(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0f32; DIMENSION];
    for word in text
        .split(|it: char| !it.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let hash = fnv1a(&word.to_lowercase());
        let sign = if hash & 1 == 0 { 1.0 } else { -1.0 };
        vector[(hash >> 1) as usize % DIMENSION] += sign;
    }
    let length = vector.iter().map(|it| it * it).sum::<f32>().sqrt();
    if length == 0.0 {
        // No words, or words that cancel out: some direction is needed, and it must be the same each time.
        vector[0] = 1.0;
        return vector;
    }
    vector.iter().map(|it| it / length).collect()
}

fn fnv1a(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(a: &str, b: &str) -> f32 {
        of(a).iter().zip(of(b)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn texts_that_share_words_are_near() {
        assert!((cosine("the router chooses", "The ROUTER chooses!") - 1.0).abs() < 1e-6);
        assert!(
            cosine("the router chooses", "the router waits")
                > cosine("the router chooses", "green apples fall")
        );
    }

    #[test]
    fn every_vector_has_unit_length() {
        for text in ["", "...", "a", "many words in one text"] {
            let length: f32 = of(text).iter().map(|it| it * it).sum();
            assert!((length - 1.0).abs() < 1e-5, "{text:?}: {length}");
        }
    }
}
