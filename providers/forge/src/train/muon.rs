//! Muon: a matrix moves along its momentum made orthogonal, so that no direction outweighs the others.

use super::chunks::Part;
use crate::model::{Precision, View, ViewMut, Write};

const MOMENTUM: f32 = 0.95;
const ROUNDS: usize = 5;
/// Of the polynomial that a round applies to the singular values; five rounds bring them near 1 (Jordan et al. 2024).
const POLYNOMIAL: (f32, f32, f32) = (3.4445, -4.7750, 2.0315);
/// Makes a step as long as AdamW's usually is (Liu et al. 2025).
const ADAM_LENGTH: f32 = 0.2;

/// How a matrix is moved.
#[derive(Clone, Copy)]
pub(super) struct Muon {
    pub(super) rate: f32,
    pub(super) decay: f32,
    pub(super) clip: f32,
    pub(super) precision: Precision,
}

/// Moves a matrix.
pub(super) fn apply(part: Part<'_>, how: Muon) {
    let ahead = part
        .first
        .iter_mut()
        .zip(part.gradient)
        .map(|(momentum, &gradient)| {
            let gradient = gradient * how.clip;
            *momentum = MOMENTUM * *momentum + gradient;
            MOMENTUM * *momentum + gradient
        });
    let ahead: Vec<f32> = ahead.collect();
    // The smaller side is the one whose products are made.
    let turned = part.rows > part.columns;
    let (rows, columns) = if turned {
        (part.columns, part.rows)
    } else {
        (part.rows, part.columns)
    };
    let ahead = if turned {
        transpose(&ahead, columns, rows)
    } else {
        ahead
    };
    let step = orthogonal(ahead, (rows, columns), how.precision);
    let step = if turned {
        transpose(&step, rows, columns)
    } else {
        step
    };
    let kept = 1.0 - how.rate * how.decay;
    let scale = how.rate * ADAM_LENGTH * (columns as f32).sqrt();
    for (weight, step) in part.weights.iter_mut().zip(step) {
        *weight = kept * *weight - scale * step;
    }
}

/// A matrix with the same directions whose singular values are all near 1; it has no more rows than columns.
fn orthogonal(mut matrix: Vec<f32>, (rows, columns): (usize, usize), precision: Precision) -> Vec<f32> {
    let squares: f64 = matrix.iter().map(|&value| f64::from(value).powi(2)).sum();
    let divisor = (squares.sqrt() + 1e-7) as f32;
    matrix.iter_mut().for_each(|value| *value /= divisor);
    let (first, third, fifth) = POLYNOMIAL;
    let (mut square, mut fourth) = (vec![0.0; rows * rows], vec![0.0; rows * rows]);
    let mut next = vec![0.0; rows * columns];
    for _ in 0..ROUNDS {
        let here = View::new(&matrix, rows, columns);
        let target = ViewMut::new(&mut square, rows, rows);
        precision.multiply_here(target, here, here.transposed(), Write::Replace);
        let of_square = View::new(&square, rows, rows);
        precision.multiply_here(
            ViewMut::new(&mut fourth, rows, rows),
            of_square,
            of_square,
            Write::Replace,
        );
        for (fourth, square) in fourth.iter_mut().zip(&square) {
            *fourth = third * square + fifth * *fourth;
        }
        for (next, value) in next.iter_mut().zip(&matrix) {
            *next = first * value;
        }
        let target = ViewMut::new(&mut next, rows, columns);
        precision.multiply_here(target, View::new(&fourth, rows, rows), here, Write::Add);
        std::mem::swap(&mut matrix, &mut next);
    }
    matrix
}

fn transpose(of: &[f32], columns: usize, rows: usize) -> Vec<f32> {
    let mut made = Vec::with_capacity(of.len());
    for row in 0..rows {
        made.extend((0..columns).map(|column| of[column * rows + row]));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::{orthogonal, transpose};
    use crate::model::{Precision, View, ViewMut, Write};

    #[test]
    fn rows_become_nearly_orthogonal() {
        let (rows, columns) = (12, 30);
        let matrix: Vec<f32> = (0..rows * columns)
            .map(|at| ((at * at * 7 + at * 3) % 89) as f32 / 44.0 - 1.0)
            .collect();
        let made = orthogonal(matrix, (rows, columns), Precision::F32);
        let view = View::new(&made, rows, columns);
        let mut square = vec![0.0; rows * rows];
        Precision::F32.multiply_here(
            ViewMut::new(&mut square, rows, rows),
            view,
            view.transposed(),
            Write::Replace,
        );
        for (at, value) in square.iter().enumerate() {
            let right = if at % (rows + 1) == 0 { 1.0 } else { 0.0 };
            assert!((value - right).abs() < 0.5, "at {at} it is {value}");
        }
    }

    #[test]
    fn a_transpose_of_a_transpose_is_the_matrix() {
        let matrix: Vec<f32> = (0..6).map(|at| at as f32).collect();
        let turned = transpose(&matrix, 2, 3);
        assert_eq!(turned, [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(transpose(&turned, 3, 2), matrix);
    }
}
