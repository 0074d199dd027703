//! What tensors are made of.

/// The type of a tensor's elements, by its number in the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Element {
    /// Floats of 32 bits.
    F32 = 1,
    /// Bytes.
    U8 = 2,
    /// Whole numbers of 32 bits.
    I32 = 6,
    /// Whole numbers of 64 bits.
    I64 = 7,
    /// Floats of 16 bits.
    F16 = 10,
    /// Floats of 64 bits.
    F64 = 11,
    /// Floats of 16 bits with the exponent of 32.
    Bf16 = 16,
}

impl Element {
    /// As `wasi:nn` names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "FP32",
            Self::U8 => "U8",
            Self::I32 => "I32",
            Self::I64 => "I64",
            Self::F16 => "FP16",
            Self::F64 => "FP64",
            Self::Bf16 => "BF16",
        }
    }

    /// The type of this number; none for one that no guest can give.
    pub fn from_number(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::F32,
            2 => Self::U8,
            6 => Self::I32,
            7 => Self::I64,
            10 => Self::F16,
            11 => Self::F64,
            16 => Self::Bf16,
            _ => return None,
        })
    }
}
