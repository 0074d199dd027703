//! The model on the processor.

use super::activations::Activations;
use super::forward::Pass;
use super::rotary::Rotary;
use super::{Engine, ModelError, Packed, Precision, Shape, Weights};

/// Runs a llama of one shape; its memory is taken once.
#[derive(Debug)]
pub struct Llama {
    precision: Precision,
    shape: Shape,
    rotary: Rotary,
    memory: Activations,
}

impl Llama {
    /// For passes of up to so many tokens.
    pub fn new(shape: &Shape, pass_tokens_max: usize, precision: Precision) -> Result<Self, ModelError> {
        shape.check()?;
        Ok(Self {
            precision,
            shape: shape.clone(),
            rotary: Rotary::new(shape),
            memory: Activations::new(shape, pass_tokens_max),
        })
    }

    /// Tokens of a pass that fit into so many bytes.
    pub fn pass_tokens(shape: &Shape, memory_bytes_max: usize) -> usize {
        memory_bytes_max / Activations::token_bytes(shape)
    }

    /// The logits after each of these tokens, row by row.
    pub fn logits(&mut self, weights: &Weights, ids: &[u16]) -> Result<Vec<f32>, ModelError> {
        let mut packed = Packed::new();
        packed.push(ids, &vec![0; ids.len()]);
        self.check(weights, &packed)?;
        let asked: Vec<usize> = (0..ids.len()).collect();
        let pass = pass(
            (&self.shape, &self.rotary, self.precision),
            (weights, &packed),
            &asked,
        );
        Ok(pass.logits(&mut self.memory))
    }

    fn check(&self, weights: &Weights, packed: &Packed) -> Result<(), ModelError> {
        if *weights.shape() != self.shape {
            return Err(ModelError::Shape(
                "the weights are those of another shape".to_owned(),
            ));
        }
        let (tokens, most) = (packed.ids().len(), self.memory.tokens());
        if tokens > most {
            return Err(ModelError::Tokens(format!(
                "{tokens} of them are more than the {most} of a pass"
            )));
        }
        packed.check(&self.shape)
    }
}

fn pass<'a>(
    (shape, rotary, precision): (&'a Shape, &'a Rotary, Precision),
    (weights, packed): (&'a Weights, &'a Packed),
    asked: &'a [usize],
) -> Pass<'a> {
    Pass {
        precision,
        shape,
        table: weights.table(),
        values: weights.values(),
        rotary,
        packed,
        asked,
    }
}

/// The rows that foresee a token, and the tokens.
fn predictions(packed: &Packed) -> (Vec<usize>, Vec<u32>) {
    packed.predictions().iter().map(|one| (one.row, one.id)).unzip()
}

impl Engine for Llama {
    fn loss(&mut self, weights: &Weights, packed: &Packed) -> Result<f64, ModelError> {
        self.check(weights, packed)?;
        let (rows, right) = predictions(packed);
        let pass = pass(
            (&self.shape, &self.rotary, self.precision),
            (weights, packed),
            &rows,
        );
        Ok(pass.losses(&mut self.memory, &right))
    }

    fn gradients(
        &mut self,
        weights: &Weights,
        packed: &Packed,
        share: f32,
        gradients: &mut [f32],
    ) -> Result<f64, ModelError> {
        self.check(weights, packed)?;
        assert_eq!(
            gradients.len(),
            weights.values().len(),
            "a gradient for each weight"
        );
        let (rows, right) = predictions(packed);
        if rows.is_empty() {
            return Ok(0.0);
        }
        let pass = pass(
            (&self.shape, &self.rotary, self.precision),
            (weights, packed),
            &rows,
        );
        let loss = pass.losses_and_back(&mut self.memory, &right, share, gradients);
        pass.backward(&mut self.memory, gradients);
        Ok(loss)
    }
}
