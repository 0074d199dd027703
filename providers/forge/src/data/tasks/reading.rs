//! Answering from passages, and saying that they do not say.

use serde_json::{Map, Value};

use super::Scene;
use crate::data::DataError;
use crate::data::example::{Cited, Example, Expect, Task};
use crate::data::fill::{fill, small};
use crate::data::frames::careless;
use crate::data::material::{Material, Size, Text, material};
use crate::data::talk::Talk;
use crate::data::tooling::own::SEARCH;

/// What is said where the passages do not say: always the same, since a choice of words would have to be learnt for
/// nothing.
pub(crate) const UNKNOWN: &str = "The passages do not say.";
/// How many of a hundred questions of the task `grounded` have an answer.
const KNOWN_OF_GROUNDED: usize = 72;
/// And of the task `unknown`.
const KNOWN_OF_UNKNOWN: usize = 30;

/// A question, what is said, and what is right.
pub(crate) struct Turn {
    pub(crate) question: String,
    pub(crate) answer: String,
    pub(crate) expect: Expect,
}

/// A conversation over passages.
pub(super) fn make(scene: &mut Scene<'_>, task: Task) -> Result<Option<Example>, DataError> {
    if scene.draw.chance(24) {
        return assistant(scene, task);
    }
    let size = scene.size();
    let mut material = material(size, &mut scene.draw, scene.pools, scene.documents);
    if task == Task::Unknown && scene.draw.chance(4) {
        material.texts.clear();
    }
    let first_mark = first_mark(scene);
    let count = scene.turns(5, 9);
    let turns = turns(scene, &material, (task, count, first_mark));
    let content = scene.content(&material.texts, first_mark)?;
    let mut talk = Talk::default();
    let system = scene.system_of_passages();
    talk.system(&system);
    match scene.draw.below(20) {
        0..=1 => {
            let talked = scene.draw.pick(&scene.pools.plain.talk);
            talk.user(scene.draw.text(&talked.asks));
            talk.say(&talked.answer);
        }
        2..=3 => session(scene, &mut talk),
        _ => {}
    }
    converse(talk, scene, task, (turns, &content))
}

/// Earlier turns of a session, whose passages are not shown any more.
fn session(scene: &mut Scene<'_>, talk: &mut Talk) {
    let earlier = material(Size::Small, &mut scene.draw, scene.pools, scene.documents);
    let count = scene.draw.count(1, 2);
    for turn in turns(scene, &earlier, (Task::Injection, count, 1)) {
        talk.earlier(&turn.question, &turn.answer);
    }
}

/// The agent searched first: no tool is offered.
pub(crate) fn converse(
    mut talk: Talk,
    scene: &mut Scene<'_>,
    task: Task,
    (turns, content): (Vec<Turn>, &str),
) -> Result<Option<Example>, DataError> {
    let mut last = None;
    for (at, turn) in turns.into_iter().enumerate() {
        talk.user(&turn.question);
        if at == 0 {
            talk.search_first(&turn.question);
            talk.answered(content);
        }
        talk.say(&turn.answer);
        last = Some(turn.expect);
    }
    last.map(|expect| talk.finish(task, scene.pools.split, expect))
        .transpose()
}

/// The model searches itself, for each question anew.
fn assistant(scene: &mut Scene<'_>, task: Task) -> Result<Option<Example>, DataError> {
    let skills = scene.own_tools();
    let mut talk = Talk::with(skills.iter().map(|it| it.tool()).collect());
    let system = scene.system_of_tools(true);
    talk.system(&system);
    let mut last = None;
    for _ in 0..scene.turns(2, 3) {
        let size = scene.size();
        let material = material(size, &mut scene.draw, scene.pools, scene.documents);
        let first_mark = first_mark(scene);
        let Some(turn) = turns(scene, &material, (task, 1, first_mark)).pop() else {
            continue;
        };
        talk.user(&turn.question);
        talk.call(
            SEARCH,
            &Map::from_iter([("query".to_owned(), Value::from(turn.question.as_str()))]),
        );
        talk.answered(&scene.content(&material.texts, first_mark)?);
        talk.say(&turn.answer);
        last = Some(turn.expect);
    }
    last.map(|expect| talk.finish(task, scene.pools.split, expect))
        .transpose()
}

