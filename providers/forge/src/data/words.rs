//! Made-up words: a model can only copy what it has never met.

use serde::Deserialize;

use super::Split;
use super::fill::capital;
use super::random::Draw;

/// What words are made of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Syllables {
    /// How a syllable begins.
    pub(crate) onsets: Vec<String>,
    /// Its vowels.
    pub(crate) vowels: Vec<String>,
    /// How it ends.
    pub(crate) codas: Vec<String>,
    /// What may follow the name of a place.
    pub(crate) places: Vec<String>,
    /// What may follow the name of a company.
    pub(crate) companies: Vec<String>,
    /// What may follow the name of a product.
    pub(crate) products: Vec<String>,
}

/// Makes words of one split.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) split: Split,
    pub(crate) syllables: Syllables,
}

/// The split that a made-up word belongs to, by its letters alone: no word is in two.
pub(crate) fn split_of(word: &str) -> Split {
    let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    });
    match (hash >> 32) % 10 {
        0 => Split::Dev,
        1 | 2 => Split::Test,
        _ => Split::Train,
    }
}

impl Words {
    /// A word in small letters.
    pub(crate) fn stem(&self, draw: &mut Draw) -> String {
        loop {
            let word = self.any(draw);
            if word.len() >= 4 && split_of(&word) == self.split {
                return word;
            }
        }
    }

    fn any(&self, draw: &mut Draw) -> String {
        let it = &self.syllables;
        let mut word = String::new();
        for _ in 0..[1, 2, 2, 2, 2, 2, 3][draw.below(7)] {
            word.push_str(draw.text(&it.onsets));
            word.push_str(draw.text(&it.vowels));
            if draw.chance(45) {
                word.push_str(draw.text(&it.codas));
            }
        }
        word
    }

    /// A name, with a capital.
    pub(crate) fn name(&self, draw: &mut Draw) -> String {
        capital(&self.stem(draw))
    }

    /// A town or the like.
    pub(crate) fn place(&self, draw: &mut Draw) -> String {
        self.name(draw) + draw.text(&self.syllables.places)
    }

    /// A company.
    pub(crate) fn company(&self, draw: &mut Draw) -> String {
        self.name(draw) + draw.text(&self.syllables.companies)
    }

    /// A product.
    pub(crate) fn product(&self, draw: &mut Draw) -> String {
        self.name(draw) + draw.text(&self.syllables.products)
    }

    /// A number of an order, a case, a part.
    pub(crate) fn code(&self, draw: &mut Draw) -> String {
        let letters = |draw: &mut Draw, count: usize| -> String {
            (0..count)
                .map(|_| char::from(b'A' + u8::try_from(draw.below(26)).unwrap_or_default()))
                .collect()
        };
        let digits = |draw: &mut Draw, count: usize| -> String {
            (0..count)
                .map(|_| char::from(b'0' + u8::try_from(draw.below(10)).unwrap_or_default()))
                .collect()
        };
        match draw.below(4) {
            0 => letters(draw, 2) + "-" + &digits(draw, 4),
            1 => letters(draw, 1) + &digits(draw, 5),
            2 => letters(draw, 3) + &digits(draw, 2) + "/" + &letters(draw, 1),
            _ => digits(draw, 3) + "-" + &letters(draw, 2) + "-" + &digits(draw, 2),
        }
    }
}
