//! How sure a share is.

/// The quantile of the normal distribution that leaves 2.5 % on either side.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's interval, in which the true share lies in 95 of 100 cases; all of 0 to 1 where nothing was seen.
pub fn wilson(right: usize, of: usize) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let count = of as f64;
    let share = right as f64 / count;
    let square = Z * Z;
    let centre = share + square / (2.0 * count);
    let spread = Z * (share * (1.0 - share) / count + square / (4.0 * count * count)).sqrt();
    let whole = 1.0 + square / count;
    (
        ((centre - spread) / whole).max(0.0),
        ((centre + spread) / whole).min(1.0),
    )
}

#[cfg(test)]
mod tests {
    use super::wilson;
    use proptest::prelude::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        for (right, of, low, high) in [
            (0, 0, 0.0, 1.0),
            (0, 10, 0.0, 0.2775),
            (10, 10, 0.7225, 1.0),
            (81, 263, 0.2553, 0.3662),
            (950, 1000, 0.9347, 0.9619),
        ] {
            let found = wilson(right, of);
            assert!(
                (found.0 - low).abs() < 1e-4 && (found.1 - high).abs() < 1e-4,
                "{right} of {of}: {found:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn the_share_is_within(of in 1_usize..5000, part in 0.0_f64..=1.0) {
            let right = (of as f64 * part) as usize;
            let (low, high) = wilson(right, of);
            let share = right as f64 / of as f64;
            prop_assert!(low <= share + 1e-12 && share <= high + 1e-12 && low >= 0.0 && high <= 1.0);
        }
    }
}
