//! Calls of tools on one line each, for people who watch an answer come.

use crate::text::one_line;
use console::{Term, style, truncate_str};
use gyre_agent_wire::Event;

/// Longest note where stderr is no terminal, or a wide one.
const WIDTH_MAX: usize = 200;
/// Content that is looked at: what follows would not be shown.
const CONTENT_CHARS_MAX: usize = 4 * WIDTH_MAX;

/// `→ name {arguments}` or `← result`; none for an event that is no call.
pub(super) fn of(event: &Event) -> Option<String> {
    let line = match event {
        Event::ToolCall { name, arguments, .. } => format!("→ {name} {arguments}"),
        Event::ToolResult {
            name,
            is_error: true,
            content,
            ..
        } => match content {
            Some(content) => format!("✗ {name} failed: {}", beginning(content)),
            None => format!("✗ {name} failed; the answer is made without it"),
        },
        Event::ToolResult {
            passages: Some(passages),
            ..
        } => match passages.len() {
            1 => "← 1 passage".to_owned(),
            count => format!("← {count} passages"),
        },
        Event::ToolResult { content, .. } => {
            format!("← {}", beginning(content.as_deref().unwrap_or("nothing")))
        }
        _ => return None,
    };
    Some(clip(&line))
}

/// One line, and not a long one.
pub(super) fn clip(text: &str) -> String {
    truncate_str(&one_line(&beginning(text)), WIDTH_MAX, "…").into_owned()
}

/// Tells a note on stderr: dim on a terminal and within its width, and an error in red.
pub(super) fn tell(event: &Event) {
    let Some(line) = of(event) else { return };
    let term = Term::stderr();
    let size = term.is_term().then(|| term.size_checked()).flatten();
    let width = size.map_or(WIDTH_MAX, |(_, columns)| usize::from(columns));
    let shown = style(truncate_str(&line, width, "…")).for_stderr();
    match event {
        Event::ToolResult { is_error: true, .. } => eprintln!("{}", shown.red()),
        _ => eprintln!("{}", shown.dim()),
    }
}

fn beginning(text: &str) -> String {
    text.chars().take(CONTENT_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn result(is_error: bool, content: Option<&str>) -> Event {
        Event::ToolResult {
            id: "1".into(),
            name: "calculate".into(),
            is_error,
            content: content.map(Into::into),
            passages: None,
            retrieval: None,
        }
    }

    fn call(arguments: Value) -> Event {
        Event::ToolCall {
            id: "1".into(),
            name: "calculate".into(),
            arguments,
        }
    }

    #[test]
    fn each_call_and_result_is_one_line() {
        let cases = [
            (
                call(json!({"expression": "2+2"})),
                "→ calculate {\"expression\":\"2+2\"}",
            ),
            (result(false, Some("4")), "← 4"),
            (result(false, Some("a\n\u{1b}[2Jb")), "← a \u{fffd}[2Jb"),
            (result(false, None), "← nothing"),
            (
                result(true, Some("division by zero")),
                "✗ calculate failed: division by zero",
            ),
            (
                result(true, None),
                "✗ calculate failed; the answer is made without it",
            ),
        ];
        for (event, expected) in cases {
            assert_eq!(of(&event).as_deref(), Some(expected));
        }
        assert_eq!(of(&Event::TextDelta { text: "x".into() }), None);
        let long = of(&result(false, Some(&"x".repeat(100_000)))).expect("a note");
        assert!(long.ends_with('…') && long.chars().count() <= WIDTH_MAX);
    }
}
