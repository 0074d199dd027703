//! BERT's encoder as a graph of basic operators: identifiers in, hidden states out.

mod part;

use crate::{Attribute, Element, Graph, OnnxError, Side};

/// Names of the inputs, all I64 of `[batch, sequence]`.
pub const INPUTS: [&str; 3] = ["input_ids", "attention_mask", "token_type_ids"];
/// Name of the output, FP32 of `[batch, sequence, width]`.
pub const OUTPUT: &str = "last_hidden_state";

/// Added to the scores of padding, so that nothing attends to it.
const MASKED: f32 = -1e9;

/// The measures of an encoder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Numbers of a hidden state.
    pub width: u64,
    /// Numbers between the two matrices of the feed-forward part.
    pub feed_forward: u64,
    /// Heads of attention.
    pub heads: u64,
    /// Layers.
    pub layers: u64,
    /// Tokens that have a position.
    pub positions: u64,
    /// Token types.
    pub types: u64,
    /// Tokens.
    pub vocabulary: u64,
    /// Added to variances.
    pub epsilon: f32,
}

/// Gives the numbers of a weight by its name in sentence-transformers' files.
pub type Weights<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<f32>, OnnxError>;

/// Builds the graph.
pub fn encoder(measures: &Measures, weights: Weights<'_>) -> Result<Graph, OnnxError> {
    if measures.heads == 0 || !measures.width.is_multiple_of(measures.heads) {
        return Err(OnnxError::unconvertible("its heads do not divide its width"));
    }
    let mut encoder = Encoder {
        graph: Graph::default(),
        measures: *measures,
        weights,
    };
    let batch = [Side::Any("batch"), Side::Any("sequence")];
    for name in INPUTS {
        encoder.graph.input(name, Element::I64, &batch);
    }
    let mut states = encoder.embeddings()?;
    let shared = encoder.shared();
    for layer in 0..measures.layers {
        states = encoder.layer(&format!("encoder.layer.{layer}"), &states, &shared)?;
    }
    let mut graph = encoder.graph;
    graph.apply_as(OUTPUT, "Identity", &[&states], &[]);
    let width = Side::Of(measures.width.cast_signed());
    graph.output(OUTPUT, Element::F32, &[batch[0], batch[1], width]);
    Ok(graph)
}

struct Encoder<'a> {
    graph: Graph,
    measures: Measures,
    weights: Weights<'a>,
}

/// Names of tensors that all layers use.
struct Shared {
    mask: String,
    scale: String,
    split: String,
    join: String,
    half: String,
    one: String,
    root_half: String,
}

