//! W3C trace context: which span a piece of work belongs to, as the header `traceparent` says it.

use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use std::fmt::Write as _;

const SAMPLED: u8 = 1;

/// A span's place in its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: [u8; 16],
    /// The span.
    pub span_id: [u8; 8],
    /// Whether the trace is recorded.
    pub sampled: bool,
}

impl TraceContext {
    /// The first span of a new trace.
    #[must_use]
    pub fn root() -> Self {
        Self {
            trace_id: RandomIdGenerator::default().new_trace_id().to_bytes(),
            span_id: RandomIdGenerator::default().new_span_id().to_bytes(),
            sampled: true,
        }
    }

    /// A span below this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span_id: RandomIdGenerator::default().new_span_id().to_bytes(),
            ..*self
        }
    }

    /// Reads a `traceparent`; nothing when it is malformed, which a new trace follows from.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = hex::<1>(parts.next()?)?[0];
        let trace_id = hex(parts.next()?)?;
        let span_id = hex(parts.next()?)?;
        let flags = hex::<1>(parts.next()?)?[0];
        // Later versions may append fields; this one has none.
        let whole = version != 0xff && (version != 0 || parts.next().is_none());
        Self::new(trace_id, span_id, flags & SAMPLED != 0).filter(|_| whole)
    }

    /// A context, unless an id is the invalid one.
    pub(crate) fn new(trace_id: [u8; 16], span_id: [u8; 8], sampled: bool) -> Option<Self> {
        (trace_id != [0; 16] && span_id != [0; 8]).then_some(Self {
            trace_id,
            span_id,
            sampled,
        })
    }

    /// As the header `traceparent`.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!(
            "00-{}-{}-{:02x}",
            to_hex(&self.trace_id),
            to_hex(&self.span_id),
            u8::from(self.sampled)
        )
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Exactly so many bytes, of lower-case hexadecimal digits.
pub(crate) fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    if text.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_is_read_and_written() {
        let context = TraceContext::parse(GOOD).expect("a context");
        assert_eq!(context.traceparent(), GOOD);
        assert!(context.sampled);
        let child = context.child();
        assert_eq!(child.trace_id, context.trace_id);
        assert_ne!(child.span_id, context.span_id);
        assert_ne!(TraceContext::root().trace_id, TraceContext::root().trace_id);
    }

    #[test]
    fn what_is_malformed_is_no_context() {
        for (bad, why) in [
            ("", "empty"),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "no flags"),
            (&GOOD.to_uppercase(), "upper case"),
            (&format!("{GOOD}-x"), "more fields than version 0 has"),
            (&GOOD.replacen("00", "ff", 1), "the version that is none"),
            (
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "no trace",
            ),
            (
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "no span",
            ),
            (
                "00-0af7651916cd43dd8448eb211c8031ä-b7ad6b7169203331-01",
                "no digit",
            ),
        ] {
            assert_eq!(TraceContext::parse(bad), None, "{why}");
        }
        assert!(TraceContext::parse(&format!("{}-more", GOOD.replacen("00", "01", 1))).is_some());
        assert!(
            !TraceContext::parse(&GOOD.replace("-01", "-00"))
                .expect("a context")
                .sampled
        );
    }
}
