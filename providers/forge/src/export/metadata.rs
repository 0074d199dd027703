//! What a file says of its model.

use gyre_gguf::{Builder, Value};
use serde::{Deserialize, Serialize};

use super::Format;
use crate::model::Shape;
use crate::render::TEMPLATE;

/// The version of the block formats that llama.cpp reads.
const QUANTIZATION_VERSION: u32 = 2;

/// Who made a model, and under which licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Its name, which answers tell.
    pub name: String,
    /// The licence, as SPDX names it.
    pub licence: String,
    /// A sentence that says what it is.
    pub description: String,
}

/// Numbers that fit 32 bits: a shape that was checked has no others.
fn number(number: usize) -> Value {
    Value::U32(u32::try_from(number).unwrap_or(u32::MAX))
}

pub(super) fn put(file: &mut Builder, shape: &Shape, card: &Card, format: Format) {
    let text = |text: &str| Value::String(text.to_owned());
    let size = format!("{:.1}M", shape.parameters() as f64 / 1e6);
    file.set("general.type", text("model"))
        .set("general.name", text(&card.name))
        .set("general.license", text(&card.licence))
        .set("general.description", text(&card.description))
        .set("general.size_label", text(&size))
        .set("general.file_type", Value::U32(format.file_type()))
        .set("general.quantization_version", Value::U32(QUANTIZATION_VERSION))
        .set("llama.vocab_size", number(shape.vocabulary))
        .set("llama.context_length", number(shape.context))
        .set("llama.embedding_length", number(shape.width))
        .set("llama.block_count", number(shape.layers))
        .set("llama.feed_forward_length", number(shape.feed_forward))
        .set("llama.attention.head_count", number(shape.heads))
        .set("llama.attention.head_count_kv", number(shape.kv_heads))
        .set(
            "llama.attention.layer_norm_rms_epsilon",
            Value::F32(shape.norm_epsilon),
        )
        .set("llama.rope.dimension_count", number(shape.head_size()))
        .set("llama.rope.freq_base", Value::F32(shape.rope_theta))
        .set("tokenizer.chat_template", text(TEMPLATE));
}
