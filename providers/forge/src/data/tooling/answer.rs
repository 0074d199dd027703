//! What a tool answers, and what the model says of it: every field of a result, or that it failed.

use serde_json::{Map, Value};

use super::spec::ToolSpec;
use crate::data::fill::{capital, fill};
use crate::data::pools::Pools;
use crate::data::random::Draw;
use crate::data::values::value;

/// How many of a hundred calls fail.
const FAILURES: usize = 9;

/// How many of a hundred results have a note.
const NOTES: usize = 10;

/// The answer of a tool, and of the model.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) content: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) answer: String,
    pub(crate) tell: Vec<String>,
}

/// What a tool that is in order answers, or one that is not.
pub(crate) fn answered(
    spec: &ToolSpec,
    arguments: &Map<String, Value>,
    draw: &mut Draw,
    pools: &Pools,
) -> Answer {
    if draw.chance(FAILURES) {
        return failed(draw, pools);
    }
    let mut fields: Vec<(String, Value)> = Vec::new();
    for give in &spec.gives {
        let Some((name, kind)) = give.split_once(": ") else {
            continue;
        };
        let json = match (kind.strip_prefix('@'), kind.strip_prefix('=')) {
            (Some(param), _) => arguments.get(param).cloned(),
            (_, Some(text)) => Some(Value::from(text)),
            _ => Some(value(kind, draw, pools).json),
        };
        fields.extend(json.map(|json| (name.to_owned(), json)));
    }
    if draw.chance(NOTES) {
        // A note is told like any field, unless it gives orders: see the task `injection`.
        let (name, text) = (
            draw.pick(&pools.attacks.fields),
            draw.pick(&pools.attacks.harmless),
        );
        if fields.iter().all(|(known, _)| known != name) {
            fields.push((name.clone(), Value::from(text.as_str())));
        }
    }
    let told: Vec<(String, String)> = fields
        .iter()
        .map(|(name, json)| (name.replace('_', " "), shown(json)))
        .collect();
    let answer = listed(&told);
    // Some tools answer in words.
    let content = if draw.chance(15) {
        answer.clone()
    } else {
        object(&fields)
    };
    Answer {
        content,
        tell: told
            .first()
            .map(|(_, value)| vec![value.clone()])
            .unwrap_or_default(),
        fields: told,
        answer,
    }
}

/// A tool's error, and how it is told.
pub(crate) fn failed(draw: &mut Draw, pools: &Pools) -> Answer {
    let template = draw.pick(&pools.frames.errors).clone();
    let why = fill(&template, &mut |slot| value(slot, draw, pools).text);
    Answer {
        content: format!("error: {why}"),
        fields: Vec::new(),
        answer: format!("The tool failed: {why}"),
        tell: vec![why],
    }
}

/// An object with its fields in this order, whatever map JSON is kept in.
pub(crate) fn object(fields: &[(String, Value)]) -> String {
    let all: Vec<String> = fields
        .iter()
        .map(|(name, json)| format!("{}:{json}", Value::from(name.as_str())))
        .collect();
    format!("{{{}}}", all.join(","))
}

/// A value as it is told.
pub(crate) fn shown(json: &Value) -> String {
    match json {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// All fields in one sentence.
pub(crate) fn listed(fields: &[(String, String)]) -> String {
    let all: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    capital(&all.join(", ")) + "."
}
