//! What leaves of a completion: text and calls, out of pieces of bytes.

use gyre_engine_ipc::{Delta, ToolCall};

use super::calls::{CallParser, Expected, Piece};
use super::ids;
use super::text::Text;

/// Turns pieces of bytes into deltas. Stop strings end the completion wherever they are written, in a call too.
pub(crate) struct Output {
    text: Text,
    /// `None` where there are no tools: then all is text.
    calls: Option<CallParser>,
    made: u32,
}

impl Output {
    pub(crate) fn new(stops: Vec<String>, expected: Option<Expected>) -> Self {
        Self {
            text: Text::new(stops),
            calls: expected.map(CallParser::new),
            made: 0,
        }
    }

    /// Control tokens that mark calls are wanted as text.
    pub(crate) fn wants_markers(&self) -> bool {
        self.calls.is_some()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.text.is_stopped()
    }

    /// Calls were made.
    pub(crate) fn has_calls(&self) -> bool {
        self.made > 0
    }

    /// Adds a piece and takes what is certain.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Vec<Delta> {
        let text = self.text.push(piece);
        let pieces = match &mut self.calls {
            Some(calls) => calls.push(&text),
            None => vec![Piece::Text(text)],
        };
        self.deltas(pieces)
    }

    /// Takes what is held back: nothing follows.
    pub(crate) fn finish(&mut self) -> Vec<Delta> {
        let text = self.text.finish();
        let pieces = match &mut self.calls {
            Some(calls) => {
                let mut pieces = calls.push(&text);
                pieces.extend(calls.finish());
                pieces
            }
            None => vec![Piece::Text(text)],
        };
        self.deltas(pieces)
    }

    fn deltas(&mut self, pieces: Vec<Piece>) -> Vec<Delta> {
        let mut deltas = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Text(text) if text.is_empty() => {}
                Piece::Text(text) => deltas.push(Delta::Text(text)),
                Piece::Call(call) => {
                    deltas.push(Delta::ToolCall(ToolCall {
                        index: self.made,
                        id: ids::new(),
                        name: call.name,
                        arguments: call.arguments,
                    }));
                    self.made += 1;
                }
            }
        }
        deltas
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::family::Family;
    use proptest::prelude::*;

    fn output(stops: &[&str], tools: bool) -> Output {
        let expected = tools.then(|| Expected {
            family: Family::Hermes,
            names: vec!["add".to_owned()],
        });
        Output::new(stops.iter().map(|stop| (*stop).to_owned()).collect(), expected)
    }

    const CALL: &[u8] =
        b"so <tool_call>{\"name\":\"add\"}</tool_call><tool_call>{\"name\":\"add\"}</tool_call>";

    #[test]
    fn calls_are_numbered_and_have_ids_of_their_own() {
        let mut output = output(&[], true);
        let mut deltas = output.push(CALL);
        deltas.extend(output.finish());
        let [Delta::Text(text), Delta::ToolCall(first), Delta::ToolCall(second)] = &deltas[..] else {
            panic!("{deltas:?}");
        };
        assert_eq!((text.as_str(), first.index, second.index), ("so", 0, 1));
        assert!(first.id != second.id, "{deltas:?}");
        assert!(output.has_calls() && !output.is_stopped());
    }

    #[test]
    fn without_tools_all_is_text() {
        let mut output = output(&[], false);
        let deltas = output.push(CALL);
        assert_eq!(deltas, [Delta::Text(String::from_utf8_lossy(CALL).into_owned())]);
        assert_eq!(output.finish(), []);
    }

    #[test]
    fn a_stop_string_within_a_call_leaves_its_beginning_as_text() {
        let mut output = output(&["\"add"], true);
        let mut deltas = output.push(CALL);
        deltas.extend(output.finish());
        let text: String = deltas
            .iter()
            .map(|delta| match delta {
                Delta::Text(text) => text.as_str(),
                _ => "",
            })
            .collect();
        assert_eq!(text, "so <tool_call>{\"name\":");
        assert!(output.is_stopped() && !output.has_calls());
    }

    /// Texts of parts of stop strings and of characters of several bytes.
    fn generated() -> impl Strategy<Value = (String, Vec<&'static str>)> {
        let part = prop::sample::select(vec![
            "a",
            "ab",
            "b",
            "END",
            "EN",
            "D",
            "\u{e4}",
            "\u{1f600}",
            "\n",
            "<tool_call>",
        ]);
        let stop = prop::sample::select(vec!["ab", "END", "\u{e4}b", "aab", "\u{1f600}", "b\n"]);
        let text = prop::collection::vec(part, 0..16).prop_map(|parts| parts.concat());
        (text, prop::collection::vec(stop, 0..4))
    }

    fn shown(output: &mut Output, pieces: &[&[u8]]) -> (String, bool) {
        let mut deltas: Vec<Delta> = pieces.iter().flat_map(|piece| output.push(piece)).collect();
        deltas.extend(output.finish());
        let text = deltas.iter().map(|delta| match delta {
            Delta::Text(text) => text.as_str(),
            other => panic!("no call is whole: {other:?}"),
        });
        (text.collect(), output.is_stopped())
    }

    proptest! {
        /// The pieces cut stop strings and characters; the whole is what a reader without pieces would cut.
        #[test]
        fn any_split_of_a_text_stops_at_the_same_place(
            (text, stops) in generated(),
            cuts in prop::collection::vec(0_usize..100, 0..12),
            tools: bool,
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect();
            let stop = stops.iter().filter_map(|stop| text.find(stop)).min();
            let (given, stopped) = shown(&mut output(&stops, tools), &pieces);
            prop_assert_eq!(given, &text[..stop.unwrap_or(text.len())]);
            prop_assert_eq!(stopped, stop.is_some());
        }
    }
}
