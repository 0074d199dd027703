//! From the gradient of the residual stream back to those of all weights.

use super::activations::{Activations, Saved, Scratch, gather, scatter};
use super::attention::{self, Heads, Seen};
use super::forward::Pass;
use super::norm::{self, Normed};
use super::rotary::Way;
use super::{View, ViewMut, Write, swiglu};
use std::ops::Range;

impl Pass<'_> {
    /// Adds to the gradients of all layers and of the embedding. The scratch's residual stream holds the gradient of
    /// that of the rows that were asked for.
    pub(crate) fn backward(&self, memory: &mut Activations, gradients: &mut [f32]) {
        for (index, saved) in memory.layers.iter_mut().enumerate().rev() {
            self.feed_forward_back(index, saved, &mut memory.scratch, gradients);
            self.leave_attention_back(index, saved, &mut memory.scratch, gradients);
            self.attention_back(index, saved, &mut memory.scratch, gradients);
        }
        let width = self.shape.width;
        let d_embedding = &mut gradients[self.table.embedding.clone()];
        let rows = memory.scratch.residual.chunks_exact(width);
        for (row, &id) in rows.zip(self.packed.ids()) {
            let at = id as usize * width;
            for (total, value) in d_embedding[at..at + width].iter_mut().zip(row) {
                *total += value;
            }
        }
    }

    /// Adds `given` (transposed) times `input` to the gradient of a matrix.
    fn add_matrix(&self, gradients: &mut [f32], at: &Range<usize>, given: View<'_>, input: (&[f32], usize)) {
        let (input, columns) = input;
        let rows = at.len() / columns;
        let input = View::new(input, input.len() / columns, columns);
        let target = ViewMut::new(&mut gradients[at.clone()], rows, columns);
        self.precision
            .multiply(target, given.transposed(), input, Write::Add);
    }

    fn feed_forward_back(
        &self,
        index: usize,
        saved: &mut Saved,
        scratch: &mut Scratch,
        gradients: &mut [f32],
    ) {
        let at = &self.table.layers[index];
        let (width, inner) = (self.shape.width, self.shape.feed_forward);
        let rows = self.rows_after(index);
        let d_residual = &mut scratch.residual[..rows * width];
        let given = View::new(d_residual, rows, width);

        let d_through = &mut scratch.d_through[..rows * inner];
        let down = View::new(&self.values[at.down.clone()], width, inner);
        self.precision
            .multiply(ViewMut::new(d_through, rows, inner), given, down, Write::Replace);
        let gate_up = &mut saved.gate_up[..rows * 2 * inner];
        let through = &mut scratch.through[..rows * inner];
        swiglu::backward(gate_up, inner, d_through, through);
        self.add_matrix(gradients, &at.down, given, (&*through, inner));

        let middle = Normed {
            rows: &saved.middle[..rows * width],
            gains: &self.values[at.feed_norm.clone()],
            scales: &saved.middle_scales[..rows],
        };
        let normed = &mut scratch.normed[..rows * width];
        norm::again(middle, normed);
        let d_gate_up = View::new(gate_up, rows, 2 * inner);
        self.add_matrix(gradients, &at.gate_up, d_gate_up, (&*normed, width));
        let d_normed = &mut scratch.d_normed[..rows * width];
        let matrix = View::new(&self.values[at.gate_up.clone()], 2 * inner, width);
        self.precision.multiply(
            ViewMut::new(d_normed, rows, width),
            d_gate_up,
            matrix,
            Write::Replace,
        );
        norm::backward(middle, d_normed, d_residual, &mut gradients[at.feed_norm.clone()]);
    }

    /// Makes the gradient of what was seen, of all rows, and that of the residual stream of all rows.
    fn leave_attention_back(
        &self,
        index: usize,
        saved: &Saved,
        scratch: &mut Scratch,
        gradients: &mut [f32],
    ) {
        let width = self.shape.width;
        let rows = self.rows_after(index);
        let output = &self.table.layers[index].output;
        let matrix = View::new(&self.values[output.clone()], width, width);
        let given = View::new(&scratch.residual, rows, width);
        if !self.is_last(index) {
            self.add_matrix(gradients, output, given, (&saved.seen[..rows * width], width));
            let d_seen = &mut scratch.d_seen[..rows * width];
            return self
                .precision
                .multiply(ViewMut::new(d_seen, rows, width), given, matrix, Write::Replace);
        }
        let seen = &mut scratch.gathered[..rows * width];
        gather(&saved.seen, self.asked, width, seen);
        self.add_matrix(gradients, output, given, (&*seen, width));
        self.precision
            .multiply(ViewMut::new(seen, rows, width), given, matrix, Write::Replace);
        let all = self.rows() * width;
        scatter(seen, self.asked, width, &mut scratch.d_seen[..all]);
        seen.copy_from_slice(&scratch.residual[..rows * width]);
        scatter(seen, self.asked, width, &mut scratch.residual[..all]);
    }

    fn attention_back(&self, index: usize, saved: &Saved, scratch: &mut Scratch, gradients: &mut [f32]) {
        let at = &self.table.layers[index];
        let (rows, width, wide) = (self.rows(), self.shape.width, self.shape.qkv_width());
        let heads = Heads::of(self.shape, self.precision);
        let seen = Seen {
            qkv: &saved.qkv[..rows * wide],
            made: &saved.seen[..rows * width],
            log_sums: &saved.log_sums[..rows * heads.count],
            d_made: &scratch.d_seen[..rows * width],
        };
        let d_qkv = &mut scratch.d_qkv[..rows * wide];
        attention::backward(&heads, self.packed.starts(), seen, d_qkv);
        self.rotary.turn(d_qkv, self.packed.places(), Way::Backward);

        let input = Normed {
            rows: &saved.input[..rows * width],
            gains: &self.values[at.attention_norm.clone()],
            scales: &saved.input_scales[..rows],
        };
        let normed = &mut scratch.normed[..rows * width];
        norm::again(input, normed);
        let given = View::new(d_qkv, rows, wide);
        self.add_matrix(gradients, &at.qkv, given, (&*normed, width));
        let d_normed = &mut scratch.d_normed[..rows * width];
        let matrix = View::new(&self.values[at.qkv.clone()], wide, width);
        self.precision
            .multiply(ViewMut::new(d_normed, rows, width), given, matrix, Write::Replace);
        let d_residual = &mut scratch.residual[..rows * width];
        norm::backward(
            input,
            d_normed,
            d_residual,
            &mut gradients[at.attention_norm.clone()],
        );
    }
}
