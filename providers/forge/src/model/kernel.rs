//! Loops compiled for the widest vectors the processor has.

use pulp::{Arch, Simd, WithSimd};

/// Numbers that are summed side by side: as many as the widest register holds.
const LANES: usize = 16;

/// A loop over slices. Mark `compute` and all it calls `#[inline(always)]`, or it stays compiled for the oldest
/// processor.
pub(crate) trait Kernel {
    /// What it makes.
    type Output;

    /// The loop.
    fn compute(self) -> Self::Output;
}

struct Wide<K>(K);

impl<K: Kernel> WithSimd for Wide<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> K::Output {
        self.0.compute()
    }
}

/// Runs a loop with the processor's own vectors.
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Output {
    Arch::new().dispatch(Wide(kernel))
}

/// Folds slices of one length into a sum, in an order that vectors can follow and that is always the same: `add` makes
/// the next sum of one and of a number from each slice.
#[inline(always)]
pub(crate) fn sum<const N: usize>(slices: [&[f32]; N], add: impl Fn(f32, [f32; N]) -> f32) -> f32 {
    assert!(slices.iter().all(|slice| slice.len() == slices[0].len()));
    let blocks = slices.map(|slice| slice.as_chunks::<LANES>().0);
    let rests = slices.map(|slice| slice.as_chunks::<LANES>().1);
    let mut lanes = [0.0_f32; LANES];
    for at in 0..blocks[0].len() {
        let here = blocks.map(|blocks| &blocks[at]);
        for (lane, total) in lanes.iter_mut().enumerate() {
            *total = add(*total, here.map(|block| block[lane]));
        }
    }
    for lane in 0..rests[0].len() {
        lanes[lane] = add(lanes[lane], rests.map(|rest| rest[lane]));
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// The sum of products.
#[inline(always)]
pub(crate) fn dot(one: &[f32], two: &[f32]) -> f32 {
    sum([one, two], |total, [one, two]| one.mul_add(two, total))
}

/// The largest of the numbers; the lowest there is when there are none.
#[inline(always)]
pub(crate) fn largest(of: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (blocks, rest) = of.as_chunks::<LANES>();
    for block in blocks {
        for (most, value) in lanes.iter_mut().zip(block) {
            *most = if *value > *most { *value } else { *most };
        }
    }
    lanes.iter().chain(rest).fold(
        f32::NEG_INFINITY,
        |most, value| if *value > most { *value } else { most },
    )
}

/// e to the power of x, to a few units in the last place, without a call: loops over it become vectors.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Adding this leaves a rounded integer in the lowest bits of the sum.
    const ROUNDER: f32 = 12_582_912.0;
    // The logarithm of 2 in two parts: the first has so few bits that its multiples are exact.
    const LN_2_HIGH: f32 = 355.0 / 512.0;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // Below, the result would not be a normal number; above, it would be infinite.
    let x = x.clamp(-87.0, 88.0);
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUNDER);
    let power = shifted - ROUNDER;
    let rest = power.mul_add(-LN_2_LOW, power.mul_add(-LN_2_HIGH, x));
    // The series of e^rest: |rest| is at most ln 2 / 2, so the eighth term is below the last bit.
    let mut series = 1.0 / 5040.0;
    for term in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        series = rest.mul_add(series, term);
    }
    f32::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::{dot, exp, largest, sum};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exp_is_exact_to_a_few_bits(x in -87.0_f32..88.0) {
            let right = f64::from(x).exp();
            let off = (f64::from(exp(x)) - right).abs() / right;
            prop_assert!(off < 3e-7, "exp({x}) is off by {off}");
        }

        #[test]
        fn sums_and_maxima_are_those_of_plain_loops(values in prop::collection::vec(-9.0_f32..9.0, 0..70)) {
            let right: f64 = values.iter().map(|&value| f64::from(value)).sum();
            prop_assert!((f64::from(sum([&values], |total, [value]| total + value)) - right).abs() < 1e-4);
            let squares: f64 = values.iter().map(|&value| f64::from(value).powi(2)).sum();
            prop_assert!((f64::from(dot(&values, &values)) - squares).abs() < 1e-2);
            let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            prop_assert_eq!(largest(&values), most);
        }
    }

    #[test]
    fn exp_of_what_is_out_of_range_stays_finite_and_no_number_stays_none() {
        assert!(exp(1e30).is_finite());
        assert!(exp(f32::NEG_INFINITY) < 1e-37);
        assert!(exp(f32::NAN).is_nan());
    }
}
