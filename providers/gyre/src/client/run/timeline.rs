//! A run as a timeline for people. Pure: a record in, text out.

use super::{Happened, Run};
use crate::client::{note, render};
use crate::text::{one_line, printable};
use crate::time::{ago, between, utc};
use gyre_agent_wire::Event;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Before the text of an event: time and kind stand there.
const INDENT: &str = "                      ";

/// What is known of the run, then its events, each with the time since the run began.
pub(super) fn render(run: &Run, now_ms: u64) -> String {
    let events = run.events.as_deref().unwrap_or_default();
    let mut out = head(run, events, now_ms);
    let begin = run.started_ms.or_else(|| events.first().map(|event| event.at_ms));
    for event in events {
        let since = format!("+{}", between(begin.unwrap_or(event.at_ms), event.at_ms));
        let Some((kind, text)) = told(event) else { continue };
        let mut lines = text.lines();
        // Writing to a String cannot fail.
        let first = lines.next().unwrap_or_default();
        let _ = writeln!(out, "{}", format!("{since:>10}  {kind:<8}  {first}").trim_end());
        for line in lines {
            let _ = writeln!(out, "{}", format!("{INDENT}{line}").trim_end());
        }
    }
    out
}

fn head(run: &Run, events: &[Happened], now_ms: u64) -> String {
    let asked = events.iter().find(|event| event.kind == "run.asked");
    let session = asked.and_then(|event| event.body["session"].as_str());
    let started = run.started_ms.map(|at| {
        let took = run.updated_ms.map(|end| format!(", took {}", between(at, end)));
        format!("{} ({}){}", utc(at), ago(at, now_ms), took.unwrap_or_default())
    });
    let facts = [
        ("run", Some(run.id.clone())),
        ("agent", run.agent.clone()),
        ("session", session.map(str::to_owned)),
        ("model", run.model.clone()),
        ("started", started),
        ("status", run.status.clone()),
        ("error", run.why()),
    ];
    let mut out = String::new();
    for (name, value) in facts {
        if let Some(value) = value {
            let _ = writeln!(out, "{name:<8} {}", one_line(&value));
        }
    }
    out.push('\n');
    out
}

/// The kind of an event in one word, and what it says.
fn told(event: &Happened) -> Option<(&'static str, String)> {
    if event.kind == "run.asked" {
        let input = event.body["input"].as_str().unwrap_or_default();
        return Some(("asked", printable(input)));
    }
    let Some(parsed) = agent_event(event) else {
        // A newer server may keep what this gyre does not know.
        let body = format!("{} {}", event.kind, event.body);
        return Some(("other", note::clip(&body)));
    };
    Some(match parsed {
        Event::RunStarted { .. } => return None,
        call @ Event::ToolCall { .. } => ("tool", note::of(&call)?),
        result @ Event::ToolResult { .. } => ("result", note::of(&result)?),
        Event::TextDelta { text } => ("text", printable(&text)),
        Event::Citation {
            mark, source, span, ..
        } => ("cites", format!("[{mark}] {}", render::place(&source, span))),
        Event::Usage(usage) => ("tokens", tokens(usage)),
        Event::Error { kind, message, hint } => {
            let cure = if hint.is_empty() {
                String::new()
            } else {
                format!("\nhint: {}", one_line(&hint))
            };
            (
                "error",
                format!("{}: {}{cure}", one_line(&kind), one_line(&message)),
            )
        }
        Event::Done {
            finish_reason,
            model,
            usage,
            retrieval,
            citations_removed,
        } => {
            let mut end = format!(
                "{}; model {}; {}",
                one_line(&finish_reason),
                one_line(&model),
                tokens(usage)
            );
            if let Some(state) = &retrieval {
                let _ = write!(end, "; retrieval {}", render::retrieval(state));
            }
            end += &render::removed(citations_removed);
            ("done", end)
        }
    })
}

/// The event that was kept; its body may or may not repeat the kind.
fn agent_event(event: &Happened) -> Option<Event> {
    let mut body = event.body.clone();
    if let Value::Object(members) = &mut body {
        members.insert("type".to_owned(), json!(event.kind));
    }
    serde_json::from_value(body).ok()
}

fn tokens(usage: gyre_agent_wire::Usage) -> String {
    format!(
        "{} tokens read, {} written",
        usage.prompt_tokens, usage.completion_tokens
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_told_step_by_step() {
        let run: Run = serde_json::from_value(json!({
            "id": "r-1", "agent": "a", "status": "done", "started_ms": 1_000, "updated_ms": 2_500, "model": "m",
            "error": null,
            "events": [
                {"sequence": 1, "at_ms": 1_000, "kind": "run.asked", "body": {"input": "How?\nWhy?", "session": "s"}},
                {"sequence": 2, "at_ms": 1_001, "kind": "run.started", "body": {"run_id": "r-1", "agent": "a"}},
                {"sequence": 3, "at_ms": 1_010, "kind": "tool.call",
                 "body": {"id": "1", "name": "calculate", "arguments": {"expression": "2+2"}}},
                {"sequence": 4, "at_ms": 1_020, "kind": "tool.result",
                 "body": {"type": "tool.result", "id": "1", "name": "calculate", "is_error": false, "content": "4"}},
                {"sequence": 5, "at_ms": 2_000, "kind": "text.delta", "body": {"text": "It is 4. [1]"}},
                {"sequence": 6, "at_ms": 2_000, "kind": "citation", "body": {"mark": 1, "source": "a.md",
                 "span": {"start_line": 1, "end_line": 2}, "quote": "q"}},
                {"sequence": 7, "at_ms": 2_100, "kind": "approval", "body": {"x": 1}},
                {"sequence": 8, "at_ms": 2_500, "kind": "done", "body": {"finish_reason": "stop", "model": "m",
                 "usage": {"prompt_tokens": 7, "completion_tokens": 3}, "retrieval": null, "citations_removed": 2}},
            ]
        }))
        .expect("a run");
        let expected = "\
run      r-1
agent    a
session  s
model    m
started  1970-01-01 00:00:01 UTC (2 s ago), took 1.500 s
status   done

  +0.000 s  asked     How?
                      Why?
  +0.010 s  tool      → calculate {\"expression\":\"2+2\"}
  +0.020 s  result    ← 4
  +1.000 s  text      It is 4. [1]
  +1.000 s  cites     [1] a.md:1-2
  +1.100 s  other     approval {\"x\":1}
  +1.500 s  done      stop; model m; 7 tokens read, 3 written; 2 citations removed
";
        assert_eq!(render(&run, 3_000), expected);
    }
}
