//! Tables for people: aligned columns, the last one cut at the terminal's edge.

use crate::text::one_line;
use console::{Term, measure_text_width, pad_str, truncate_str};

/// Between two columns.
const GAP: &str = "  ";
/// The last column gets this much where the terminal is narrower.
const LAST_WIDTH_MIN: usize = 16;

/// Rows under headings.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of these columns.
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self {
            rows: vec![headings.iter().map(ToString::to_string).collect()],
        }
    }

    /// Adds a row; each cell is brought to one line.
    pub(crate) fn row(&mut self, cells: &[&str]) {
        self.rows.push(cells.iter().map(|cell| one_line(cell)).collect());
    }

    /// The text; on a terminal no line is wider than it is. Without rows there is none.
    pub(crate) fn render(&self) -> String {
        self.render_to(terminal_width())
    }

    fn render_to(&self, width: Option<usize>) -> String {
        if self.rows.len() < 2 {
            return String::new();
        }
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width_of = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| measure_text_width(cell)).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width_of).collect();
        let before: usize = widths.iter().rev().skip(1).map(|width| width + GAP.len()).sum();
        let last = width.map(|width| width.saturating_sub(before).max(LAST_WIDTH_MIN));
        self.rows.iter().map(|row| line(row, &widths, last)).collect()
    }
}

fn line(row: &[String], widths: &[usize], last: Option<usize>) -> String {
    let mut out = String::new();
    for (n, (cell, width)) in row.iter().zip(widths).enumerate() {
        if n + 1 < widths.len() {
            out += &pad_str(cell, *width, console::Alignment::Left, None);
            out += GAP;
        } else {
            out += &last.map_or(cell.into(), |last| truncate_str(cell, last, "…"));
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Columns of the terminal that stdout is; none when it is a file or a pipe.
pub(crate) fn terminal_width() -> Option<usize> {
    let term = Term::stdout();
    let (_, columns) = term.is_term().then(|| term.size_checked()).flatten()?;
    Some(usize::from(columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_the_last_is_cut() {
        let mut table = Table::new(&["ID", "SAYS"]);
        assert_eq!(table.render_to(None), "", "no rows, no headings");
        table.row(&["語", "a text that is\nrather long"]);
        table.row(&["abc", ""]);
        let whole = "ID   SAYS\n語   a text that is rather long\nabc\n";
        assert_eq!(table.render_to(None), whole);
        assert_eq!(table.render_to(Some(200)), whole);
        let cut = "ID   SAYS\n語   a text that is …\nabc\n";
        for narrow in [0, 5, 21] {
            assert_eq!(table.render_to(Some(narrow)), cut, "{narrow}");
        }
    }
}
