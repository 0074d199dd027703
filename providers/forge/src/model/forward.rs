//! From tokens to the residual stream after the last layer.

use super::activations::{Activations, Saved, Scratch, gather};
use super::attention::{self, Heads};
use super::parameters::LayerAt;
use super::rotary::{Rotary, Way};
use super::{Packed, Precision, Shape, Table, View, ViewMut, Write, norm, swiglu};

/// A model and what it reads.
#[derive(Clone, Copy)]
pub(crate) struct Pass<'a> {
    pub(crate) precision: Precision,
    pub(crate) shape: &'a Shape,
    pub(crate) table: &'a Table,
    pub(crate) values: &'a [f32],
    pub(crate) rotary: &'a Rotary,
    pub(crate) packed: &'a Packed,
    /// The rows whose residual stream is asked for, rising. After the last attention, only they are computed.
    pub(crate) asked: &'a [usize],
}

impl Pass<'_> {
    /// Tokens that are read.
    pub(crate) fn rows(&self) -> usize {
        self.packed.ids().len()
    }

    /// Rows that leave this layer's attention.
    pub(crate) fn rows_after(&self, index: usize) -> usize {
        if self.is_last(index) {
            self.asked.len()
        } else {
            self.rows()
        }
    }

    /// Whether it is the last layer, after whose attention only what is asked for is computed.
    pub(crate) fn is_last(&self, index: usize) -> bool {
        index + 1 == self.shape.layers
    }

    /// Leaves the residual stream of the rows that are asked for in the scratch, and in each layer what the way back
    /// needs.
    pub(crate) fn forward(&self, memory: &mut Activations) {
        let width = self.shape.width;
        let embedding = &self.values[self.table.embedding.clone()];
        let residual = memory.scratch.residual[..self.rows() * width].chunks_exact_mut(width);
        for (row, &id) in residual.zip(self.packed.ids()) {
            let at = id as usize * width;
            row.copy_from_slice(&embedding[at..at + width]);
        }
        for (index, saved) in memory.layers.iter_mut().enumerate() {
            let at = &self.table.layers[index];
            self.attention(at, saved, &mut memory.scratch);
            self.leave_attention(index, saved, &mut memory.scratch);
            self.feed_forward(index, saved, &mut memory.scratch);
        }
    }

    /// What each row sees of those before it.
    fn attention(&self, at: &LayerAt, saved: &mut Saved, scratch: &mut Scratch) {
        let (rows, width) = (self.rows(), self.shape.width);
        let input = &mut saved.input[..rows * width];
        input.copy_from_slice(&scratch.residual[..rows * width]);
        let normed = &mut scratch.normed[..rows * width];
        let gains = &self.values[at.attention_norm.clone()];
        let scales = &mut saved.input_scales[..rows];
        norm::forward(input, gains, self.shape.norm_epsilon, scales, normed);

        let wide = self.shape.qkv_width();
        let qkv = &mut saved.qkv[..rows * wide];
        let matrix = View::new(&self.values[at.qkv.clone()], wide, width);
        let target = ViewMut::new(qkv, rows, wide);
        self.precision.multiply(
            target,
            View::new(normed, rows, width),
            matrix.transposed(),
            Write::Replace,
        );
        self.rotary.turn(qkv, self.packed.places(), Way::Forward);

        let heads = Heads::of(self.shape, self.precision);
        let seen = &mut saved.seen[..rows * width];
        let log_sums = &mut saved.log_sums[..rows * heads.count];
        attention::forward(&heads, self.packed.starts(), qkv, seen, log_sums);
    }

    /// Adds what was seen to the residual stream; of the last layer, of the rows that are asked for only.
    fn leave_attention(&self, index: usize, saved: &mut Saved, scratch: &mut Scratch) {
        let width = self.shape.width;
        let rows = self.rows_after(index);
        let middle = &mut saved.middle[..rows * width];
        let seen = if self.is_last(index) {
            let seen = &mut scratch.gathered[..rows * width];
            gather(&saved.seen, self.asked, width, seen);
            gather(&saved.input, self.asked, width, middle);
            seen
        } else {
            middle.copy_from_slice(&saved.input[..rows * width]);
            &saved.seen[..rows * width]
        };
        let output = &self.values[self.table.layers[index].output.clone()];
        let matrix = View::new(output, width, width).transposed();
        self.precision.multiply(
            ViewMut::new(middle, rows, width),
            View::new(seen, rows, width),
            matrix,
            Write::Add,
        );
    }

    fn feed_forward(&self, index: usize, saved: &mut Saved, scratch: &mut Scratch) {
        let at = &self.table.layers[index];
        let (rows, width) = (self.rows_after(index), self.shape.width);
        let middle = &saved.middle[..rows * width];
        let normed = &mut scratch.normed[..rows * width];
        let gains = &self.values[at.feed_norm.clone()];
        let scales = &mut saved.middle_scales[..rows];
        norm::forward(middle, gains, self.shape.norm_epsilon, scales, normed);

        let inner = self.shape.feed_forward;
        let gate_up = &mut saved.gate_up[..rows * 2 * inner];
        let matrix = View::new(&self.values[at.gate_up.clone()], 2 * inner, width).transposed();
        let target = ViewMut::new(gate_up, rows, 2 * inner);
        self.precision
            .multiply(target, View::new(normed, rows, width), matrix, Write::Replace);
        let through = &mut scratch.through[..rows * inner];
        swiglu::forward(gate_up, inner, through);

        let residual = &mut scratch.residual[..rows * width];
        residual.copy_from_slice(middle);
        let matrix = View::new(&self.values[at.down.clone()], width, inner).transposed();
        let target = ViewMut::new(residual, rows, width);
        self.precision
            .multiply(target, View::new(through, rows, inner), matrix, Write::Add);
    }
}
