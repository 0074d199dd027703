//! What Gyre and this model are.

use super::Scene;
use crate::data::DataError;
use crate::data::example::{Example, Expect, Task};
use crate::data::frames::spoken;
use crate::data::talk::Talk;
use crate::data::tooling::offer::{Skill, several};

/// A conversation about Gyre, with a word of small talk now and then.
pub(super) fn make(scene: &mut Scene<'_>) -> Result<Option<Example>, DataError> {
    let pools = scene.pools;
    let skills: Vec<Skill> = match scene.draw.below(10) {
        0..=4 => scene.own_tools(),
        5..=6 => {
            let count = scene.draw.count(1, 3);
            several(count, &mut scene.draw, pools)
        }
        _ => Vec::new(),
    };
    let mut talk = Talk::with(skills.iter().map(Skill::tool).collect());
    let system = scene.system_of_tools(true);
    talk.system(&system);
    let count = scene.turns(3, 6);
    let facts = scene.draw.some(&pools.gyre, count);
    let mut last = None;
    for fact in facts {
        if scene.is_train() && scene.draw.chance(12) {
            let talked = scene.draw.pick(&pools.plain.talk);
            talk.user(scene.draw.text(&talked.asks));
            talk.say(&talked.answer);
        }
        let ask = scene.draw.pick(&fact.asks).clone();
        talk.user(&spoken(&ask, &mut scene.draw, pools));
        talk.say(&fact.answer);
        last = Some(Expect::Contains {
            any: fact.any.clone(),
        });
    }
    last.map(|expect| talk.finish(Task::About, pools.split, expect))
        .transpose()
}
