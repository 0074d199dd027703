//! Reciprocal rank fusion: what two rankings agree on comes first.

use std::collections::BTreeMap;

/// Damps the weight of the first ranks; 60 is the value of the paper that introduced the method.
const K: f64 = 60.0;

/// Fuses rankings of ids, each best first. Best first, with scores; equal scores in order of first appearance.
#[must_use]
pub fn fuse<'a>(rankings: &[Vec<&'a str>], limit: usize) -> Vec<(&'a str, f64)> {
    let mut scores: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    for ranking in rankings {
        for (place, id) in (1_u32..).zip(ranking) {
            let next = scores.len();
            let entry = scores.entry(id).or_insert((0.0, next));
            entry.0 += 1.0 / (K + f64::from(place));
        }
    }
    let mut fused: Vec<(&str, f64, usize)> = scores
        .into_iter()
        .map(|(id, (s, first))| (id, s, first))
        .collect();
    fused.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.2.cmp(&b.2)));
    fused.truncate(limit);
    fused.into_iter().map(|(id, score, _)| (id, score)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rankings_fuse() {
        let ids = |rankings: &[Vec<&'static str>]| -> Vec<&'static str> {
            fuse(rankings, 10).into_iter().map(|(id, _)| id).collect()
        };
        for (rankings, expected) in [
            (vec![vec![], vec![]], vec![]),
            (vec![vec!["a", "b"], vec![]], vec!["a", "b"]),
            (vec![vec!["a", "b"], vec!["b", "c"]], vec!["b", "a", "c"]),
            (vec![vec!["a", "b"], vec!["b", "a"]], vec!["a", "b"]),
        ] {
            assert_eq!(ids(&rankings), expected, "{rankings:?}");
        }
    }

    #[test]
    fn scores_are_sums_of_reciprocal_ranks() {
        let fused = fuse(&[vec!["a", "b"], vec!["b"]], 1);
        assert_eq!(fused.len(), 1);
        assert!((fused[0].1 - (1.0 / 62.0 + 1.0 / 61.0)).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn being_in_both_beats_the_same_place_in_one(place in 0_usize..50) {
            let names: Vec<String> = (0..50).map(|i| format!("d{i}")).collect();
            let others: Vec<String> = (0..50).map(|i| format!("l{i}")).collect();
            let dense: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut lexical: Vec<&str> = others.iter().map(String::as_str).collect();
            lexical[place] = dense[place];
            let fused = fuse(&[dense.clone(), lexical], 100);
            prop_assert_eq!(fused[0].0, dense[place]);
        }
    }
}
