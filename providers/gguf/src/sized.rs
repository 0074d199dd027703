//! Llamas of random weights, as large as a bench wants: real to llama.cpp, meaningless to a reader.

use std::path::Path;

use crate::tiny::{self, Random};
use crate::{Array, Builder, GgufError, TensorType, Value};

/// Variance of what each half of a layer adds, over all layers: the token itself keeps a quarter.
const LAYERS_VARIANCE: f32 = 3.0;
/// How much louder than chance a printable token calls for the one after it, in deviations of all others. What the
/// first token of an answer is hangs on all of its prompt; those after it are clear choices, which rounding in
/// batches of other shapes does not turn.
const CALL: f32 = 5.0;
/// Fills the vocabulary: characters that no prompt in ASCII has.
const FILLER_FIRST: u32 = 0x4e00;

const MATRICES: TensorType = TensorType::F16;

/// The measures of such a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Blocks of attention and feed-forward.
    pub layers: u32,
    /// Numbers that stand for a token.
    pub width: u32,
    /// Numbers in the middle of a feed-forward.
    pub feed_forward: u32,
    /// Heads that ask.
    pub heads: u32,
    /// Heads that are asked; a divisor of `heads`.
    pub heads_kv: u32,
    /// Tokens of the vocabulary; those beyond bytes and marks are never read or written.
    pub vocabulary: u32,
    /// Tokens of context.
    pub context_tokens: u32,
}

impl Size {
    /// 21 million parameters: a bench of minutes on two cores.
    pub const SMALL: Self = Self {
        layers: 6,
        width: 512,
        feed_forward: 1408,
        heads: 8,
        heads_kv: 2,
        vocabulary: 4096,
        context_tokens: 32_768,
    };
    /// 88 million parameters.
    pub const MEDIUM: Self = Self {
        layers: 12,
        width: 768,
        feed_forward: 2048,
        heads: 12,
        heads_kv: 4,
        vocabulary: 8192,
        context_tokens: 32_768,
    };

    /// Weights in all matrices.
    pub fn parameters(&self) -> u64 {
        let [width, middle, kv] = [self.width, self.feed_forward, self.width_kv()].map(u64::from);
        let layer = 2 * width * width + 2 * width * kv + 3 * width * middle;
        u64::from(self.layers) * layer + 2 * u64::from(self.vocabulary) * width
    }

    fn width_kv(&self) -> u32 {
        self.width / self.heads.max(1) * self.heads_kv
    }
}

/// Writes a llama with the vocabulary and the template of [`tiny::random_llama`]: greedy decoding never ends it by
/// itself, and writes printable ASCII, one byte a token.
pub fn random_llama(size: &Size, seed: u64, path: &Path) -> Result<(), GgufError> {
    let mut builder = Builder::new("llama");
    let (tokens, kinds) = vocabulary(size);
    let mut weights = Weights {
        builder: &mut builder,
        random: Random(seed),
        width: size.width,
    };
    weights.ends(&tokens)?;
    weights.gain("output_norm.weight")?;
    for layer in 0..size.layers {
        weights.layer(size, layer)?;
    }
    put_hyperparameters(&mut builder, size);
    put_vocabulary(&mut builder, tokens, kinds);
    builder.write(path)
}

fn vocabulary(size: &Size) -> (Vec<String>, Vec<i32>) {
    let (mut tokens, mut kinds) = tiny::byte_vocabulary();
    let missing = (size.vocabulary as usize).saturating_sub(tokens.len());
    let fillers = (FILLER_FIRST..).filter_map(char::from_u32).map(String::from);
    tokens.extend(fillers.take(missing));
    kinds.resize(tokens.len(), tiny::TOKEN_NORMAL);
    (tokens, kinds)
}

fn put_hyperparameters(builder: &mut Builder, size: &Size) {
    for (key, number) in [
        ("block_count", size.layers),
        ("context_length", size.context_tokens),
        ("embedding_length", size.width),
        ("feed_forward_length", size.feed_forward),
        ("attention.head_count", size.heads),
        ("attention.head_count_kv", size.heads_kv),
        ("rope.dimension_count", size.width / size.heads.max(1)),
        ("vocab_size", size.vocabulary),
    ] {
        builder.set(&format!("llama.{key}"), Value::U32(number));
    }
    builder.set("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5));
}

fn put_vocabulary(builder: &mut Builder, tokens: Vec<String>, kinds: Vec<i32>) {
    let scores = Array::F32(vec![0.0; tokens.len()]);
    builder
        .set("tokenizer.ggml.model", Value::String("llama".into()))
        .set("tokenizer.ggml.add_space_prefix", Value::Bool(false))
        .set("tokenizer.ggml.unknown_token_id", Value::U32(0))
        .set("tokenizer.ggml.bos_token_id", Value::U32(1))
        .set("tokenizer.ggml.eos_token_id", Value::U32(2))
        .set("tokenizer.ggml.scores", Value::Array(scores))
        .set("tokenizer.ggml.tokens", Value::Array(Array::Strings(tokens)))
        .set("tokenizer.ggml.token_type", Value::Array(Array::I32(kinds)))
        .set(
            "tokenizer.chat_template",
            Value::String(tiny::CHAT_TEMPLATE.into()),
        );
}

struct Weights<'a> {
    builder: &'a mut Builder,
    random: Random,
    width: u32,
}

