//! Products of numbers rounded to bfloat16 and summed as `f32`: some processors make twice as many of them at once.

#[cfg(target_arch = "x86_64")]
mod packed;
#[cfg(target_arch = "x86_64")]
mod wide;

use super::product::{Write, multiply_exactly};
use super::view::{View, ViewMut};

/// The product, by this thread.
pub(super) fn multiply(target: ViewMut<'_>, left: View<'_>, right: View<'_>, into: Write) {
    #[cfg(target_arch = "x86_64")]
    if let Some(wide) = wide::Wide::new() {
        return wide.multiply(target, left, right, into);
    }
    multiply_rounded(target, left, right, into);
}

/// The same where the processor has no such operation: slower, and sums are made in another order.
fn multiply_rounded(target: ViewMut<'_>, left: View<'_>, right: View<'_>, into: Write) {
    let (left_rounded, right_rounded) = (rounded(left), rounded(right));
    multiply_exactly(
        target,
        View::new(&left_rounded, left.rows(), left.columns()),
        View::new(&right_rounded, right.rows(), right.columns()),
        into,
    );
}

fn rounded(view: View<'_>) -> Vec<f32> {
    let mut made = Vec::with_capacity(view.rows() * view.columns());
    for row in 0..view.rows() {
        made.extend((0..view.columns()).map(|column| f32::from_bits(nearest(view.at(row, column)) << 16)));
    }
    made
}

/// The bits of the nearest bfloat16; of two that are as near, the even one.
#[inline(always)]
fn nearest(value: f32) -> u32 {
    let bits = value.to_bits();
    bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16
}

#[cfg(test)]
mod tests {
    use super::{multiply, multiply_rounded, nearest};
    use crate::model::{View, ViewMut, Write};
    use proptest::prelude::*;

    #[test]
    fn the_nearest_is_chosen_and_the_even_of_two() {
        let cases = [
            (1.0, 0x3f80),
            (-2.0, 0xc000),
            (f32::from_bits(0x3f80_8000), 0x3f80),
            (f32::from_bits(0x3f80_8001), 0x3f81),
            (f32::from_bits(0x3f81_8000), 0x3f82),
            (f32::INFINITY, 0x7f80),
        ];
        for (value, right) in cases {
            assert_eq!(nearest(value), right, "{value}");
        }
        assert!(f32::from_bits(nearest(f32::NAN) << 16).is_nan());
    }

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        let number = |at: usize| ((at * 31 + seed * 17) % 997) as f32 / 498.0 - 1.0;
        (0..count).map(number).collect()
    }

    proptest! {
        /// On a processor without the operation both are the same function.
        #[test]
        fn both_ways_make_the_same_product(
            (rows, inner, columns) in (1_usize..300, 1_usize..1100, 1_usize..600),
            (left_turned, right_turned, add) in (any::<bool>(), any::<bool>(), any::<bool>()),
        ) {
            let (one, two) = (numbers(rows * inner, 1), numbers(inner * columns, 2));
            let view = |data, rows, columns, turned| if turned {
                View::new(data, columns, rows).transposed()
            } else {
                View::new(data, rows, columns)
            };
            let left = view(&one, rows, inner, left_turned);
            let right = view(&two, inner, columns, right_turned);
            let into = if add { Write::Add } else { Write::Replace };
            let gap = columns + 3;
            let (mut made, mut other) = (vec![0.5; rows * gap], vec![0.5; rows * gap]);
            multiply(ViewMut::strided(&mut made, rows, columns, gap), left, right, into);
            multiply_rounded(ViewMut::strided(&mut other, rows, columns, gap), left, right, into);
            for (at, (made, other)) in made.iter().zip(&other).enumerate() {
                prop_assert!((made - other).abs() < 1e-3, "at {at}: {made}, {other}");
            }
        }
    }
}