/// Marks go on where an earlier search of the same run ended.
pub(crate) fn first_mark(scene: &mut Scene<'_>) -> u32 {
    if scene.draw.chance(85) {
        return 1;
    }
    u32::try_from(scene.draw.count(2, 9)).unwrap_or(1)
}

/// So many questions about the material, or fewer.
pub(crate) fn turns(
    scene: &mut Scene<'_>,
    material: &Material,
    (task, count, first_mark): (Task, usize, u32),
) -> Vec<Turn> {
    let mut known = known(&material.texts, first_mark);
    scene.draw.shuffle(&mut known);
    let mut missing = material.missing.clone();
    let share = match (task, scene.is_train()) {
        (Task::Grounded | Task::Injection, false) => 100,
        (Task::Unknown, false) => 0,
        (Task::Unknown, true) => KNOWN_OF_UNKNOWN,
        _ => KNOWN_OF_GROUNDED,
    };
    let mut turns = Vec::new();
    for _ in 0..count {
        let turn = if scene.draw.chance(share) {
            answered(scene, &mut known)
        } else {
            unanswered(scene, &mut missing)
        };
        turns.extend(turn);
    }
    turns
}

/// A sentence that is asked for.
#[derive(Clone)]
pub(crate) struct Known {
    asks: Vec<String>,
    cited: Cited,
}

fn known(texts: &[Text], first_mark: u32) -> Vec<Known> {
    let mut known = Vec::new();
    for (mark, text) in (first_mark..).zip(texts) {
        for sentence in text.sentences.iter().filter(|it| !it.asks.is_empty()) {
            known.push(Known {
                asks: sentence.asks.clone(),
                cited: Cited {
                    span: sentence.text.clone(),
                    mark,
                },
            });
        }
    }
    known
}

fn answered(scene: &mut Scene<'_>, known: &mut Vec<Known>) -> Option<Turn> {
    let first = known.pop()?;
    let question = scene.draw.pick(&first.asks).clone();
    let other = known.iter().position(|it| it.cited.mark != first.cited.mark);
    if let Some(at) = other.filter(|_| scene.draw.chance(10)) {
        let second = known.remove(at);
        return Some(both(scene, first, second));
    }
    let question = careless(&question, &mut scene.draw);
    Some(Turn {
        question,
        answer: cite(&first.cited),
        expect: Expect::Span {
            span: first.cited.span,
            mark: first.cited.mark,
        },
    })
}

/// Two questions at once are answered by a sentence each.
fn both(scene: &mut Scene<'_>, first: Known, second: Known) -> Turn {
    let (a, b) = (
        scene.draw.pick(&first.asks).clone(),
        scene.draw.pick(&second.asks).clone(),
    );
    let frame = scene.draw.pick(&scene.pools.frames.both).clone();
    Turn {
        question: fill(&frame, &mut |slot| match slot {
            "a" => a.clone(),
            "b" => small(&b),
            _ => b.clone(),
        }),
        answer: format!("{} {}", cite(&first.cited), cite(&second.cited)),
        expect: Expect::Spans {
            spans: vec![first.cited, second.cited],
        },
    }
}

fn cite(cited: &Cited) -> String {
    format!("{} [{}]", cited.span, cited.mark)
}

fn unanswered(scene: &mut Scene<'_>, missing: &mut Vec<String>) -> Option<Turn> {
    let question = scene.draw.take(missing)?;
    Some(Turn {
        question: careless(&question, &mut scene.draw),
        answer: UNKNOWN.to_owned(),
        expect: Expect::Unknown,
    })
}
