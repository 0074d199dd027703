//! Choosing a tool and its arguments.

use serde_json::{Map, Value};

use super::reading::{UNKNOWN, first_mark, turns};
use super::{Scene, plain};
use crate::data::DataError;
use crate::data::example::{Example, Expect, Task};
use crate::data::fill::fill_one;
use crate::data::frames::spoken;
use crate::data::material::asking::telling;
use crate::data::material::{Size, material};
use crate::data::talk::Talk;
use crate::data::tooling::offer::{Skill, missing, several};
use crate::data::tooling::own::SEARCH;
use crate::data::values::value;

/// A conversation in which tools are called.
pub(super) fn make(scene: &mut Scene<'_>) -> Result<Option<Example>, DataError> {
    let own = scene.draw.chance(24);
    let skills = if own {
        scene.own_tools()
    } else {
        let count = 1 + scene.draw.weighted(&[10, 24, 28, 22, 12, 4]);
        several(count, &mut scene.draw, scene.pools)
    };
    let mut talk = Talk::with(skills.iter().map(Skill::tool).collect());
    let system = scene.system_of_tools(own);
    talk.system(&system);
    if scene.draw.chance(15) {
        session(scene, &skills, &mut talk);
    }
    let mut last = None;
    for at in 0..scene.turns(3, 5) {
        if at > 0 && scene.draw.chance(12) && refuse(scene, &skills, &mut talk) {
            continue;
        }
        let skill = scene.draw.pick(&skills).clone();
        let expect = match skill.ask(&mut scene.draw, scene.pools) {
            None => search(scene, &mut talk)?,
            Some(asked) => {
                talk.user(&asked.text);
                talk.call(&asked.name, &asked.arguments);
                if scene.is_train() {
                    talk.answered(&asked.content);
                    talk.say(&asked.answer);
                }
                Some(Expect::Call {
                    name: asked.name,
                    arguments: asked.arguments,
                })
            }
        };
        last = expect.or(last);
    }
    last.map(|expect| talk.finish(Task::Tool, scene.pools.split, expect))
        .transpose()
}

/// Earlier turns of a session, of which only the words are kept: they must not teach to answer without a call.
fn session(scene: &mut Scene<'_>, skills: &[Skill], talk: &mut Talk) {
    for _ in 0..scene.draw.count(1, 2) {
        let skill = scene.draw.pick(skills).clone();
        if let Some(asked) = skill.ask(&mut scene.draw, scene.pools) {
            talk.earlier(&asked.text, &asked.answer);
        }
    }
}

/// Something is asked in between that no tool here does.
fn refuse(scene: &mut Scene<'_>, skills: &[Skill], talk: &mut Talk) -> bool {
    let Some(asked) = missing(skills, &mut scene.draw, scene.pools) else {
        return false;
    };
    talk.user(&asked.text);
    talk.say(plain::CANNOT);
    true
}

/// A search for a question, for words of a sentence, or for a thing that nothing is known of.
fn search(scene: &mut Scene<'_>, talk: &mut Talk) -> Result<Option<Expect>, DataError> {
    if scene.draw.chance(15) {
        let query = value("query", &mut scene.draw, scene.pools).text;
        let expect = search_for(scene, talk, &query);
        if scene.is_train() {
            talk.answered("[]");
            talk.say(UNKNOWN);
        }
        return Ok(Some(expect));
    }
    let material = material(Size::Small, &mut scene.draw, scene.pools, scene.documents);
    let first_mark = first_mark(scene);
    let Some(turn) = turns(scene, &material, (Task::Grounded, 1, first_mark)).pop() else {
        return Ok(None);
    };
    let words = match &turn.expect {
        Expect::Span { span, .. } if scene.draw.chance(35) => telling(span, &mut scene.draw),
        _ => None,
    };
    let expect = match words {
        Some(words) => search_for(scene, talk, &words),
        None => {
            talk.user(&turn.question);
            call(talk, &turn.question)
        }
    };
    if scene.is_train() {
        talk.answered(&scene.content(&material.texts, first_mark)?);
        talk.say(&turn.answer);
    }
    Ok(Some(expect))
}

fn search_for(scene: &mut Scene<'_>, talk: &mut Talk, query: &str) -> Expect {
    let frame = scene.draw.pick(&scene.pools.frames.search).clone();
    let text = spoken(&fill_one(&frame, query), &mut scene.draw, scene.pools);
    talk.user(&text);
    call(talk, query)
}

fn call(talk: &mut Talk, query: &str) -> Expect {
    let arguments: Map<String, Value> = Map::from_iter([("query".to_owned(), Value::from(query))]);
    talk.call(SEARCH, &arguments);
    Expect::Call {
        name: SEARCH.to_owned(),
        arguments,
    }
}
