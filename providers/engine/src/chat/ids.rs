//! Ids of calls: short enough for the strictest templates, which want nine letters or digits.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, RandomState};

const LENGTH: usize = 9;
const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// An id that no other call of the conversation has: one of 36^9, by chance.
pub(super) fn new() -> String {
    letters(RandomState::new().hash_one(0))
}

/// The id itself where it fits, else always the same one for it.
pub(super) fn short(id: &str) -> String {
    if id.len() == LENGTH && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return id.to_owned();
    }
    letters(BuildHasherDefault::<DefaultHasher>::new().hash_one(id))
}

fn letters(mut number: u64) -> String {
    let mut letter = || {
        let letter = LETTERS[(number % 36) as usize];
        number /= 36;
        char::from(letter)
    };
    (0..LENGTH).map(|_| letter()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_nine_letters_or_digits_and_stay() {
        assert_eq!(short("a00000001"), "a00000001");
        for id in ["", "call_1", "a0000000-", "an id that is longer"] {
            let made = short(id);
            assert_eq!((made.len(), &made), (LENGTH, &short(id)), "{id}");
            assert!(made.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{made}");
        }
        assert_ne!(short("call_1"), short("call_2"));
        assert_ne!(new(), new());
    }
}
