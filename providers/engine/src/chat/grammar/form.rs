//! What an answer looks like in each family, around the rules that are made of schemas. Pure.

use std::fmt::Write;

use super::choices::Choices;
use crate::chat::family::Family;
use crate::chat::request::Tool;
use crate::chat::trigger::Opening;

/// The rule of one call; no rule that is made of a schema has its name.
const CALL: &str = "gyre-call";

/// The rules of a grammar without its root.
pub(super) fn rules(gbnf: &str) -> String {
    let kept = gbnf.lines().filter(|line| !line.starts_with("root ::="));
    kept.fold(String::with_capacity(gbnf.len()), |rules, line| {
        rules + line + "\n"
    })
}

/// What the answer is: one call or the format where it is forced, any calls where a call was begun freely.
/// A space may come first: some tokenizers put one before a text.
pub(super) fn root(family: Family, free: bool, choices: &Choices) -> String {
    let rule = |at: &usize| format!("alternative-{at}");
    let calls: Vec<String> = choices.calls.iter().map(rule).collect();
    let mut named = String::new();
    for (name, at) in &choices.named {
        let bar = if named.is_empty() { "" } else { " | " };
        let name = literal(name);
        // Writing to a text does not fail.
        let _ = write!(
            named,
            r#"{bar}{name} ("[CALL_ID]" [a-zA-Z0-9]{{9}})? "[ARGS]"? space alternative-{at}"#
        );
    }
    let one = match family {
        Family::Hermes => r#""<tool_call>" space gyre-call space "</tool_call>""#,
        Family::Mistral => r#""[TOOL_CALLS]" space ("[" space gyre-call space "]" | gyre-named)"#,
        Family::Llama | Family::Json => "gyre-call",
    };
    let root = match (family, free) {
        (_, false) => match &choices.format {
            Some(format) => format!("{one} | {}", rule(format)),
            None => one.to_owned(),
        },
        (Family::Hermes, true) => format!(r#"" "? {one} (space {one})* space"#),
        (Family::Mistral, true) => r#"" "? "[TOOL_CALLS]" space ("[" space gyre-call (space "," space gyre-call)* space "]" | gyre-named ("[TOOL_CALLS]" space gyre-named)*) space"#.to_owned(),
        (Family::Llama, true) => {
            r#"" "? ("<|python_tag|>" space)? gyre-call (space ";" space gyre-call)* space"#.to_owned()
        }
        (Family::Json, true) => r#"" "? gyre-call (space gyre-call)* space ("```" space)?"#.to_owned(),
    };
    let mut text = format!("root ::= {root}\n{CALL} ::= {}\n", calls.join(" | "));
    if !named.is_empty() {
        let _ = writeln!(text, "gyre-named ::= {named}");
    }
    text
}

/// How a call of these begins in a text that may be anything.
pub(super) fn opening(family: Family, tools: &[&Tool]) -> Opening {
    let quoted = |tool: &&Tool| serde_json::Value::from(tool.name.as_str()).to_string();
    let names = || tools.iter().map(quoted).collect();
    match family {
        Family::Hermes => Opening {
            tag: Some("<tool_call>"),
            ..Opening::default()
        },
        Family::Mistral => Opening {
            tag: Some("[TOOL_CALLS]"),
            ..Opening::default()
        },
        Family::Llama => Opening {
            tag: Some("<|python_tag|>"),
            names: names(),
            typed: true,
        },
        Family::Json => Opening {
            names: names(),
            ..Opening::default()
        },
    }
}

/// A text as a literal of a grammar.
fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            other => literal.push(other),
        }
    }
    literal + "\""
}