impl Encoder<'_> {
    fn embeddings(&mut self) -> Result<String, OnnxError> {
        let Measures {
            width,
            positions,
            types,
            vocabulary,
            ..
        } = self.measures;
        let words = self.weight("embeddings.word_embeddings.weight", &[vocabulary, width])?;
        let places = self.weight("embeddings.position_embeddings.weight", &[positions, width])?;
        let kinds = self.weight("embeddings.token_type_embeddings.weight", &[types, width])?;
        let [ids, _, type_ids] = INPUTS;
        let words = self.graph.apply("Gather", &[&words, ids], &[]);
        let kinds = self.graph.apply("Gather", &[&kinds, type_ids], &[]);
        // The first rows of the table, as many as there are tokens.
        let ends = [Attribute::Int("start", 1), Attribute::Int("end", 2)];
        let length = self.graph.apply("Shape", &[ids], &ends);
        let zero = self.graph.integers("zero", &[0]);
        let places = self.graph.apply("Slice", &[&places, &zero, &length, &zero], &[]);
        let sum = self.graph.apply("Add", &[&words, &kinds], &[]);
        let sum = self.graph.apply("Add", &[&sum, &places], &[]);
        self.norm("embeddings.LayerNorm", &sum)
    }

    fn shared(&mut self) -> Shared {
        let graph = &mut self.graph;
        let of_one_head = self.measures.width / self.measures.heads;
        let one = graph.floats("one", &[], &[1.0]);
        let masked = graph.floats("masked", &[], &[MASKED]);
        let axes = graph.integers("axes", &[1, 2]);
        let mask = graph.apply("Cast", &[INPUTS[1]], &[Attribute::Int("to", Element::F32 as i64)]);
        let mask = graph.apply("Unsqueeze", &[&mask, &axes], &[]);
        let padding = graph.apply("Sub", &[&one, &mask], &[]);
        let sides = [0, 0, self.measures.heads.cast_signed(), of_one_head.cast_signed()];
        Shared {
            mask: graph.apply("Mul", &[&padding, &masked], &[]),
            scale: graph.floats("scale", &[], &[1.0 / (of_one_head as f32).sqrt()]),
            split: graph.integers("split", &sides),
            join: graph.integers("join", &[0, 0, self.measures.width.cast_signed()]),
            half: graph.floats("half", &[], &[0.5]),
            root_half: graph.floats("root_half", &[], &[std::f32::consts::FRAC_1_SQRT_2]),
            one,
        }
    }

    fn layer(&mut self, name: &str, states: &str, shared: &Shared) -> Result<String, OnnxError> {
        let Measures {
            width, feed_forward, ..
        } = self.measures;
        let attended = self.attention(name, states, shared)?;
        let attended = self.dense(
            &format!("{name}.attention.output.dense"),
            &attended,
            [width, width],
        )?;
        let sum = self.graph.apply("Add", &[&attended, states], &[]);
        let states = self.norm(&format!("{name}.attention.output.LayerNorm"), &sum)?;
        let wide = self.dense(
            &format!("{name}.intermediate.dense"),
            &states,
            [width, feed_forward],
        )?;
        let wide = self.gelu(&wide, shared);
        let narrow = self.dense(&format!("{name}.output.dense"), &wide, [feed_forward, width])?;
        let sum = self.graph.apply("Add", &[&narrow, &states], &[]);
        self.norm(&format!("{name}.output.LayerNorm"), &sum)
    }

    fn attention(&mut self, name: &str, states: &str, shared: &Shared) -> Result<String, OnnxError> {
        let query = self.heads(
            &format!("{name}.attention.self.query"),
            states,
            &[0, 2, 1, 3],
            shared,
        )?;
        let key = self.heads(
            &format!("{name}.attention.self.key"),
            states,
            &[0, 2, 3, 1],
            shared,
        )?;
        let value = self.heads(
            &format!("{name}.attention.self.value"),
            states,
            &[0, 2, 1, 3],
            shared,
        )?;
        let graph = &mut self.graph;
        let scores = graph.apply("MatMul", &[&query, &key], &[]);
        let scores = graph.apply("Mul", &[&scores, &shared.scale], &[]);
        let scores = graph.apply("Add", &[&scores, &shared.mask], &[]);
        let shares = graph.apply("Softmax", &[&scores], &[Attribute::Int("axis", -1)]);
        let mixed = graph.apply("MatMul", &[&shares, &value], &[]);
        let mixed = graph.apply("Transpose", &[&mixed], &[Attribute::Ints("perm", &[0, 2, 1, 3])]);
        Ok(graph.apply("Reshape", &[&mixed, &shared.join], &[]))
    }

    /// A projection, cut into heads, its sides in this order.
    fn heads(
        &mut self,
        name: &str,
        states: &str,
        order: &[i64],
        shared: &Shared,
    ) -> Result<String, OnnxError> {
        let width = self.measures.width;
        let projected = self.dense(name, states, [width, width])?;
        let cut = self.graph.apply("Reshape", &[&projected, &shared.split], &[]);
        Ok(self
            .graph
            .apply("Transpose", &[&cut], &[Attribute::Ints("perm", order)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_of_another_size_is_told_by_name() {
        let measures = Measures {
            width: 4,
            feed_forward: 8,
            heads: 2,
            layers: 1,
            positions: 4,
            types: 2,
            vocabulary: 4,
            epsilon: 1e-12,
        };
        let error = encoder(&measures, &mut |_| Ok(vec![0.0; 16])).expect_err("the types are too many");
        assert!(error.to_string().contains("token_type_embeddings"), "{error}");
        let odd = Measures { heads: 3, ..measures };
        assert!(encoder(&odd, &mut |_| Ok(Vec::new())).is_err());
    }
}