impl Weights<'_> {
    /// Numbers of variance `scale²`.
    fn draw(&mut self, count: u32, scale: f32) -> Vec<f32> {
        let scale = scale * 3.0_f32.sqrt();
        (0..count).map(|_| self.random.next() * scale).collect()
    }

    /// The first and the last matrix, a row for each token. In the last, a printable token answers to the one after
    /// it among the printable ones; rows of all others are zero.
    fn ends(&mut self, tokens: &[String]) -> Result<(), GgufError> {
        let width = self.width as usize;
        let shape = [width as u64, tokens.len() as u64];
        let rows = tokens.iter().flat_map(|_| self.draw(self.width, 1.0));
        let embeddings: Vec<f32> = rows.collect();
        let mut outputs = vec![0.0; embeddings.len()];
        let printable: Vec<usize> = (0..tokens.len())
            .filter(|token| tiny::is_printable(&tokens[*token]))
            .collect();
        // What comes in has the length √width, and the token's own part in it is this.
        let own = (width as f32 / (1.0 + LAYERS_VARIANCE)).sqrt();
        for (place, token) in printable.iter().enumerate() {
            let caller = printable[(place + 1) % printable.len()];
            let chance = self.draw(self.width, 1.0 / (width as f32).sqrt());
            for column in 0..width {
                let call = embeddings[caller * width + column] / (width as f32).sqrt();
                outputs[token * width + column] = chance[column] + call * CALL / own;
            }
        }
        for (name, numbers) in [("token_embd.weight", embeddings), ("output.weight", outputs)] {
            self.builder.tensor(name, &shape, MATRICES, &numbers)?;
        }
        Ok(())
    }

    fn layer(&mut self, size: &Size, layer: u32) -> Result<(), GgufError> {
        let (width, middle, kv) = (size.width, size.feed_forward, size.width_kv());
        let share = (LAYERS_VARIANCE / (2.0 * size.layers as f32)).sqrt();
        for (name, columns, rows, scale) in [
            ("attn_q", width, width, 1.0),
            ("attn_k", width, kv, 1.0),
            ("attn_v", width, kv, 1.0),
            ("attn_output", width, width, share),
            ("ffn_gate", width, middle, 1.0),
            ("ffn_up", width, middle, 1.0),
            ("ffn_down", middle, width, share),
        ] {
            // What goes in has variance 1, and so has what comes out.
            let numbers = self.draw(columns * rows, scale / (columns as f32).sqrt());
            let shape = [u64::from(columns), u64::from(rows)];
            let name = format!("blk.{layer}.{name}.weight");
            self.builder.tensor(&name, &shape, MATRICES, &numbers)?;
        }
        self.gain(&format!("blk.{layer}.attn_norm.weight"))?;
        self.gain(&format!("blk.{layer}.ffn_norm.weight"))
    }

    fn gain(&mut self, name: &str) -> Result<(), GgufError> {
        let ones = vec![1.0; self.width as usize];
        let shape = [u64::from(self.width)];
        self.builder
            .tensor(name, &shape, TensorType::F32, &ones)
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gguf, Purpose};

    #[test]
    fn a_file_has_the_parameters_its_size_says() {
        let size = Size {
            layers: 2,
            width: 64,
            feed_forward: 96,
            heads: 4,
            heads_kv: 2,
            vocabulary: 320,
            context_tokens: 512,
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.gguf");
        random_llama(&size, 1, &path).unwrap();
        let file = Gguf::open(&path).unwrap();
        let matrices = file.tensors().iter().filter(|tensor| tensor.shape.len() == 2);
        let parameters: u64 = matrices.map(crate::TensorInfo::items).sum();
        assert_eq!(parameters, size.parameters());
        assert!(matches!(file.purpose(), Purpose::Chat));
    }

    #[test]
    fn the_sizes_are_as_large_as_they_say() {
        let millions = |size: Size| size.parameters() / 1_000_000;
        assert_eq!((millions(Size::SMALL), millions(Size::MEDIUM)), (21, 88));
    }
}
