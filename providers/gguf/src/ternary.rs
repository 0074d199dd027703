//! Blocks of -1, 0 and 1 with a scale.

use half::f16;

/// Numbers of a block.
pub(crate) const BLOCK: usize = 256;

/// In a TQ1_0 block: rows of numbers that share bytes, so many bytes and so many numbers to each.
const GROUPS: [(usize, usize); 3] = [(32, 5), (16, 5), (4, 4)];
/// Ways in which five numbers of three values can stand.
const WAYS: u16 = 243;

/// The scale that leaves the least squared error, and the numbers as 0, 1 or 2.
///
/// If the `n` largest become ±1, the best scale is their mean size, and what the error loses is `n` times its square:
/// the best `n` is tried out.
fn ternary(numbers: &[f32]) -> (f16, Vec<u8>) {
    let mut sizes: Vec<f32> = numbers.iter().map(|number| number.abs()).collect();
    sizes.sort_unstable_by(|one, other| other.total_cmp(one));
    let (mut sum, mut best, mut scale, mut least) = (0.0_f32, 0.0_f32, 0.0_f32, f32::INFINITY);
    for (count, size) in (1_u16..).zip(&sizes) {
        sum += size;
        let gained = sum * sum / f32::from(count);
        if gained > best {
            (best, scale, least) = (gained, sum / f32::from(count), *size);
        }
    }
    let value = |number: &f32| match number.abs() >= least {
        true if *number > 0.0 => 2,
        true => 0,
        false => 1,
    };
    (f16::from_f32(scale), numbers.iter().map(value).collect())
}

/// Two halves of 128 numbers in 32 bytes each, every byte with a number of each quarter of the half; then the scale.
pub(crate) fn tq2_0(numbers: &[f32]) -> Vec<u8> {
    let (scale, values) = ternary(numbers);
    let mut block = Vec::with_capacity(BLOCK / 4 + 2);
    for half in values.chunks(BLOCK / 2) {
        let byte =
            |at: usize| (0..4).fold(0, |byte, quarter| byte | half[at + quarter * 32] << (2 * quarter));
        block.extend((0..half.len() / 4).map(byte));
    }
    block.extend(scale.to_le_bytes());
    block
}

/// Groups of rows: byte `n` of a group holds the `n`-th number of each of its rows as digits of base 3, the first the most
/// significant, as a fraction of 256 that is rounded up; then the scale.
pub(crate) fn tq1_0(numbers: &[f32]) -> Vec<u8> {
    let (scale, values) = ternary(numbers);
    let mut rest = values.as_slice();
    let mut block = Vec::with_capacity(54);
    for (bytes, rows) in GROUPS {
        let (group, after) = rest.split_at(bytes * rows);
        rest = after;
        block.extend((0..bytes).map(|at| {
            let digits = (0..5).map(|row| {
                if row < rows {
                    u16::from(group[at + row * bytes])
                } else {
                    0
                }
            });
            let number = digits.fold(0, |number, digit| number * 3 + digit);
            // At most 242 * 256 / 243, which is below 256.
            (number * 256).div_ceil(WAYS) as u8
        }));
    }
    block.extend(scale.to_le_bytes());
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_tq2_0(block: &[u8]) -> Vec<i8> {
        let halves = block[..64].chunks(32);
        let of = |half: &[u8]| -> Vec<i8> {
            (0..4)
                .flat_map(|quarter| {
                    half.iter()
                        .map(move |byte| ((byte >> (2 * quarter)) & 3).cast_signed() - 1)
                })
                .collect()
        };
        halves.flat_map(of).collect()
    }

    /// A digit of base 3 is the whole part of the fraction times 3, once those before it are shifted out.
    fn read_tq1_0(block: &[u8]) -> Vec<i8> {
        let mut at = 0;
        let mut numbers = Vec::new();
        for (bytes, rows) in GROUPS {
            for row in 0..rows as u32 {
                for byte in &block[at..at + bytes] {
                    let shifted = byte.wrapping_mul(3_u8.wrapping_pow(row));
                    numbers.push(((u16::from(shifted) * 3) >> 8) as i8 - 1);
                }
            }
            at += bytes;
        }
        numbers
    }

    fn scale(block: &[u8]) -> f32 {
        let at = block.len() - 2;
        f16::from_le_bytes([block[at], block[at + 1]]).to_f32()
    }

    #[test]
    fn blocks_are_as_long_as_the_format_says() {
        let zeros = [0.0; BLOCK];
        assert_eq!((tq1_0(&zeros).len(), tq2_0(&zeros).len()), (54, 66));
        assert_eq!(
            (scale(&tq1_0(&zeros)), read_tq1_0(&tq1_0(&zeros))),
            (0.0, vec![0; BLOCK])
        );
    }

    #[test]
    fn the_scale_is_the_best_there_is() {
        let mut numbers = vec![0.01_f32; BLOCK];
        numbers[3] = 4.0;
        numbers[200] = -2.0;
        let block = tq2_0(&numbers);
        let read = read_tq2_0(&block);
        assert_eq!((scale(&block), read[3], read[200], read[4]), (3.0, 1, -1, 0));
    }

    proptest! {
        #[test]
        fn ternary_numbers_come_back_as_they_were(
            values in prop::collection::vec(-1_i8..=1, BLOCK),
            size in 0.25_f32..2.0,
        ) {
            let size = f16::from_f32(size).to_f32();
            let numbers: Vec<f32> = values.iter().map(|value| f32::from(*value) * size).collect();
            for (block, read) in [(tq1_0(&numbers), read_tq1_0 as fn(&[u8]) -> Vec<i8>), (tq2_0(&numbers), read_tq2_0)] {
                prop_assert_eq!(&read(&block), &values);
                let any = values.iter().any(|value| *value != 0);
                prop_assert!(!any || (scale(&block) - size).abs() < 1e-3, "{} for {size}", scale(&block));
            }
        }
    }
}
