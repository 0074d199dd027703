//! How much of a session is recalled: the newest whole turns within two bounds.

use crate::turn::Turn;

/// Bytes of what was said that a recall gives, unless it is a single turn.
pub const BYTES_MAX: usize = 64 * 1024;
/// Messages of a recall, unless the caller says otherwise.
pub const LIMIT_DEFAULT: u32 = 40;
/// Messages of a recall at most.
pub const LIMIT_MAX: u32 = 200;

/// The newest turns, oldest first, within both bounds; the newest turn is always among them.
#[must_use]
pub fn newest(mut turns: Vec<Turn>, messages_max: usize, bytes_max: usize) -> Vec<Turn> {
    let (mut messages, mut bytes) = (0, 0);
    let fits = |turn: &&Turn| {
        messages += turn.messages.len();
        bytes += turn.content_bytes();
        messages <= messages_max && bytes <= bytes_max
    };
    let kept = turns.iter().rev().take_while(fits).count().max(1);
    turns.split_off(turns.len().saturating_sub(kept))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::turn::{Message, Role};

    fn turn(contents: &[usize]) -> Turn {
        let message = |bytes: &usize| Message {
            role: Role::User,
            content: "x".repeat(*bytes),
        };
        Turn {
            run: "r".into(),
            messages: contents.iter().map(message).collect(),
        }
    }

    #[test]
    fn whole_turns_within_both_bounds_are_kept() {
        let turns = [turn(&[1, 1]), turn(&[5]), turn(&[2, 2])];
        for (messages_max, bytes_max, expected) in [
            (5, 11, 3),
            (4, 11, 2),
            (5, 10, 2),
            (3, 9, 2),
            (2, 9, 1),
            (3, 8, 1),
            (1, 1, 1),
        ] {
            let kept = newest(turns.to_vec(), messages_max, bytes_max);
            assert_eq!(kept, turns[3 - expected..], "{messages_max} {bytes_max}");
        }
        assert_eq!(newest(vec![], 1, 1), []);
    }

    proptest! {
        #[test]
        fn a_recall_is_the_longest_end_that_fits(
            sizes in prop::collection::vec(prop::collection::vec(0..20_usize, 1..4), 1..12),
            messages_max in 1..20_usize,
            bytes_max in 0..100_usize,
        ) {
            let turns: Vec<Turn> = sizes.iter().map(|sizes| turn(sizes)).collect();
            let kept = newest(turns.clone(), messages_max, bytes_max);
            prop_assert!(turns.ends_with(&kept) && !kept.is_empty());
            let fits = |turns: &[Turn]| {
                turns.iter().map(|turn| turn.messages.len()).sum::<usize>() <= messages_max
                    && turns.iter().map(Turn::content_bytes).sum::<usize>() <= bytes_max
            };
            prop_assert!(kept.len() == 1 || fits(&kept));
            prop_assert!(kept.len() == turns.len() || !fits(&turns[turns.len() - kept.len() - 1..]));
        }
    }
}
