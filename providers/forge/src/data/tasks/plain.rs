//! No tool fits: small talk, what cannot be done, what is not known.

use super::Scene;
use crate::data::DataError;
use crate::data::example::{Example, Expect, Task};
use crate::data::fill::fill;
use crate::data::frames::{careless, spoken};
use crate::data::talk::Talk;
use crate::data::tooling::offer::{Skill, missing, several};
use crate::data::values::value;

/// Said where no tool fits.
pub(super) const CANNOT: &str = "I cannot do that: none of my tools does it.";
/// Said where there is no tool.
const NO_TOOLS: &str = "I cannot do that: I have no tools here.";
/// Said where nothing at hand tells.
const NOT_KNOWN: &str = "I do not know.";

/// A conversation in which no tool is called.
pub(super) fn make(scene: &mut Scene<'_>) -> Result<Option<Example>, DataError> {
    let own = scene.draw.chance(30);
    let skills = match scene.draw.below(10) {
        _ if own => scene.own_tools(),
        0..=1 => Vec::new(),
        _ => {
            let count = scene.draw.count(1, 5);
            several(count, &mut scene.draw, scene.pools)
        }
    };
    let mut talk = Talk::with(skills.iter().map(Skill::tool).collect());
    let system = scene.system_of_tools(own);
    talk.system(&system);
    let mut last = None;
    for _ in 0..scene.turns(3, 5) {
        last = turn(scene, &skills, &mut talk).or(last);
    }
    last.map(|expect| talk.finish(Task::Plain, scene.pools.split, expect))
        .transpose()
}

fn turn(scene: &mut Scene<'_>, skills: &[Skill], talk: &mut Talk) -> Option<Expect> {
    let searches = skills.iter().any(|it| matches!(it, Skill::Search));
    let pools = scene.pools;
    let (text, answer, any) = match scene.draw.below(10) {
        0..=3 => {
            let talked = scene.draw.pick(&pools.plain.talk);
            let text = careless(scene.draw.text(&talked.asks), &mut scene.draw);
            (text, talked.answer.as_str(), talked.any.clone())
        }
        // Where a search is offered, a question is searched for.
        4..=5 if !searches => {
            let text = filled(scene, &pools.plain.questions);
            (text, NOT_KNOWN, vec!["do not know".to_owned()])
        }
        6..=7 if !skills.is_empty() => {
            let asked = missing(skills, &mut scene.draw, pools)?;
            (asked.text, CANNOT, vec!["cannot".to_owned()])
        }
        _ => {
            let text = filled(scene, &pools.plain.deeds);
            let answer = if skills.is_empty() { NO_TOOLS } else { CANNOT };
            (text, answer, vec!["cannot".to_owned()])
        }
    };
    talk.user(&text);
    talk.say(answer);
    Some(Expect::Contains { any })
}

fn filled(scene: &mut Scene<'_>, from: &[String]) -> String {
    let template = scene.draw.pick(from).clone();
    let text = fill(&template, &mut |slot| {
        value(slot, &mut scene.draw, scene.pools).text
    });
    spoken(&text, &mut scene.draw, scene.pools)
}
