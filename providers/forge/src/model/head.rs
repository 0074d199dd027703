//! From the residual stream to losses, and back: in blocks of rows, so that no matrix of all logits is kept.

use super::activations::Activations;
use super::entropy::entropy;
use super::forward::Pass;
use super::norm::{self, Normed};
use super::{View, ViewMut, Write};

/// Rows whose logits are made at once.
const BLOCK_ROWS: usize = 512;

impl Pass<'_> {
    /// Norms the residual stream that [`Pass::forward`] left.
    fn last_norm(&self, memory: &mut Activations) {
        let (rows, width) = (self.asked.len(), self.shape.width);
        let scratch = &mut memory.scratch;
        norm::forward(
            &scratch.residual[..rows * width],
            &self.values[self.table.norm.clone()],
            self.shape.norm_epsilon,
            &mut scratch.scales[..rows],
            &mut scratch.normed[..rows * width],
        );
    }

    fn block_logits(&self, normed: &[f32], rows: usize, logits: &mut Vec<f32>) {
        let (width, vocabulary) = (self.shape.width, self.shape.vocabulary);
        logits.resize(rows * vocabulary, 0.0);
        let embedding = View::new(&self.values[self.table.embedding.clone()], vocabulary, width);
        let target = ViewMut::new(logits, rows, vocabulary);
        self.precision.multiply(
            target,
            View::new(normed, rows, width),
            embedding.transposed(),
            Write::Replace,
        );
    }

    /// The logits of the rows that are asked for.
    pub(crate) fn logits(&self, memory: &mut Activations) -> Vec<f32> {
        let (rows, width) = (self.asked.len(), self.shape.width);
        self.forward(memory);
        self.last_norm(memory);
        let mut logits = Vec::new();
        self.block_logits(&memory.scratch.normed[..rows * width], rows, &mut logits);
        logits
    }

    /// The sum of the losses of what is to be foreseen; `right` names it for each row that is asked for.
    pub(crate) fn losses(&self, memory: &mut Activations, right: &[u32]) -> f64 {
        let width = self.shape.width;
        self.forward(memory);
        self.last_norm(memory);
        let (mut logits, mut losses) = (Vec::new(), vec![0.0; right.len()]);
        let normed = &memory.scratch.normed[..right.len() * width];
        let blocks = normed.chunks(BLOCK_ROWS * width).zip(right.chunks(BLOCK_ROWS));
        for ((normed, right), losses) in blocks.zip(losses.chunks_mut(BLOCK_ROWS)) {
            self.block_logits(normed, right.len(), &mut logits);
            entropy(&mut logits, right, None, losses);
        }
        losses.iter().map(|&loss| f64::from(loss)).sum()
    }

    /// As [`Pass::losses`]; leaves the gradient of `share` times their sum, with respect to the residual stream, in its
    /// place, and adds those of the embedding and the last norm.
    pub(crate) fn losses_and_back(
        &self,
        memory: &mut Activations,
        right: &[u32],
        share: f32,
        gradients: &mut [f32],
    ) -> f64 {
        let (rows, width, vocabulary) = (right.len(), self.shape.width, self.shape.vocabulary);
        self.forward(memory);
        self.last_norm(memory);
        let scratch = &mut memory.scratch;
        let embedding = View::new(&self.values[self.table.embedding.clone()], vocabulary, width);
        let (mut logits, mut losses) = (Vec::new(), vec![0.0; rows]);
        let blocks = scratch.normed[..rows * width].chunks(BLOCK_ROWS * width);
        let blocks = blocks.zip(scratch.d_normed[..rows * width].chunks_mut(BLOCK_ROWS * width));
        let told = right.chunks(BLOCK_ROWS).zip(losses.chunks_mut(BLOCK_ROWS));
        for ((normed, d_normed), (right, losses)) in blocks.zip(told) {
            let rows = right.len();
            self.block_logits(normed, rows, &mut logits);
            entropy(&mut logits, right, Some(share), losses);
            let d_logits = View::new(&logits, rows, vocabulary);
            self.precision.multiply(
                ViewMut::new(d_normed, rows, width),
                d_logits,
                embedding,
                Write::Replace,
            );
            let d_embedding = &mut gradients[self.table.embedding.clone()];
            let target = ViewMut::new(d_embedding, vocabulary, width);
            self.precision.multiply(
                target,
                d_logits.transposed(),
                View::new(normed, rows, width),
                Write::Add,
            );
        }
        // The stream itself is needed for its norm's gradient, which takes its place only then.
        let stream = &mut scratch.gathered[..rows * width];
        stream.copy_from_slice(&scratch.residual[..rows * width]);
        let normed = Normed {
            rows: stream,
            gains: &self.values[self.table.norm.clone()],
            scales: &scratch.scales[..rows],
        };
        let d_stream = &mut scratch.residual[..rows * width];
        d_stream.fill(0.0);
        let given = &scratch.d_normed[..rows * width];
        norm::backward(normed, given, d_stream, &mut gradients[self.table.norm.clone()]);
        losses.iter().map(|&loss| f64::from(loss)).sum()
    }
}
