//! Tools that nobody has: any verb with any thing, so that a model must read what is offered.

use super::spec::{Param, ToolSpec};
use crate::data::fill::{capital, fill, with_articles};
use crate::data::pools::Pools;
use crate::data::random::Draw;

/// Ways in which an invented tool is asked for.
const ASKS: usize = 3;

/// What an invented tool does to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deed {
    /// Base, third person, past.
    verb: Vec<String>,
    noun: String,
}

/// Any deed.
pub(crate) fn deed(draw: &mut Draw, pools: &Pools) -> Deed {
    let noun = if draw.chance(25) {
        pools.words.stem(draw)
    } else {
        draw.pick(&pools.nouns).clone()
    };
    Deed {
        verb: draw
            .pick(&pools.grammar.verbs)
            .split(' ')
            .map(str::to_owned)
            .collect(),
        noun,
    }
}

/// A deed that could be mistaken for this one: the same verb or the same thing.
pub(crate) fn near(to: &Deed, draw: &mut Draw, pools: &Pools) -> Deed {
    let other = deed(draw, pools);
    if draw.chance(50) {
        Deed {
            verb: to.verb.clone(),
            noun: other.noun,
        }
    } else {
        Deed {
            verb: other.verb,
            noun: to.noun.clone(),
        }
    }
}

/// The tool that does a deed.
pub(crate) fn tool(deed: &Deed, draw: &mut Draw, pools: &Pools) -> ToolSpec {
    let params = params(draw, pools);
    let description = draw.pick(&pools.grammar.descriptions).clone();
    let said = |slot: &str| match slot {
        "V" => capital(&deed.verb[0]),
        "Vs" => capital(&deed.verb[1]),
        "v" => deed.verb[0].clone(),
        "vs" => deed.verb[1].clone(),
        "ved" => deed.verb[2].clone(),
        "N" => capital(&deed.noun),
        _ => deed.noun.clone(),
    };
    let about = with_articles(&fill(&description, &mut |slot| said(slot)));
    let spec = ToolSpec::new(name(deed, draw, pools), about, params);
    let mut asks = Vec::new();
    for _ in 0..ASKS {
        let request = draw.pick(&pools.grammar.requests).clone();
        let cues = cues(&spec, draw, pools);
        let ask = fill(&request, &mut |slot| {
            if slot == "cues" { cues.clone() } else { said(slot) }
        });
        asks.push(with_articles(&ask));
    }
    let gives: Vec<String> = draw
        .some(&pools.grammar.results, 3)
        .into_iter()
        .take(1 + usize::from(deed.noun.len().is_multiple_of(2)))
        .cloned()
        .collect();
    spec.with(asks, gives)
}

fn name(deed: &Deed, draw: &mut Draw, pools: &Pools) -> String {
    let (verb, noun) = (&deed.verb[0], deed.noun.replace(' ', "_"));
    match draw.below(20) {
        0..=10 => format!("{verb}_{noun}"),
        11..=12 => format!("{noun}_{verb}"),
        13..=15 => {
            let camel: String = noun.split('_').map(capital).collect();
            format!("{verb}{camel}")
        }
        16..=17 => format!("{verb}-{}", noun.replace('_', "-")),
        // The description alone says what it does.
        _ => format!("{}_{}", pools.words.stem(draw), draw.between(1, 99)),
    }
}

/// One to four parameters, of which the first by name are required.
fn params(draw: &mut Draw, pools: &Pools) -> Vec<Param> {
    let count = [1, 1, 2, 2, 3, 4][draw.below(6)];
    let mut params: Vec<Param> = draw
        .some(&pools.grammar.fields, count)
        .into_iter()
        .filter_map(|text| Param::parse(text))
        .collect();
    if draw.chance(12) {
        params.truncate(2);
        params.push(Param {
            name: pools.words.stem(draw),
            kind: (*draw.pick(&["name", "int 1..500", "code"])).to_owned(),
            required: true,
        });
    }
    params.sort_by(|a, b| a.name.cmp(&b.name));
    params.dedup_by(|a, b| a.name == b.name);
    let required = draw.count(1, params.len());
    for (at, param) in params.iter_mut().enumerate() {
        param.required = at < required;
    }
    params
}

/// How the arguments are told, in any order; what is optional may be left out.
fn cues(spec: &ToolSpec, draw: &mut Draw, pools: &Pools) -> String {
    let cue = draw.pick(&pools.grammar.cues).clone();
    let mut told: Vec<&Param> = spec
        .params
        .iter()
        .filter(|it| it.required || draw.chance(50))
        .collect();
    draw.shuffle(&mut told);
    let joint = *draw.pick(&[" and ", ", ", ", "]);
    let all: Vec<String> = told
        .iter()
        .map(|param| {
            fill(&cue, &mut |slot| match slot {
                "words" => param.name.replace('_', " "),
                _ => format!("{{{}}}", param.name),
            })
        })
        .collect();
    all.join(joint)
}
