//! From byte offsets to line numbers.

use gyre_agent_wire::Span;

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Lines {
    line_feeds: Vec<usize>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self {
            line_feeds: text
                .bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .map(|(i, _)| i)
                .collect(),
        }
    }

    /// The line, from 1, that holds the byte at `offset`.
    pub(super) fn line(&self, offset: usize) -> u32 {
        let before = self.line_feeds.partition_point(|lf| *lf < offset);
        u32::try_from(before).unwrap_or(u32::MAX - 1) + 1
    }

    /// The lines of the bytes from `start` to before `end`.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span {
            start_line: self.line(start),
            end_line: self.line(end.saturating_sub(1).max(start)),
        }
    }
}
