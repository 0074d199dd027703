//! Material out of topics: things with names, and what is said of them.

use super::{Material, Sentence, Size, Text, opened, padded};
use crate::data::fill::{capital, fill};
use crate::data::frames::source;
use crate::data::pools::{Fact, Pools, Topic};
use crate::data::random::Draw;
use crate::data::values::value;

/// A thing with a name.
struct Entity {
    name: String,
    full: String,
}

fn entity(topic: &Topic, draw: &mut Draw, pools: &Pools) -> Entity {
    let name = value(&topic.name, draw, pools).text;
    let full = draw.pick(&topic.full).clone();
    Entity {
        full: fill(&full, &mut |_| name.clone()),
        name,
    }
}

/// Texts about some things of one kind, one text a thing; questions about what is not said of them, and about another.
pub(super) fn material(size: Size, draw: &mut Draw, pools: &Pools) -> Material {
    let topic = draw.pick(&pools.topics);
    let count = size.texts(draw);
    let mut material = Material {
        of: vec![topic.kind.clone()],
        ..Material::default()
    };
    let mut said: Vec<&Fact> = Vec::new();
    for _ in 0..count {
        let named = entity(topic, draw, pools);
        let facts = draw.some(&topic.facts, topic.facts.len());
        let told = size.sentences(draw).min(facts.len() - 1);
        let sentences = sentences(topic, &named, &facts[..told], draw, pools);
        material.texts.push(Text {
            source: source(draw, pools),
            sentences: padded(sentences, size, draw, pools),
            raw: None,
        });
        for fact in &facts[told..] {
            material
                .missing
                .push(question(draw.text(&fact.asks), &named, draw));
        }
        said.extend(&facts[..told]);
    }
    // The same question about a thing that is not here.
    let stranger = entity(topic, draw, pools);
    for fact in draw.some(&said, 2) {
        material
            .missing
            .push(question(draw.text(&fact.asks), &stranger, draw));
    }
    draw.shuffle(&mut material.missing);
    material
}

fn sentences(
    topic: &Topic,
    entity: &Entity,
    facts: &[&Fact],
    draw: &mut Draw,
    pools: &Pools,
) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    for (at, fact) in facts.iter().enumerate() {
        let says = draw.pick(&fact.says).clone();
        let pronoun = at > 0 && !topic.pronoun.is_empty() && draw.chance(25);
        let says = if pronoun { with_pronoun(&says, topic) } else { says };
        let text = fill(&says, &mut |slot| match slot {
            "E" => capital(&entity.full),
            "e" => entity.full.clone(),
            "n" => entity.name.clone(),
            kind => value(kind, draw, pools).text,
        });
        let asks = draw.some(&fact.asks, fact.asks.len());
        sentences.push(Sentence {
            text: opened(capital(&text), draw, pools),
            asks: asks.into_iter().map(|ask| question(ask, entity, draw)).collect(),
        });
    }
    sentences
}

/// `{E} is` becomes `It is`, `{E}'s` becomes `Its`.
fn with_pronoun(says: &str, topic: &Topic) -> String {
    let own = match topic.pronoun.as_str() {
        "She" => "Her",
        "He" => "His",
        _ => "Its",
    };
    if let Some(rest) = says.strip_prefix("{E}'s ") {
        return format!("{own} {rest}");
    }
    match says.strip_prefix("{E} ") {
        Some(rest) => format!("{} {rest}", topic.pronoun),
        None => says.to_owned(),
    }
}

fn question(ask: &str, entity: &Entity, draw: &mut Draw) -> String {
    let short = draw.chance(30);
    let text = fill(ask, &mut |slot| {
        let whole = slot != "n" && !short;
        if whole {
            entity.full.clone()
        } else {
            entity.name.clone()
        }
    });
    capital(&text)
}
