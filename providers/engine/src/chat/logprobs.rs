//! How likely the model found a token, and which it found likelier. Pure.

/// What JSON can carry for "never", as OpenAI writes it.
const LOGPROB_MIN: f32 = -9999.0;

/// The logarithm of the probability of `chosen` and of the `count` likeliest tokens, likeliest first, in the
/// distribution that these logits are.
pub(crate) fn of(logits: &[f32], chosen: usize, count: usize) -> (f32, Vec<(usize, f32)>) {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|logit| f64::from(logit - highest).exp()).sum();
    let log_sum = f64::from(highest) + sum.ln();
    let logprob = |logit: f32| ((f64::from(logit) - log_sum) as f32).max(LOGPROB_MIN);
    let mut top: Vec<(usize, f32)> = Vec::with_capacity(count + 1);
    for (token, logit) in logits.iter().copied().enumerate() {
        if top.len() == count && top.last().is_none_or(|(_, last)| logit <= *last) {
            continue;
        }
        // Of equal ones the lower number stays first.
        let at = top.partition_point(|(_, other)| *other >= logit);
        top.insert(at, (token, logit));
        top.truncate(count);
    }
    let top = top
        .into_iter()
        .map(|(token, logit)| (token, logprob(logit)))
        .collect();
    (
        logits.get(chosen).map_or(LOGPROB_MIN, |logit| logprob(*logit)),
        top,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_likeliest_come_first_and_equal_ones_by_number() {
        let (chosen, top) = of(&[1.0, 3.0, 1.0, 2.0], 0, 3);
        assert_eq!(top.iter().map(|(token, _)| *token).collect::<Vec<_>>(), [1, 3, 0]);
        assert_eq!(top[2].1, chosen);
        assert_eq!(of(&[0.0, 0.0], 1, 0), (0.5_f32.ln(), vec![]));
        let (never, top) = of(&[0.0, f32::NEG_INFINITY], 1, 5);
        assert_eq!((never, top.len()), (LOGPROB_MIN, 2));
    }

    proptest! {
        #[test]
        fn all_probabilities_come_to_one(logits in prop::collection::vec(-40.0_f32..40.0, 1..50)) {
            let (_, top) = of(&logits, 0, logits.len());
            let sum: f64 = top.iter().map(|(_, logprob)| f64::from(*logprob).exp()).sum();
            prop_assert!((sum - 1.0).abs() < 1e-4, "{sum}");
            prop_assert!(top.is_sorted_by(|one, other| one.1 >= other.1));
        }
    }
}
