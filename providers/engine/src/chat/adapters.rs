//! Which adapter the next step computes with: llama.cpp applies one to a whole batch. Pure.

use super::plan::Want;

/// The adapter whose turn it is after `last`: of those that a sequence wants to go on with, each in turn. `None` is
/// no adapter, and as good as any.
pub(crate) fn turn(wants: &[Want], adapters: &[Option<usize>], last: Option<usize>) -> Option<usize> {
    // None is less than all others.
    let wanted = || {
        let pairs = wants.iter().zip(adapters);
        pairs
            .filter(|(want, _)| **want != Want::Nothing)
            .map(|(_, adapter)| *adapter)
    };
    let later = wanted().filter(|adapter| *adapter > last).min();
    later.or_else(|| wanted().min()).unwrap_or(last)
}

/// What is wanted with this adapter; the others wait.
pub(crate) fn only(wants: &mut [Want], adapters: &[Option<usize>], turn: Option<usize>) {
    for (want, adapter) in wants.iter_mut().zip(adapters) {
        if *adapter != turn {
            *want = Want::Nothing;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Want::{Nothing, Prompt, Token};
    use super::*;

    #[test]
    fn those_that_want_something_take_turns() {
        let adapters = [None, Some(2), Some(0), Some(2)];
        let turns = |wants: [Want; 4], count: usize| -> Vec<Option<usize>> {
            let mut last = None;
            let mut next = || {
                last = turn(&wants, &adapters, last);
                last
            };
            (0..count).map(|_| next()).collect()
        };
        assert_eq!(
            turns([Token, Prompt(3), Token, Nothing], 4),
            [Some(0), Some(2), None, Some(0)]
        );
        assert_eq!(
            turns([Nothing, Nothing, Token, Token], 3),
            [Some(0), Some(2), Some(0)]
        );
        assert_eq!(turns([Token, Nothing, Nothing, Nothing], 2), [None, None]);
        assert_eq!(turns([Nothing; 4], 1), [None]);
    }

    #[test]
    fn the_others_wait() {
        let mut wants = [Token, Prompt(3), Token, Prompt(1)];
        only(&mut wants, &[None, Some(2), Some(0), Some(2)], Some(2));
        assert_eq!(wants, [Nothing, Prompt(3), Nothing, Prompt(1)]);
    }
}
