//! Whole lines out of pieces of output.

const LINE_BYTES_MAX: usize = 8 * 1024;
const CUT: &str = " … (cut)";

/// The line that is not whole yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    line: Vec<u8>,
    is_cut: bool,
}

impl Lines {
    /// Takes a piece, and gives every line that it ends.
    pub(super) fn push(&mut self, piece: &[u8], mut take: impl FnMut(&str)) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match part.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (part, false),
            };
            let room = LINE_BYTES_MAX - self.line.len();
            self.is_cut |= text.len() > room;
            self.line.extend_from_slice(&text[..text.len().min(room)]);
            if ends {
                self.end(&mut take);
            }
        }
    }

    /// Gives what is left when nothing more comes.
    pub(super) fn finish(&mut self, mut take: impl FnMut(&str)) {
        if !self.line.is_empty() {
            self.end(&mut take);
        }
    }

    fn end(&mut self, take: &mut impl FnMut(&str)) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        // What moves the cursor of a terminal has no place in a log.
        let mut text: String = String::from_utf8_lossy(line)
            .chars()
            .map(|it| {
                if it.is_control() && it != '\t' {
                    char::REPLACEMENT_CHARACTER
                } else {
                    it
                }
            })
            .collect();
        if self.is_cut {
            text.push_str(CUT);
        }
        take(&text);
        self.line.clear();
        self.is_cut = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.push(piece, |line| found.push(line.to_owned()));
        }
        lines.finish(|line| found.push(line.to_owned()));
        found
    }

    #[test]
    fn pieces_become_lines() {
        for (pieces, expected) in [
            ([b"a\nb\n".as_slice()].as_slice(), ["a", "b"].as_slice()),
            (&[b"a", b"b\nc"], &["ab", "c"]),
            (&[b"a\r\n", b"\n", b"\n"], &["a", "", ""]),
            (&[b"\x1b[31mred"], &["\u{fffd}[31mred"]),
            (&[b"\xff\tx"], &["\u{fffd}\tx"]),
            (&[b""], &[]),
        ] {
            assert_eq!(lines(pieces), expected, "{pieces:?}");
        }
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        let long = vec![b'x'; LINE_BYTES_MAX + 1];
        let found = lines(&[&long, b"y\nnext\n"]);
        assert_eq!(found[0], format!("{}{CUT}", "x".repeat(LINE_BYTES_MAX)));
        assert_eq!(found[1..], ["next"]);
    }
}
