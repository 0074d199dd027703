//! LoRA adapters.

use std::path::Path;

use super::weights::{Random, Weights};
use super::{LAYERS, WIDTH};
use crate::{Builder, GgufError, Value};

const RANK: u64 = 4;

/// An adapter of random weights that says it is for this architecture. It changes what [`super::random_llama`]
/// writes; that of another architecture is for tests of refusals.
pub fn random_lora(seed: u64, architecture: &str, path: &Path) -> Result<(), GgufError> {
    let mut builder = Builder::new(architecture);
    builder
        .set("general.type", Value::String("adapter".into()))
        .set("adapter.type", Value::String("lora".into()))
        .set("adapter.lora.alpha", Value::F32(RANK as f32));
    let mut weights = Weights {
        builder: &mut builder,
        random: Random(seed),
    };
    for layer in 0..LAYERS {
        for name in ["attn_q", "attn_v"] {
            let name = format!("blk.{layer}.{name}.weight");
            weights.matrix(&format!("{name}.lora_a"), WIDTH, RANK, 0.5)?;
            weights.matrix(&format!("{name}.lora_b"), RANK, WIDTH, 0.5)?;
        }
    }
    builder.write(path)
}
