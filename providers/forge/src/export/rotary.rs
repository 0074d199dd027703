//! The order of a head's rows.
//!
//! Training turns the first half of a head with its second, as Hugging Face's llama does; llama.cpp's `llama` turns
//! neighbours. So row `i` of the first half comes to `2 i`, and row `i` of the second to `2 i + 1`. Queries and keys are
//! ordered alike, and their products stay as they are.

/// The rows of `heads` heads, in the order of llama.cpp.
pub(super) fn interleaved(matrix: &[f32], heads: usize, columns: usize) -> Vec<f32> {
    let head_size = matrix.len() / columns / heads;
    let half = head_size / 2;
    let mut ordered = Vec::with_capacity(matrix.len());
    for head in matrix.chunks(head_size * columns) {
        for row in 0..half {
            for from in [row, row + half] {
                ordered.extend(&head[from * columns..(from + 1) * columns]);
            }
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::interleaved;

    #[test]
    fn halves_of_each_head_become_neighbours() {
        // Two heads of four rows, two columns; a number tells its row and column.
        let matrix: Vec<f32> = (0_u8..8)
            .flat_map(|row| [f32::from(row), f32::from(row) + 0.5])
            .collect();
        let rows: Vec<f32> = interleaved(&matrix, 2, 2).chunks(2).map(|row| row[0]).collect();
        assert_eq!(rows, [0.0, 2.0, 1.0, 3.0, 4.0, 6.0, 5.0, 7.0]);
        let columns: Vec<f32> = interleaved(&matrix, 2, 2)
            .chunks(2)
            .map(|row| row[1] - row[0])
            .collect();
        assert_eq!(columns, [0.5; 8]);
    }
}
