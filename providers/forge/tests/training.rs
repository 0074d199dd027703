//! What is learnt is right: calls fit the tools that are offered, and what is cited stands where the mark says.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use gyre_forge::data::{DataRecipe, Document, Example, Message, OWN_TOOLS, Role, ToolCall, generate};
use serde_json::Value;

const EXAMPLES: u64 = 1_500;

const DOCUMENT: &str = "# Pumps\n\nThe pump checks the pressure of the boiler. A valve is a door for steam.\nWhen the \
    boiler is cold, the pump waits for an hour.\n\n- To stop the pump, pull the \"red\" lever.\n- Nobody paints the \
    pump because its colour tells its age.\n\n```sh\npump start\n```\n\nOld gauges drift in winter, so engineers \
    compare two of them before they trust one.\n";

fn examples() -> Result<Vec<Example>> {
    let recipe = DataRecipe {
        documents: [Document::new("docs/pumps.md", DOCUMENT)].into(),
        ..DataRecipe::train(21)
    };
    let made: Result<Vec<Example>, _> = generate(&recipe, 0..EXAMPLES)?.collect();
    Ok(made?)
}

#[test]
fn conversations_are_whole() -> Result<()> {
    for example in examples()? {
        let id = &example.id;
        let mut before: Option<&Message> = None;
        for message in &example.messages {
            let called = before.is_some_and(|it| !it.tool_calls.is_empty());
            ensure!(
                called == (message.role == Role::Tool),
                "{id}: a call without its result, or a result alone"
            );
            match message.role {
                Role::System => ensure!(before.is_none(), "{id}: instructions come late"),
                Role::User => ensure!(!message.content.trim().is_empty(), "{id}: nothing is asked"),
                Role::Tool => ensure!(message.tool_call_id.is_some(), "{id}: a result of no call"),
                Role::Assistant => {
                    let calls = !message.tool_calls.is_empty();
                    ensure!(
                        calls == message.content.is_empty(),
                        "{id}: says nothing, or too much"
                    );
                    message
                        .tool_calls
                        .iter()
                        .try_for_each(|call| fits(&example, message, call))?;
                }
            }
            before = Some(message);
        }
        let last = before.context("an empty conversation")?;
        ensure!(
            last.role == Role::Assistant && !last.given,
            "{id}: nothing to learn at the end"
        );
    }
    Ok(())
}

/// A call is of a tool that is offered, with what it requires, and with nothing else.
fn fits(example: &Example, message: &Message, call: &ToolCall) -> Result<()> {
    let id = &example.id;
    if message.given {
        ensure!(call.name == OWN_TOOLS[0], "{id}: the agent itself only searches");
        return Ok(());
    }
    let tool = example
        .tools
        .iter()
        .find(|it| it.name == call.name)
        .context("a tool that is not offered")?;
    let properties = tool.parameters["properties"].as_object().context("properties")?;
    for (name, value) in &call.arguments {
        let schema = properties
            .get(name)
            .with_context(|| format!("{id}: no parameter {name}"))?;
        let right = match schema["type"].as_str() {
            Some("string") => value.as_str().is_some_and(|it| !it.is_empty()),
            Some("integer") => value.is_i64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.is_array(),
            _ => false,
        };
        ensure!(right, "{id}: {name} is {value}");
        let choices = schema["enum"].as_array();
        ensure!(
            choices.is_none_or(|it| it.contains(value)),
            "{id}: {value} is no choice"
        );
    }
    for name in tool.parameters["required"].as_array().into_iter().flatten() {
        let name = name.as_str().context("a name")?;
        ensure!(call.arguments.contains_key(name), "{id}: {name} is missing");
    }
    Ok(())
}

/// The texts of passages by their marks.
fn passages(content: &str) -> BTreeMap<u64, String> {
    let Ok(Value::Array(found)) = serde_json::from_str(content) else {
        return BTreeMap::new();
    };
    let text = |it: &Value| {
        it["text"]
            .as_str()
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    found
        .iter()
        .filter_map(|it| Some((it["mark"].as_u64()?, text(it))))
        .collect()
}

#[test]
fn what_is_cited_stands_where_the_mark_says() -> Result<()> {
    let (mut cited, mut from_document, mut unknown) = (0, 0, 0);
    for example in examples()? {
        let mut shown = BTreeMap::new();
        for message in &example.messages {
            if message.role == Role::Tool {
                shown = passages(&message.content);
            }
            let answer = &message.content;
            unknown += usize::from(answer == "The passages do not say.");
            if message.role != Role::Assistant || shown.is_empty() || !answer.ends_with(']') {
                continue;
            }
            for part in answer.split_inclusive(']') {
                let (span, mark) = part
                    .trim()
                    .trim_end_matches(']')
                    .rsplit_once(" [")
                    .context("a mark")?;
                let text = shown
                    .get(&mark.parse()?)
                    .with_context(|| format!("{}: no passage {mark}", example.id))?;
                ensure!(text.contains(span), "{}: `{span}` is not in {text}", example.id);
                cited += 1;
                from_document += usize::from(DOCUMENT.contains(span));
            }
        }
    }
    ensure!(
        cited > 1_000 && from_document > 20 && unknown > 500,
        "{cited}, {from_document}, {unknown}"
    );
    Ok(())
}
