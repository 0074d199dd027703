//! From pieces of bytes to text: characters are never cut, stop strings never shown.

/// Holds back what may still become a character or a stop string.
pub(crate) struct Text {
    stops: Vec<String>,
    bytes: Vec<u8>,
    held: String,
    stopped: bool,
}

impl Text {
    pub(crate) fn new(stops: Vec<String>) -> Self {
        Self {
            stops,
            bytes: Vec::new(),
            held: String::new(),
            stopped: false,
        }
    }

    /// A stop string was met: nothing more comes.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Adds a piece and takes the text that is certain.
    pub(crate) fn push(&mut self, piece: &[u8]) -> String {
        if self.stopped {
            return String::new();
        }
        self.bytes.extend_from_slice(piece);
        self.decode(false);
        self.take_certain()
    }

    /// Takes what is held back: nothing follows.
    pub(crate) fn finish(&mut self) -> String {
        if self.stopped {
            return String::new();
        }
        self.decode(true);
        let certain = self.take_certain();
        if self.stopped {
            certain
        } else {
            certain + &std::mem::take(&mut self.held)
        }
    }

    /// Moves whole characters from `bytes` to `held`; a wrong byte becomes U+FFFD.
    fn decode(&mut self, last: bool) {
        let mut rest = self.bytes.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.held.push_str(text);
                    rest = &[];
                    break;
                }
                Err(error) => {
                    let (whole, cut) = rest.split_at(error.valid_up_to());
                    self.held.push_str(&String::from_utf8_lossy(whole));
                    match error.error_len() {
                        Some(wrong) => rest = &cut[wrong..],
                        None if last => rest = &[],
                        None => {
                            rest = cut;
                            break;
                        }
                    }
                    self.held.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
        self.bytes = rest.to_vec();
    }

    fn take_certain(&mut self) -> String {
        let stop = self
            .stops
            .iter()
            .filter_map(|stop| self.held.find(stop.as_str()))
            .min();
        if let Some(at) = stop {
            self.stopped = true;
            self.held.truncate(at);
            return std::mem::take(&mut self.held);
        }
        let certain = self.held.len() - self.uncertain_bytes();
        let rest = self.held.split_off(certain);
        std::mem::replace(&mut self.held, rest)
    }

    /// Length of the longest end of `held` that begins a stop string.
    fn uncertain_bytes(&self) -> usize {
        let begins = |stop: &String| {
            let longest = stop.len().saturating_sub(1).min(self.held.len());
            (1..=longest)
                .rev()
                .find(|length| self.held.as_bytes().ends_with(&stop.as_bytes()[..*length]))
        };
        self.stops
            .iter()
            .filter_map(begins)
            // An end that cuts a character of `held` cannot be: both are UTF-8.
            .filter(|length| self.held.is_char_boundary(self.held.len() - length))
            .max()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stops: &[&str], pieces: &[&[u8]], expected: &[&str]) {
        let mut text = Text::new(stops.iter().map(|stop| (*stop).to_owned()).collect());
        let mut given: Vec<String> = pieces.iter().map(|piece| text.push(piece)).collect();
        given.push(text.finish());
        assert_eq!(given, expected, "{stops:?} {pieces:?}");
    }

    #[test]
    fn characters_are_never_cut() {
        check(&[], &[b"a\xc3", b"\xa4b"], &["a", "\u{e4}b", ""]);
        check(&[], &[b"\xf0\x9f", b"\x98", b"\x80"], &["", "", "\u{1f600}", ""]);
    }

    #[test]
    fn wrong_bytes_are_shown_as_such() {
        check(&[], &[b"a\xffb"], &["a\u{fffd}b", ""]);
        check(&[], &[b"a\xc3"], &["a", "\u{fffd}"]);
        check(&[], &[b"\xc3", b"a"], &["", "\u{fffd}a", ""]);
    }

    #[test]
    fn stop_strings_are_never_shown() {
        check(&["END"], &[b"one E", b"ND two"], &["one ", "", ""]);
        check(&["END"], &[b"one E", b"N", b"x"], &["one ", "", "ENx", ""]);
        check(&["END"], &[b"one EN"], &["one ", "EN"]);
        check(&["b", "ab"], &[b"a", b"b"], &["", "", ""]);
        check(&["\u{e4}!"], &[b"x\xc3", b"\xa4", b"!y"], &["x", "", "", ""]);
    }
}
