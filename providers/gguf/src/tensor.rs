//! Tensor types and what a file says of its tensors.

use half::f16;

use crate::{ternary, whole};

/// Name, shape, type and place of a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Its name.
    pub name: String,
    /// Its shape, fastest dimension first.
    pub shape: Vec<u64>,
    /// Number of its type, as in the file.
    pub kind: u32,
    /// Where it begins, from the beginning of the data section.
    pub offset: u64,
    /// Bytes it takes.
    pub bytes: u64,
}

impl TensorInfo {
    /// Numbers in it.
    pub fn items(&self) -> u64 {
        self.shape
            .iter()
            .fold(1, |items: u64, side| items.saturating_mul(*side))
    }
}

/// The types this crate writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum TensorType {
    /// Floats of 32 bits.
    F32 = 0,
    /// Floats of 16 bits.
    F16 = 1,
    /// Whole numbers of 4 bits in blocks of 32, each with a scale.
    Q4_0 = 2,
    /// Whole numbers of 8 bits in blocks of 32, each with a scale.
    Q8_0 = 8,
    /// -1, 0 or 1 in blocks of 256, each with a scale: five numbers a byte.
    TQ1_0 = 34,
    /// -1, 0 or 1 in blocks of 256, each with a scale: four numbers a byte.
    TQ2_0 = 35,
}

impl TensorType {
    /// The bytes of these numbers in this type; blocks must be whole.
    pub(crate) fn encode(self, numbers: &[f32]) -> Vec<u8> {
        match self {
            Self::F32 => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
            Self::F16 => numbers
                .iter()
                .flat_map(|number| f16::from_f32(*number).to_le_bytes())
                .collect(),
            Self::Q4_0 => numbers.chunks(whole::BLOCK).flat_map(whole::q4_0).collect(),
            Self::Q8_0 => numbers.chunks(whole::BLOCK).flat_map(whole::q8_0).collect(),
            Self::TQ1_0 => numbers.chunks(ternary::BLOCK).flat_map(ternary::tq1_0).collect(),
            Self::TQ2_0 => numbers.chunks(ternary::BLOCK).flat_map(ternary::tq2_0).collect(),
        }
    }

    /// Numbers that share a scale; rows are multiples of it.
    pub fn block_items(self) -> u64 {
        block(self as u32).map_or(1, |(items, _)| items)
    }
}

/// Items and bytes of one block of a tensor type; `None` for a type this crate does not know.
fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        24 => (1, 1),
        27 | 28 => (1, 8),
        2 | 20 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        9 => (32, 36),
        10 => (256, 84),
        11 | 21 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        15 => (256, 292),
        16 | 35 => (256, 66),
        17 => (256, 74),
        18 => (256, 98),
        19 => (256, 50),
        22 => (256, 82),
        23 => (256, 136),
        29 => (256, 56),
        34 => (256, 54),
        39 => (32, 17),
        _ => return None,
    })
}

/// Whether numbers of this type can be multiplied with activations: integers and long floats cannot.
pub(crate) fn multiplies(kind: u32) -> bool {
    !matches!(kind, 9 | 15 | 24..=28) && block(kind).is_some()
}

/// The name of a tensor type, as llama.cpp has it.
pub(crate) fn type_name(kind: u32) -> &'static str {
    match kind {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        6 => "Q5_0",
        7 => "Q5_1",
        8 => "Q8_0",
        9 => "Q8_1",
        10 => "Q2_K",
        11 => "Q3_K",
        12 => "Q4_K",
        13 => "Q5_K",
        14 => "Q6_K",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        24 => "I8",
        25 => "I16",
        26 => "I32",
        27 => "I64",
        28 => "F64",
        29 => "IQ1_M",
        30 => "BF16",
        34 => "TQ1_0",
        35 => "TQ2_0",
        39 => "MXFP4",
        _ => "unknown",
    }
}

/// Bytes of a tensor of this shape and type; what is wrong otherwise.
pub(crate) fn bytes(shape: &[u64], kind: u32) -> Result<u64, String> {
    let (block_items, block_bytes) =
        block(kind).ok_or_else(|| format!("tensor type {kind} is not known to this release"))?;
    let row = shape.first().copied().unwrap_or(1);
    if row % block_items != 0 {
        return Err(format!(
            "a row of {row} items is no multiple of its type's block of {block_items}"
        ));
    }
    let items = shape
        .iter()
        .try_fold(1_u64, |items, side| items.checked_mul(*side));
    items
        .map(|items| items / block_items)
        .and_then(|blocks| blocks.checked_mul(block_bytes))
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "a tensor is empty or too large".to_owned())
}
