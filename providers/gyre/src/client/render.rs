//! What an answer looks like for people. Pure: values in, text out.

use crate::text::{one_line, printable};
use gyre_agent_wire::{Answer, Citation, Mode, Passages, RetrievalState, Span};
use std::fmt::Write as _;

/// One line a citation, after an empty line; nothing when there are none.
pub(crate) fn citations(citations: &[Citation]) -> String {
    let mut out = String::new();
    for citation in citations {
        let gap = if out.is_empty() { "\n" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{gap}[{}] {}",
            citation.mark,
            place(&citation.source, citation.span)
        );
    }
    out
}

/// Who answered, and how passages were found.
pub(crate) fn origin(answer: &Answer) -> String {
    let mut out = format!("model: {}", one_line(&answer.model));
    if let Some(state) = &answer.retrieval {
        let _ = write!(out, "; retrieval: {}", retrieval(state));
    }
    // `stop` is how an answer ends that is not cut short by a limit.
    if answer.finish_reason != "stop" {
        let _ = write!(out, "; ended by: {}", one_line(&answer.finish_reason));
    }
    out += &removed(answer.citations_removed);
    if let Some(session) = &answer.session {
        let _ = write!(out, "; session: {}", one_line(session));
    }
    out
}

/// Said when marks were taken out of the text, for their passages do not support them.
pub(crate) fn removed(citations: u32) -> String {
    match citations {
        0 => String::new(),
        1 => "; 1 citation removed".to_owned(),
        count => format!("; {count} citations removed"),
    }
}

/// `hybrid with <model>` or `lexical only: <reason>`.
pub(crate) fn retrieval(state: &RetrievalState) -> String {
    match (state.mode, &state.embedding_model, &state.reason) {
        (Mode::Hybrid, Some(model), _) => format!("hybrid with {}", one_line(model)),
        (Mode::Hybrid, None, _) => "hybrid".to_owned(),
        (Mode::Lexical, _, Some(reason)) => format!("lexical only: {}", one_line(reason)),
        (Mode::Lexical, _, None) => "lexical only".to_owned(),
    }
}

/// Passages, best first, each under where it is from.
pub(crate) fn passages(found: &Passages) -> String {
    let mut out = String::new();
    for (n, passage) in found.passages.iter().enumerate() {
        let gap = if n > 0 { "\n" } else { "" };
        let score = passage
            .score
            .map(|score| format!("  (score {score:.3})"))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "{gap}[{}] {}{score}",
            n + 1,
            place(&passage.source, passage.span)
        );
        for line in passage.text.lines() {
            let _ = writeln!(out, "    {}", printable(line));
        }
    }
    out
}

/// `file:first-last`.
pub(crate) fn place(source: &str, span: Span) -> String {
    let source = one_line(source);
    match (span.start_line, span.end_line) {
        (start, end) if start == end => format!("{source}:{start}"),
        (start, end) => format!("{source}:{start}-{end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gyre_agent_wire::{Passage, Usage};

    fn citation(mark: u32, start_line: u32, end_line: u32) -> Citation {
        Citation {
            mark,
            source: "docs/a.md".into(),
            span: Span { start_line, end_line },
            quote: "q".into(),
        }
    }

    fn state(mode: Mode, model: Option<&str>, reason: Option<&str>) -> RetrievalState {
        RetrievalState {
            mode,
            embedding_model: model.map(Into::into),
            reason: reason.map(Into::into),
        }
    }

    fn answer(finish_reason: &str, retrieval: Option<RetrievalState>) -> Answer {
        Answer {
            id: "r".into(),
            agent: "researcher".into(),
            session: None,
            output: "text".into(),
            citations: Vec::new(),
            citations_removed: 0,
            model: "gyre-extractive".into(),
            retrieval,
            usage: Usage::default(),
            finish_reason: finish_reason.into(),
        }
    }

    #[test]
    fn citations_name_their_lines() {
        assert_eq!(citations(&[]), "");
        let two = [citation(1, 12, 18), citation(2, 3, 3)];
        assert_eq!(citations(&two), "\n[1] docs/a.md:12-18\n[2] docs/a.md:3\n");
    }

    #[test]
    fn the_mode_of_retrieval_is_told_with_its_reason() {
        let cases = [
            (state(Mode::Hybrid, Some("m"), None), "hybrid with m"),
            (state(Mode::Hybrid, None, None), "hybrid"),
            (
                state(Mode::Lexical, None, Some("no model\nm")),
                "lexical only: no model m",
            ),
            (state(Mode::Lexical, None, None), "lexical only"),
        ];
        for (given, expected) in cases {
            assert_eq!(retrieval(&given), expected);
        }
    }

    #[test]
    fn every_answer_names_its_model() {
        let hybrid = || Some(state(Mode::Hybrid, Some("m"), None));
        assert_eq!(origin(&answer("stop", None)), "model: gyre-extractive");
        assert_eq!(
            origin(&answer("stop", hybrid())),
            "model: gyre-extractive; retrieval: hybrid with m"
        );
        assert_eq!(
            origin(&answer("length", None)),
            "model: gyre-extractive; ended by: length"
        );
        let mut remembered = answer("stop", None);
        (remembered.session, remembered.citations_removed) = (Some("s".into()), 2);
        assert_eq!(
            origin(&remembered),
            "model: gyre-extractive; 2 citations removed; session: s"
        );
        remembered.citations_removed = 1;
        assert!(origin(&remembered).contains("; 1 citation removed;"));
    }

    #[test]
    fn passages_are_numbered_and_steer_no_terminal() {
        let passage = |score| Passage {
            id: "1".into(),
            source: "a.md".into(),
            span: Span {
                start_line: 1,
                end_line: 2,
            },
            text: "one\n\u{1b}[2Jtwo".into(),
            score,
        };
        let found = Passages {
            passages: vec![passage(Some(0.5)), passage(None)],
            retrieval: state(Mode::Lexical, None, None),
        };
        let expected = "[1] a.md:1-2  (score 0.500)\n    one\n    \u{fffd}[2Jtwo\n\n[2] a.md:1-2\n    one\n    \u{fffd}[2Jtwo\n";
        assert_eq!(passages(&found), expected);
    }
}
