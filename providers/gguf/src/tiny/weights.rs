//! Random numbers as tensors.

use super::{WIDTH, is_printable};
use crate::{Builder, GgufError, TensorType};

/// Puts tensors of random numbers into a file.
pub(super) struct Weights<'a> {
    pub(super) builder: &'a mut Builder,
    pub(super) random: Random,
}

impl Weights<'_> {
    pub(super) fn put(&mut self, name: &str, shape: &[u64], scale: f32) -> Result<(), GgufError> {
        let count = shape.iter().product::<u64>();
        let numbers: Vec<f32> = (0..count).map(|_| self.random.next() * scale).collect();
        self.builder
            .tensor(name, shape, TensorType::F32, &numbers)
            .map(drop)
    }

    pub(super) fn matrix(
        &mut self,
        name: &str,
        columns: u64,
        rows: u64,
        scale: f32,
    ) -> Result<(), GgufError> {
        self.put(name, &[columns, rows], scale)
    }

    pub(super) fn table(&mut self, name: &str, columns: u64, rows: u64) -> Result<(), GgufError> {
        self.put(name, &[columns, rows], 0.1)
    }

    pub(super) fn bias(&mut self, name: &str, length: u64) -> Result<(), GgufError> {
        self.put(name, &[length], 0.1)
    }

    pub(super) fn gain(&mut self, name: &str) -> Result<(), GgufError> {
        let ones = vec![1.0; WIDTH as usize];
        self.builder
            .tensor(name, &[WIDTH], TensorType::F32, &ones)
            .map(drop)
    }

    pub(super) fn norm(&mut self, name: &str) -> Result<(), GgufError> {
        self.gain(&format!("{name}.weight"))?;
        self.bias(&format!("{name}.bias"), WIDTH)
    }

    pub(super) fn output(&mut self, tokens: &[String]) -> Result<(), GgufError> {
        let mut numbers = Vec::with_capacity(tokens.len() * WIDTH as usize);
        for token in tokens {
            let scale = if is_printable(token) { 0.5 } else { 0.0 };
            numbers.extend((0..WIDTH).map(|_| self.random.next() * scale));
        }
        self.builder
            .tensor(
                "output.weight",
                &[WIDTH, tokens.len() as u64],
                TensorType::F32,
                &numbers,
            )
            .map(drop)
    }
}

/// SplitMix64: the same numbers on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number in [-1, 1).
    pub(crate) fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 40) as f32) / ((1_u64 << 23) as f32) - 1.0
    }
}
