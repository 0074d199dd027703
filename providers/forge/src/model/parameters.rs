//! Where each weight lies in the flat slice of all.

use super::Shape;
use std::ops::Range;

/// What a weight is, for the optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The embedding, which is the output matrix too.
    Embedding,
    /// The gains of a norm.
    Norm,
    /// A matrix between layers.
    Matrix,
}

/// A named weight.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, as Hugging Face names those of a llama.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Numbers that come out; 1 for a norm.
    pub rows: usize,
    /// Numbers that go in.
    pub columns: usize,
    /// Its place in the flat slice.
    pub at: Range<usize>,
}

/// The places of a layer's weights. Queries, keys and values lie one after another, and so do gate and up: each is one
/// matrix to the passes.
#[derive(Clone, Debug)]
pub(crate) struct LayerAt {
    pub(crate) attention_norm: Range<usize>,
    pub(crate) qkv: Range<usize>,
    pub(crate) output: Range<usize>,
    pub(crate) feed_norm: Range<usize>,
    pub(crate) gate_up: Range<usize>,
    pub(crate) down: Range<usize>,
}

/// The weights of a model, in the order in which they lie.
#[derive(Clone, Debug)]
pub struct Table {
    /// All of them.
    pub all: Vec<Parameter>,
    pub(crate) embedding: Range<usize>,
    pub(crate) layers: Vec<LayerAt>,
    pub(crate) norm: Range<usize>,
}

impl Table {
    /// Of a model of this shape.
    pub fn of(shape: &Shape) -> Self {
        let mut places = Places::default();
        let embedding = places.add(
            "model.embed_tokens.weight".to_owned(),
            Kind::Embedding,
            shape.vocabulary,
            shape.width,
        );
        let layers = (0..shape.layers).map(|index| layer(&mut places, shape, index));
        let layers = layers.collect();
        let norm = places.add("model.norm.weight".to_owned(), Kind::Norm, 1, shape.width);
        Self {
            all: places.all,
            embedding,
            layers,
            norm,
        }
    }

    /// How many numbers all weights have.
    pub fn numbers(&self) -> usize {
        self.norm.end
    }
}

fn layer(places: &mut Places, shape: &Shape, index: usize) -> LayerAt {
    let mut add = |name: &str, kind, rows, columns| {
        places.add(format!("model.layers.{index}.{name}.weight"), kind, rows, columns)
    };
    let (width, feed_forward) = (shape.width, shape.feed_forward);
    let attention_norm = add("input_layernorm", Kind::Norm, 1, width);
    let queries = add("self_attn.q_proj", Kind::Matrix, width, width);
    add("self_attn.k_proj", Kind::Matrix, shape.kv_width(), width);
    let values = add("self_attn.v_proj", Kind::Matrix, shape.kv_width(), width);
    let output = add("self_attn.o_proj", Kind::Matrix, width, width);
    let feed_norm = add("post_attention_layernorm", Kind::Norm, 1, width);
    let gate = add("mlp.gate_proj", Kind::Matrix, feed_forward, width);
    let up = add("mlp.up_proj", Kind::Matrix, feed_forward, width);
    let down = add("mlp.down_proj", Kind::Matrix, width, feed_forward);
    LayerAt {
        attention_norm,
        qkv: queries.start..values.end,
        output,
        feed_norm,
        gate_up: gate.start..up.end,
        down,
    }
}

#[derive(Default)]
struct Places {
    all: Vec<Parameter>,
    end: usize,
}

impl Places {
    fn add(&mut self, name: String, kind: Kind, rows: usize, columns: usize) -> Range<usize> {
        let at = self.end..self.end + rows * columns;
        self.end = at.end;
        self.all.push(Parameter {
            name,
            kind,
            rows,
            columns,
            at: at.clone(),
        });
        at
    }
}

#[cfg(test)]
mod tests {
    use super::super::Size;
    use super::Table;

    #[test]
    fn places_follow_each_other_and_fill_the_whole() {
        for size in Size::ALL {
            let shape = size.shape(4096, 1024);
            let table = Table::of(&shape);
            let mut end = 0;
            for parameter in &table.all {
                assert_eq!(parameter.at.start, end, "{}", parameter.name);
                assert_eq!(parameter.at.len(), parameter.rows * parameter.columns);
                end = parameter.at.end;
            }
            assert_eq!(end, shape.parameters());
            assert_eq!(end, table.numbers());
        }
    }
}
