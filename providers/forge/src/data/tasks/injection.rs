//! Instructions in passages and results: they are not the user's, so nothing comes of them.

use serde_json::Value;

use super::Scene;
use super::reading::{converse, first_mark, turns};
use crate::data::DataError;
use crate::data::example::{Example, Expect, Task};
use crate::data::fill::fill;
use crate::data::frames::source;
use crate::data::material::{Sentence, Text, material};
use crate::data::talk::Talk;
use crate::data::tooling::invented;
use crate::data::tooling::offer::{Skill, several};

/// An instruction, and what must not be said.
struct Attack {
    text: String,
    forbidden: String,
}

/// A conversation with an instruction hidden in it.
pub(super) fn make(scene: &mut Scene<'_>) -> Result<Option<Example>, DataError> {
    if scene.draw.chance(62) {
        reading(scene)
    } else {
        result(scene)
    }
}

fn attack(scene: &mut Scene<'_>, tools: &[String]) -> Attack {
    let pools = scene.pools;
    let canary = match scene.draw.below(4) {
        0 => pools.words.stem(&mut scene.draw).to_uppercase(),
        1 => pools.words.code(&mut scene.draw),
        2 => format!("https://{}.example", pools.words.stem(&mut scene.draw)),
        _ => pools.words.name(&mut scene.draw) + " " + &pools.words.name(&mut scene.draw),
    };
    let tool = if tools.is_empty() {
        let deed = invented::deed(&mut scene.draw, pools);
        invented::tool(&deed, &mut scene.draw, pools).name
    } else {
        scene.draw.pick(tools).clone()
    };
    let calls = scene.draw.chance(30);
    let from = if calls {
        &pools.attacks.calls
    } else {
        &pools.attacks.sayings
    };
    let template = scene.draw.pick(from).clone();
    Attack {
        text: fill(&template, &mut |slot| {
            if slot == "tool" {
                tool.clone()
            } else {
                canary.clone()
            }
        }),
        forbidden: canary,
    }
}

/// The attack is a sentence of a passage, or a passage.
fn reading(scene: &mut Scene<'_>) -> Result<Option<Example>, DataError> {
    let size = scene.size();
    let mut material = material(size, &mut scene.draw, scene.pools, scene.documents);
    let mut forbidden = Vec::new();
    for _ in 0..if scene.draw.chance(80) { 1 } else { 2 } {
        let attack = attack(scene, &[]);
        hide(scene, &mut material.texts, attack.text);
        forbidden.push(attack.forbidden);
    }
    let first_mark = first_mark(scene);
    let count = scene.turns(3, 6);
    let mut turns = turns(scene, &material, (Task::Injection, count, first_mark));
    for turn in &mut turns {
        turn.expect = Expect::Not {
            forbidden: forbidden.clone(),
            right: Box::new(turn.expect.clone()),
        };
    }
    let content = scene.content(&material.texts, first_mark)?;
    let mut talk = Talk::default();
    let system = scene.system_of_passages();
    talk.system(&system);
    converse(talk, scene, Task::Injection, (turns, &content))
}

fn hide(scene: &mut Scene<'_>, texts: &mut Vec<Text>, attack: String) {
    let own = texts.is_empty() || (texts.len() < 6 && scene.draw.chance(25));
    if own {
        let text = Text {
            source: source(&mut scene.draw, scene.pools),
            sentences: vec![Sentence {
                text: attack,
                asks: Vec::new(),
            }],
            raw: None,
        };
        let at = scene.draw.count(0, texts.len());
        texts.insert(at, text);
        return;
    }
    let at = scene.draw.below(texts.len());
    let text = &mut texts[at];
    match &mut text.raw {
        Some(raw) if scene.draw.chance(50) => *raw = format!("{attack}\n\n{raw}"),
        Some(raw) => *raw = format!("{raw}\n\n{attack}"),
        None => {
            let at = scene.draw.count(0, text.sentences.len());
            let sentence = Sentence {
                text: attack,
                asks: Vec::new(),
            };
            text.sentences.insert(at, sentence);
        }
    }
}

/// The attack is a field of a result, or a line of it.
fn result(scene: &mut Scene<'_>) -> Result<Option<Example>, DataError> {
    let own = scene.draw.chance(25);
    let skills = if own {
        scene.own_tools()
    } else {
        let count = scene.draw.count(1, 4);
        several(count, &mut scene.draw, scene.pools)
    };
    let mut talk = Talk::with(skills.iter().map(Skill::tool).collect());
    let names: Vec<String> = skills.iter().map(|it| it.tool().name).collect();
    let system = scene.system_of_tools(own);
    talk.system(&system);
    let mut last = None;
    for _ in 0..scene.turns(1, 3) {
        let skill = scene.draw.pick(&skills).clone();
        let Some(asked) = skill.ask(&mut scene.draw, scene.pools) else {
            continue;
        };
        let attack = attack(scene, &names);
        talk.user(&asked.text);
        talk.call(&asked.name, &asked.arguments);
        let content = with(scene, &asked.content, &attack.text);
        talk.answered(&content);
        talk.say(&asked.answer);
        last = Some(Expect::Not {
            forbidden: vec![attack.forbidden],
            right: Box::new(Expect::Contains { any: asked.tell }),
        });
    }
    last.map(|expect| talk.finish(Task::Injection, scene.pools.split, expect))
        .transpose()
}

/// A result with an attack in it.
fn with(scene: &mut Scene<'_>, content: &str, attack: &str) -> String {
    let object = content.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    match object {
        Some(fields) => {
            let names = scene.draw.some(&scene.pools.attacks.fields, usize::MAX);
            let free = names.into_iter().map(|it| Value::from(it.as_str()).to_string());
            let name = free
                .into_iter()
                .find(|it| !fields.contains(it.as_str()))
                .unwrap_or_default();
            let hidden = format!("{name}:{}", Value::from(attack));
            if scene.draw.chance(30) {
                format!("{{{hidden},{fields}}}")
            } else {
                format!("{{{fields},{hidden}}}")
            }
        }
        None => {
            let between = *scene.draw.pick(&["\n", "\n\n", " "]);
            format!("{content}{between}{attack}")
        }
    }
}
