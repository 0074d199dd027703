//! The parts that an encoder is made of: checked weights, dense layers, norms and the gate between them.

use super::{Encoder, Shared};
use crate::{Attribute, OnnxError};

impl Encoder<'_> {
    /// A weight of this shape, checked.
    pub(super) fn weight(&mut self, name: &str, shape: &[u64]) -> Result<String, OnnxError> {
        let numbers = self.numbers(name, shape)?;
        Ok(self.graph.floats(name, &signed(shape), &numbers))
    }

    pub(super) fn numbers(&mut self, name: &str, shape: &[u64]) -> Result<Vec<f32>, OnnxError> {
        let numbers = (self.weights)(name)?;
        let wanted = shape
            .iter()
            .fold(1, |items: u64, side| items.saturating_mul(*side));
        if numbers.len() as u64 != wanted {
            let message = format!("`{name}` has {} numbers, not those of {shape:?}", numbers.len());
            return Err(OnnxError::unconvertible(message));
        }
        Ok(numbers)
    }

    /// `states × weightᵀ + bias`: files hold a row for each output, the operator wants one for each input.
    pub(super) fn dense(
        &mut self,
        name: &str,
        states: &str,
        [from, to]: [u64; 2],
    ) -> Result<String, OnnxError> {
        let weight = format!("{name}.weight");
        let numbers = transpose(&self.numbers(&weight, &[to, from])?, from as usize);
        let weight = self.graph.floats(&weight, &signed(&[from, to]), &numbers);
        let bias = self.weight(&format!("{name}.bias"), &[to])?;
        let product = self.graph.apply("MatMul", &[states, &weight], &[]);
        Ok(self.graph.apply("Add", &[&product, &bias], &[]))
    }

    pub(super) fn norm(&mut self, name: &str, states: &str) -> Result<String, OnnxError> {
        let width = [self.measures.width];
        let gain = self.weight(&format!("{name}.weight"), &width)?;
        let bias = self.weight(&format!("{name}.bias"), &width)?;
        let attributes = [
            Attribute::Int("axis", -1),
            Attribute::Float("epsilon", self.measures.epsilon),
        ];
        Ok(self
            .graph
            .apply("LayerNormalization", &[states, &gain, &bias], &attributes))
    }

    /// `x / 2 × (1 + erf(x / √2))`.
    pub(super) fn gelu(&mut self, states: &str, shared: &Shared) -> String {
        let graph = &mut self.graph;
        let scaled = graph.apply("Mul", &[states, &shared.root_half], &[]);
        let error = graph.apply("Erf", &[&scaled], &[]);
        let gate = graph.apply("Add", &[&error, &shared.one], &[]);
        let gated = graph.apply("Mul", &[states, &gate], &[]);
        graph.apply("Mul", &[&gated, &shared.half], &[])
    }
}

fn transpose(numbers: &[f32], columns: usize) -> Vec<f32> {
    let columns = columns.max(1);
    let rows = numbers.len() / columns;
    let mut turned = Vec::with_capacity(numbers.len());
    for column in 0..columns {
        turned.extend((0..rows).map(|row| numbers[row * columns + column]));
    }
    turned
}

fn signed(shape: &[u64]) -> Vec<i64> {
    shape.iter().map(|side| side.cast_signed()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        assert_eq!(
            transpose(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3),
            [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]
        );
    }
}
