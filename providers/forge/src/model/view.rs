//! Matrices that lie in slices.

/// A matrix in a slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(super) data: &'a [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) row_stride: usize,
    pub(super) column_stride: usize,
}

/// A matrix in a slice that is written, row by row.
#[derive(Debug)]
pub(crate) struct ViewMut<'a> {
    pub(super) data: &'a mut [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) row_stride: usize,
}

/// Numbers from the first of a matrix to its last.
fn needed(rows: usize, columns: usize, row_stride: usize) -> usize {
    if rows == 0 || columns == 0 {
        return 0;
    }
    (rows - 1) * row_stride + columns
}

impl<'a> View<'a> {
    /// Rows one after another.
    pub(crate) fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// Rows that begin `row_stride` numbers apart.
    pub(crate) fn strided(data: &'a [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        assert!(
            needed(rows, columns, row_stride) <= data.len(),
            "{rows} rows of {columns} numbers, {row_stride} apart, are not within {}",
            data.len()
        );
        Self {
            data,
            rows,
            columns,
            row_stride,
            column_stride: 1,
        }
    }

    /// Its rows as columns.
    pub(crate) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn at(&self, row: usize, column: usize) -> f32 {
        self.data[row * self.row_stride + column * self.column_stride]
    }

    /// Whether the numbers of a row lie side by side; if not, those of a column do.
    pub(super) fn rows_are_whole(&self) -> bool {
        self.column_stride == 1
    }

    /// The numbers of a row, where they lie side by side.
    pub(super) fn row(&self, row: usize) -> &'a [f32] {
        assert_eq!(self.column_stride, 1, "the numbers of this row lie apart");
        &self.data[row * self.row_stride..][..self.columns]
    }

    /// The numbers of a column, where they lie side by side.
    pub(super) fn column(&self, column: usize) -> &'a [f32] {
        assert_eq!(self.row_stride, 1, "the numbers of this column lie apart");
        &self.data[column * self.column_stride..][..self.rows]
    }

    pub(super) fn some_rows(self, first: usize, rows: usize) -> Self {
        assert!(first + rows <= self.rows);
        Self {
            data: &self.data[first * self.row_stride..],
            rows,
            ..self
        }
    }

    pub(super) fn some_columns(self, first: usize, columns: usize) -> Self {
        self.transposed().some_rows(first, columns).transposed()
    }
}

impl<'a> ViewMut<'a> {
    /// Rows one after another.
    pub(crate) fn new(data: &'a mut [f32], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// Rows that begin `row_stride` numbers apart.
    pub(crate) fn strided(data: &'a mut [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        assert!(
            needed(rows, columns, row_stride) <= data.len() && columns <= row_stride,
            "{rows} rows of {columns} numbers, {row_stride} apart, are not within {}",
            data.len()
        );
        Self {
            data,
            rows,
            columns,
            row_stride,
        }
    }

    /// All numbers from the first to the last, gaps between rows included.
    pub(super) fn numbers(self) -> &'a mut [f32] {
        &mut self.data[..needed(self.rows, self.columns, self.row_stride)]
    }

    /// Some numbers of a row.
    pub(super) fn part(&mut self, row: usize, first: usize, count: usize) -> &mut [f32] {
        &mut self.data[row * self.row_stride + first..][..count]
    }
}

#[cfg(test)]
mod tests {
    use super::View;

    #[test]
    #[should_panic(expected = "are not within")]
    fn a_view_beyond_its_slice_is_refused() {
        View::new(&[0.0; 5], 2, 3);
    }
}
