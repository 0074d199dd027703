//! The weights under the names of llama.cpp.

use gyre_gguf::Builder;

use super::rotary::interleaved;
use super::{ExportError, Format};
use crate::model::{Kind, Parameter, Weights};

/// Names of a layer's tensors: Hugging Face's, then llama.cpp's.
const LAYER: [(&str, &str); 9] = [
    ("input_layernorm", "attn_norm"),
    ("self_attn.q_proj", "attn_q"),
    ("self_attn.k_proj", "attn_k"),
    ("self_attn.v_proj", "attn_v"),
    ("self_attn.o_proj", "attn_output"),
    ("post_attention_layernorm", "ffn_norm"),
    ("mlp.gate_proj", "ffn_gate"),
    ("mlp.up_proj", "ffn_up"),
    ("mlp.down_proj", "ffn_down"),
];

/// Adds all weights. The output matrix is the embedding: llama.cpp takes it where there is no other.
pub(super) fn put(file: &mut Builder, weights: &Weights, format: Format) -> Result<(), ExportError> {
    let shape = weights.shape();
    for parameter in &weights.table().all {
        let name = name(&parameter.name);
        let kind = format.tensor(parameter.kind);
        if !(parameter.columns as u64).is_multiple_of(kind.block_items()) {
            return Err(ExportError::Blocks {
                tensor: name,
                columns: parameter.columns,
                format,
            });
        }
        let numbers = &weights.values()[parameter.at.clone()];
        let heads = if name.ends_with("attn_q.weight") {
            Some(shape.heads)
        } else if name.ends_with("attn_k.weight") {
            Some(shape.kv_heads)
        } else {
            None
        };
        let ordered = heads.map(|heads| interleaved(numbers, heads, parameter.columns));
        let put = file.tensor(
            &name,
            &sides(parameter),
            kind,
            ordered.as_deref().unwrap_or(numbers),
        );
        put.map_err(|source| ExportError::Tensor { tensor: name, source })?;
    }
    Ok(())
}

/// Fastest first.
fn sides(parameter: &Parameter) -> Vec<u64> {
    let mut sides = vec![parameter.columns as u64];
    if parameter.kind != Kind::Norm {
        sides.push(parameter.rows as u64);
    }
    sides
}

fn name(theirs: &str) -> String {
    if theirs == "model.embed_tokens.weight" {
        return "token_embd.weight".to_owned();
    }
    let layer = theirs
        .strip_prefix("model.layers.")
        .and_then(|rest| rest.split_once('.'));
    let Some((index, rest)) = layer else {
        return "output_norm.weight".to_owned();
    };
    let known = LAYER
        .iter()
        .find(|(from, _)| rest.strip_suffix(".weight") == Some(from));
    format!("blk.{index}.{}.weight", known.map_or(rest, |(_, to)| to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_llama_cpp() {
        for (theirs, ours) in [
            ("model.embed_tokens.weight", "token_embd.weight"),
            ("model.norm.weight", "output_norm.weight"),
            ("model.layers.7.self_attn.q_proj.weight", "blk.7.attn_q.weight"),
            (
                "model.layers.0.post_attention_layernorm.weight",
                "blk.0.ffn_norm.weight",
            ),
            ("model.layers.12.mlp.down_proj.weight", "blk.12.ffn_down.weight"),
        ] {
            assert_eq!(name(theirs), ours);
        }
    }
}
