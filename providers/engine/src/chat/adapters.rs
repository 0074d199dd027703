//! Which adapter the next step computes with: llama.cpp applies one to a whole batch. Pure.

/// The adapter whose turn it is after `last`: of those that sequences want to go on with, each in turn. `None` is no
/// adapter, and as good as any.
pub(crate) fn turn(wanted: &[Option<usize>], last: Option<usize>) -> Option<usize> {
    // None is less than all others.
    let later = wanted.iter().filter(|adapter| **adapter > last).min();
    later.or_else(|| wanted.iter().min()).copied().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_want_something_take_turns() {
        let check = |wanted: &[Option<usize>], expected: &[Option<usize>]| {
            let mut last = None;
            for adapter in expected {
                last = turn(wanted, last);
                assert_eq!(last, *adapter, "{wanted:?}");
            }
        };
        check(
            &[None, Some(2), Some(0), Some(2)],
            &[Some(0), Some(2), None, Some(0)],
        );
        check(&[Some(0), Some(2)], &[Some(0), Some(2), Some(0)]);
        check(&[None], &[None, None]);
        check(&[], &[None]);
    }
}
