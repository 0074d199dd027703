//! Blocks of whole numbers with a scale: a number is its whole number times the scale.

use half::f16;

/// Numbers of a block.
pub(crate) const BLOCK: usize = 32;

/// The scale, then each number as a multiple of it.
pub(crate) fn q8_0(numbers: &[f32]) -> Vec<u8> {
    let most = numbers
        .iter()
        .fold(0.0_f32, |most, number| most.max(number.abs()));
    let scale = f16::from_f32(most / 127.0);
    // A block of zeros has no scale to divide by.
    let per_one = if most > 0.0 { 127.0 / most } else { 0.0 };
    let whole = |number: &f32| (number * per_one).round() as i8;
    let mut block = scale.to_le_bytes().to_vec();
    block.extend(numbers.iter().flat_map(|number| whole(number).to_le_bytes()));
    block
}

/// The scale, then the numbers from -8 to 7 with 8 added: the first half of the block in the low halves of its bytes, the
/// second in the high ones. The number that is furthest from 0 is the -8, which has no counterpart.
pub(crate) fn q4_0(numbers: &[f32]) -> Vec<u8> {
    let furthest = numbers.iter().fold(0.0_f32, |furthest, number| {
        if number.abs() > furthest.abs() {
            *number
        } else {
            furthest
        }
    });
    let scale = furthest / -8.0;
    let per_one = if scale == 0.0 { 0.0 } else { 1.0 / scale };
    let whole = |number: f32| ((number * per_one).round() + 8.0).clamp(0.0, 15.0) as u8;
    let (low, high) = numbers.split_at(numbers.len() / 2);
    let mut block = f16::from_f32(scale).to_le_bytes().to_vec();
    block.extend(
        low.iter()
            .zip(high)
            .map(|(low, high)| whole(*low) | whole(*high) << 4),
    );
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scale(block: &[u8]) -> f32 {
        f16::from_le_bytes([block[0], block[1]]).to_f32()
    }

    fn read_q4_0(block: &[u8]) -> Vec<f32> {
        let scale = scale(block);
        let of = |half: u8| (f32::from(half) - 8.0) * scale;
        let low = block[2..].iter().map(|byte| of(byte & 15));
        low.chain(block[2..].iter().map(|byte| of(byte >> 4))).collect()
    }

    fn read_q8_0(block: &[u8]) -> Vec<f32> {
        let scale = scale(block);
        block[2..]
            .iter()
            .map(|byte| f32::from(byte.cast_signed()) * scale)
            .collect()
    }

    #[test]
    fn blocks_are_as_long_as_the_format_says() {
        let zeros = [0.0; BLOCK];
        assert_eq!((q4_0(&zeros).len(), q8_0(&zeros).len()), (18, 34));
        assert_eq!(
            (read_q4_0(&q4_0(&zeros)), read_q8_0(&q8_0(&zeros))),
            (zeros.to_vec(), zeros.to_vec())
        );
    }

    proptest! {
        #[test]
        fn numbers_come_back_within_a_step(numbers in prop::collection::vec(-3.0_f32..3.0, BLOCK)) {
            let most = numbers.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
            // The scale itself is rounded to 16 bits; the number opposite to the furthest is cut by half a step more.
            for (read, steps, room) in [(read_q4_0(&q4_0(&numbers)), 8.0, 1.01), (read_q8_0(&q8_0(&numbers)), 127.0, 0.6)] {
                for (read, number) in read.iter().zip(&numbers) {
                    prop_assert!((read - number).abs() <= most / steps * room + 1e-6, "{read} for {number}");
                }
            }
        }
    }
}
