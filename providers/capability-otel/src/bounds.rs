//! How much a guest may say.

/// Spans a sandbox may have started and not ended.
pub(crate) const SPANS_OPEN_MAX: usize = 128;
/// Attributes of a span, an event, a link, a data point, a scope or a resource.
pub(crate) const ATTRIBUTES_MAX: usize = 128;
/// Events of a span, and links of a span.
pub(crate) const EVENTS_MAX: usize = 128;
/// Bytes of a name or of an attribute's key.
pub(crate) const NAME_BYTES_MAX: usize = 256;
/// Bytes of an attribute's value and of other texts.
pub(crate) const TEXT_BYTES_MAX: usize = 4 * 1024;
/// Bytes of one span, one log record or one export of metrics; a larger one is dropped.
pub(crate) const RECORD_BYTES_MAX: usize = 256 * 1024;
/// Bytes that wait to be sent; what comes when they are full is dropped.
pub(crate) const QUEUE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The beginning of a text that fits, cut between characters.
pub(crate) fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        let end = (0..=bytes_max)
            .rev()
            .find(|&end| text.is_char_boundary(end))
            .unwrap_or(0);
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn texts_are_cut_between_characters() {
        for (text, bytes_max, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "abc"),
            ("aäb", 2, "a"),
            ("", 0, ""),
            ("ä", 1, ""),
        ] {
            assert_eq!(cut(text.to_owned(), bytes_max), expected);
        }
    }
}
