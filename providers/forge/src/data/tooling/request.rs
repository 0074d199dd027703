//! Asking for a tool in the words of a user, with the arguments that these words give.

use serde_json::{Map, Value};

use super::Asked;
use super::answer::answered;
use super::spec::{ToolSpec, flag};
use crate::data::fill::{fill, parts};
use crate::data::frames::spoken;
use crate::data::pools::Pools;
use crate::data::random::Draw;
use crate::data::values::{Said, value};

/// Kinds that people put in quotes now and then.
const QUOTED: [&str; 4] = ["title", "message", "phrase", "name"];

/// Asks for a tool.
pub(crate) fn ask(spec: &ToolSpec, draw: &mut Draw, pools: &Pools) -> Asked {
    let template = draw.pick(&spec.asks).clone();
    let mut arguments: Vec<(String, Value)> = Vec::new();
    let mut text = String::new();
    for (part, optional) in parts(&template) {
        if optional && draw.chance(50) {
            continue;
        }
        match flag(part).filter(|_| optional) {
            Some((yes, name, words)) => {
                if arguments.iter().all(|(known, _)| known != name) {
                    arguments.push((name.to_owned(), Value::Bool(yes)));
                    text.push_str(words);
                }
            }
            None => {
                text.push_str(&fill(part, &mut |slot| {
                    let said = said(spec, slot, draw, pools);
                    arguments.push((slot.to_owned(), said.json));
                    said.text
                }));
            }
        }
    }
    arguments.sort_by(|a, b| a.0.cmp(&b.0));
    let arguments: Map<String, Value> = arguments.into_iter().collect();
    // A value that comes first keeps its letters.
    let text = if template.starts_with('{') {
        text
    } else {
        spoken(&text, draw, pools)
    };
    let answer = answered(spec, &arguments, draw, pools);
    Asked {
        text,
        name: spec.name.clone(),
        arguments,
        content: answer.content,
        fields: answer.fields,
        answer: answer.answer,
        tell: answer.tell,
    }
}

fn said(spec: &ToolSpec, slot: &str, draw: &mut Draw, pools: &Pools) -> Said {
    let kind = spec.param(slot).map_or("name", |it| it.kind.as_str());
    let mut said = value(kind, draw, pools);
    if QUOTED.contains(&kind) && draw.chance(25) {
        let quote = *draw.pick(&["\"", "\"", "'"]);
        // An apostrophe within would end the quotation.
        if !said.text.contains(quote) {
            said.text = format!("{quote}{}{quote}", said.text);
        }
    }
    said
}
