//! In which types a file keeps the model's numbers.

use clap::ValueEnum;
use gyre_gguf::TensorType;
use serde::{Deserialize, Serialize};

use crate::model::Kind;

/// How a file keeps the matrices of a model. Norms are always of 32 bits; the embedding, which is the output matrix too, is
/// never below 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Format {
    /// Floats of 32 bits: exactly what was trained.
    F32,
    /// Floats of 16 bits.
    F16,
    /// 8.5 bits a number.
    Q8_0,
    /// 4.5 bits a number.
    Q4_0,
    /// 2.1 bits a number, each -1, 0 or 1.
    Tq2_0,
    /// 1.7 bits a number, each -1, 0 or 1: the same numbers as [`Self::Tq2_0`], denser.
    Tq1_0,
}

impl Format {
    /// All of them, largest first.
    pub const ALL: [Self; 6] = [
        Self::F32,
        Self::F16,
        Self::Q8_0,
        Self::Q4_0,
        Self::Tq2_0,
        Self::Tq1_0,
    ];

    /// As it is written in a recipe and a file's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Q8_0 => "q8_0",
            Self::Q4_0 => "q4_0",
            Self::Tq2_0 => "tq2_0",
            Self::Tq1_0 => "tq1_0",
        }
    }

    /// llama.cpp's number of it.
    pub(super) fn file_type(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::F16 => 1,
            Self::Q4_0 => 2,
            Self::Q8_0 => 7,
            Self::Tq1_0 => 36,
            Self::Tq2_0 => 37,
        }
    }

    /// The type of a tensor of this kind.
    pub(super) fn tensor(self, kind: Kind) -> TensorType {
        match (self, kind) {
            (_, Kind::Norm) | (Self::F32, _) => TensorType::F32,
            (Self::F16, _) => TensorType::F16,
            (Self::Q8_0, _) | (_, Kind::Embedding) => TensorType::Q8_0,
            (Self::Q4_0, Kind::Matrix) => TensorType::Q4_0,
            (Self::Tq2_0, Kind::Matrix) => TensorType::TQ2_0,
            (Self::Tq1_0, Kind::Matrix) => TensorType::TQ1_0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_recipes_and_the_command_line_say() {
        for format in Format::ALL {
            let json = serde_json::to_string(&format).expect("JSON");
            assert_eq!(json, format!("\"{}\"", format.name()));
            assert_eq!(Format::from_str(format.name(), false), Ok(format));
        }
    }
}
