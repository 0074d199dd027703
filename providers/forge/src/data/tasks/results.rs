//! Answering from what a tool answered.

use super::Scene;
use crate::data::DataError;
use crate::data::example::{Example, Expect, Task};
use crate::data::fill::fill_one;
use crate::data::frames::spoken;
use crate::data::talk::Talk;
use crate::data::tooling::Asked;
use crate::data::tooling::offer::{Skill, several};

/// What is said where a result lacks what is asked for.
const LACKS: &str = "The result does not say.";

/// A conversation about results.
pub(super) fn make(scene: &mut Scene<'_>) -> Result<Option<Example>, DataError> {
    let own = scene.draw.chance(30);
    let mut skills = if own {
        scene.own_tools()
    } else {
        let count = scene.draw.count(1, 3);
        several(count, &mut scene.draw, scene.pools)
    };
    skills.retain(|it| !matches!(it, Skill::Search) || own);
    let mut talk = Talk::with(skills.iter().map(Skill::tool).collect());
    let system = scene.system_of_tools(own);
    talk.system(&system);
    let mut last = None;
    for _ in 0..scene.turns(1, 3) {
        let asked = scene
            .draw
            .some(&skills, skills.len())
            .into_iter()
            .cloned()
            .collect::<Vec<_>>();
        let asked = asked.iter().find_map(|it| it.ask(&mut scene.draw, scene.pools));
        let Some(asked) = asked else {
            return Ok(None);
        };
        talk.user(&asked.text);
        talk.call(&asked.name, &asked.arguments);
        talk.answered(&asked.content);
        talk.say(&asked.answer);
        last = Some(Expect::Contains {
            any: asked.tell.clone(),
        });
        for _ in 0..scene.turns(0, 3) {
            last = follow(scene, &mut talk, &asked).or(last);
        }
    }
    last.map(|expect| talk.finish(Task::Result, scene.pools.split, expect))
        .transpose()
}

/// Asks for one field of the result, or for one that it lacks.
fn follow(scene: &mut Scene<'_>, talk: &mut Talk, asked: &Asked) -> Option<Expect> {
    if asked.fields.is_empty() || (!scene.is_train() && scene.draw.chance(50)) {
        return None;
    }
    let (name, value) = if scene.draw.chance(80) {
        scene.draw.pick(&asked.fields).clone()
    } else {
        let other = scene.draw.pick(&scene.pools.grammar.results).split(": ").next()?;
        (other.replace('_', " "), String::new())
    };
    let known = asked.fields.iter().any(|(field, _)| *field == name);
    if !known && !value.is_empty() {
        return None;
    }
    let value = asked
        .fields
        .iter()
        .find(|(field, _)| *field == name)
        .map(|(_, value)| value);
    let frame = scene.draw.pick(&scene.pools.frames.fields).clone();
    let text = spoken(&fill_one(&frame, &name), &mut scene.draw, scene.pools);
    talk.user(&text);
    let (answer, tell) = match value {
        Some(value) => (format!("The {name} is {value}."), value.clone()),
        None => (LACKS.to_owned(), "does not say".to_owned()),
    };
    talk.say(&answer);
    Some(Expect::Contains { any: vec![tell] })
}
