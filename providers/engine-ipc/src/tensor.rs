//! Tensors as host and worker hand them to each other, checked before they are sent.

use serde::{Deserialize, Serialize};

use crate::EngineError;

/// Tensors in one call at most.
pub const TENSORS_MAX: usize = 256;
/// Sides of a tensor at most.
pub const TENSOR_SIDES_MAX: usize = 8;
/// Bytes of all tensors of a call, or of its answer, at most.
pub const TENSOR_BYTES_MAX: usize = 24 * 1024 * 1024;
/// Bytes of a tensor's name at most.
const NAME_BYTES_MAX: usize = 1024;

/// What a tensor is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TensorKind {
    /// Floats of 16 bits.
    F16,
    /// Floats of 32 bits.
    F32,
    /// Floats of 64 bits.
    F64,
    /// Floats of 16 bits with the exponent of 32.
    Bf16,
    /// Bytes.
    U8,
    /// Whole numbers of 32 bits.
    I32,
    /// Whole numbers of 64 bits.
    I64,
}

impl TensorKind {
    /// Bytes of one element.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::F16 | Self::Bf16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }

    /// As `wasi:nn` writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F16 => "FP16",
            Self::F32 => "FP32",
            Self::F64 => "FP64",
            Self::Bf16 => "BF16",
            Self::U8 => "U8",
            Self::I32 => "I32",
            Self::I64 => "I64",
        }
    }
}

/// A tensor and its name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedTensor {
    /// Its name.
    pub name: String,
    /// Its sides.
    pub sides: Vec<u32>,
    /// What it is made of.
    pub kind: TensorKind,
    /// Its elements, little-endian.
    pub data: Vec<u8>,
}

/// Without its elements, which are nobody's business.
impl std::fmt::Debug for NamedTensor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            name,
            sides,
            kind,
            data,
        } = self;
        write!(f, "{name}: {} {sides:?}, {} bytes", kind.name(), data.len())
    }
}

impl NamedTensor {
    /// Checks that its bytes are those of its sides and kind.
    pub fn check(&self) -> Result<(), EngineError> {
        let Self {
            name,
            sides,
            kind,
            data,
        } = self;
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            let message = format!(
                "a tensor's name has {} bytes: give 1 to {NAME_BYTES_MAX}",
                name.len()
            );
            return Err(EngineError::invalid(message));
        }
        if sides.len() > TENSOR_SIDES_MAX {
            let message = format!(
                "the tensor `{name}` has {} dimensions: give at most {TENSOR_SIDES_MAX}",
                sides.len()
            );
            return Err(EngineError::invalid(message));
        }
        if sides.contains(&0) {
            let message =
                format!("the tensor `{name}` has a dimension of 0: give it elements, or leave it out");
            return Err(EngineError::invalid(message));
        }
        let wanted = sides
            .iter()
            .try_fold(kind.bytes(), |bytes, side| bytes.checked_mul(*side as usize));
        if wanted != Some(data.len()) {
            let message = format!(
                "the tensor `{name}` has {} bytes: its dimensions {sides:?} of {} take {}",
                data.len(),
                kind.name(),
                wanted.map_or_else(|| "more than there can be".to_owned(), |bytes| bytes.to_string()),
            );
            return Err(EngineError::invalid(message));
        }
        Ok(())
    }
}

/// Checks all tensors of a call: each by itself, their names, their number and their bytes.
pub(crate) fn check_all(tensors: &[NamedTensor]) -> Result<(), EngineError> {
    if tensors.len() > TENSORS_MAX {
        let message = format!(
            "{} tensors in one call: give at most {TENSORS_MAX}",
            tensors.len()
        );
        return Err(EngineError::invalid(message));
    }
    let bytes = tensors.iter().map(|tensor| tensor.data.len());
    let bytes = bytes.fold(0, usize::saturating_add);
    if bytes > TENSOR_BYTES_MAX {
        let message = format!("{bytes} bytes of tensors in one call: give at most {TENSOR_BYTES_MAX}");
        return Err(EngineError::invalid(message));
    }
    for (at, tensor) in tensors.iter().enumerate() {
        tensor.check()?;
        if tensors[..at].iter().any(|other| other.name == tensor.name) {
            let message = format!("two tensors are named `{}`: give each once", tensor.name);
            return Err(EngineError::invalid(message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tensor(sides: &[u32], kind: TensorKind, bytes: usize) -> NamedTensor {
        NamedTensor {
            name: "x".to_owned(),
            sides: sides.to_vec(),
            kind,
            data: vec![0; bytes],
        }
    }

    #[test]
    fn bytes_must_be_those_of_sides_and_kind() {
        let good = [
            tensor(&[2, 3], TensorKind::F32, 24),
            tensor(&[3], TensorKind::I64, 24),
            tensor(&[], TensorKind::F64, 8),
            tensor(&[5], TensorKind::U8, 5),
            tensor(&[5], TensorKind::Bf16, 10),
        ];
        for tensor in good {
            assert_eq!(tensor.check(), Ok(()), "{tensor:?}");
        }
        let bad = [
            (tensor(&[2, 3], TensorKind::F32, 23), "take 24"),
            (tensor(&[3], TensorKind::I64, 12), "of I64 take 24"),
            (tensor(&[0], TensorKind::U8, 0), "dimension of 0"),
            (tensor(&[1; 9], TensorKind::U8, 1), "9 dimensions"),
            (
                tensor(&[u32::MAX; 4], TensorKind::F64, 8),
                "more than there can be",
            ),
        ];
        for (tensor, part) in bad {
            let error = tensor.check().expect_err("is refused").to_string();
            assert!(error.contains(part) && error.contains("`x`"), "{error}");
        }
    }

    #[test]
    fn calls_are_bounded_and_names_are_given_once() {
        let one = tensor(&[1], TensorKind::U8, 1);
        let error = check_all(&[one.clone(), one.clone()]).expect_err("is refused");
        assert!(error.to_string().contains("two tensors are named `x`"), "{error}");
        let error = check_all(&vec![one; TENSORS_MAX + 1]).expect_err("is refused");
        assert!(error.to_string().contains("at most 256"), "{error}");
        let large = tensor(&[1 << 24], TensorKind::U8, 1 << 24);
        let error = check_all(&[large.clone(), large]).expect_err("is refused");
        assert!(error.to_string().contains("bytes of tensors"), "{error}");
    }

    proptest! {
        #[test]
        fn no_sides_overflow(sides in prop::collection::vec(any::<u32>(), 0..10), bytes in 0_usize..64) {
            let product: u128 = sides.iter().map(|side| u128::from(*side)).fold(1, u128::saturating_mul);
            let fits = sides.len() <= TENSOR_SIDES_MAX && product.saturating_mul(4) == bytes as u128 && product > 0;
            prop_assert_eq!(tensor(&sides, TensorKind::F32, bytes).check().is_ok(), fits);
        }
    }
}
