//! Material out of prose that was written for this, with questions of its own.
//!
//! A text begins with `# title`; each line after it is a sentence, the line `? a | b` after that are questions which
//! it answers, and `! a | b` are questions that the text does not answer. Slots as `{place:a}` are filled anew each time,
//! all of one spelling alike.

use std::collections::BTreeMap;

use super::{Material, Sentence, Size, Text};
use crate::data::DataError;
use crate::data::fill::{capital, fill};
use crate::data::frames::source;
use crate::data::pools::{Pools, wrong};
use crate::data::random::Draw;
use crate::data::values::value;

/// A text as it was written, with slots.
#[derive(Debug, Default)]
pub(crate) struct Prose {
    pub(crate) title: String,
    pub(crate) sentences: Vec<Sentence>,
    pub(crate) missing: Vec<String>,
}

/// Reads a pool of texts.
pub(crate) fn parse(pool: &str, text: &str) -> Result<Vec<Prose>, DataError> {
    let mut all: Vec<Prose> = Vec::new();
    let list = |text: &str| -> Vec<String> { text.split(" | ").map(|it| it.trim().to_owned()).collect() };
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(title) = line.strip_prefix("# ") {
            all.push(Prose {
                title: title.to_owned(),
                ..Prose::default()
            });
            continue;
        }
        let Some(prose) = all.last_mut() else {
            return Err(wrong(pool, &format!("`{line}` comes before any title")));
        };
        if let Some(missing) = line.strip_prefix("! ") {
            prose.missing.extend(list(missing));
        } else if let Some(asks) = line.strip_prefix("? ") {
            let Some(sentence) = prose.sentences.last_mut() else {
                return Err(wrong(pool, &format!("`{line}` comes before any sentence")));
            };
            sentence.asks.extend(list(asks));
        } else {
            prose.sentences.push(Sentence {
                text: line.to_owned(),
                asks: Vec::new(),
            });
        }
    }
    match all
        .iter()
        .find(|it| it.missing.is_empty() || it.sentences.iter().all(|it| it.asks.is_empty()))
    {
        Some(prose) => Err(wrong(
            pool,
            &format!("`{}` has no questions of both kinds", prose.title),
        )),
        None => Ok(all),
    }
}

/// A text or two, cut into passages; what stood in the part that is left out is asked for in vain.
pub(super) fn material(size: Size, draw: &mut Draw, pools: &Pools) -> Material {
    let mut material = Material::default();
    let count = if size == Size::Large { 2 } else { 1 };
    for prose in draw.some(&pools.prose, count) {
        material.of.push(prose.title.clone());
        let budget = size.texts(draw) * size.sentences(draw);
        add(&mut material, prose, budget.max(2), draw, pools);
    }
    draw.shuffle(&mut material.missing);
    material
}

fn add(material: &mut Material, prose: &Prose, budget: usize, draw: &mut Draw, pools: &Pools) {
    let mut filled: BTreeMap<String, String> = BTreeMap::new();
    let sentences: Vec<Sentence> = prose
        .sentences
        .iter()
        .map(|it| Sentence {
            text: put(&it.text, &mut filled, draw, pools),
            asks: it
                .asks
                .iter()
                .map(|ask| put(ask, &mut filled, draw, pools))
                .collect(),
        })
        .collect();
    let shown = budget.min(sentences.len());
    let first = draw.below(sentences.len() - shown + 1);
    for (at, sentence) in sentences.iter().enumerate() {
        if !(first..first + shown).contains(&at) {
            material.missing.extend(sentence.asks.iter().cloned());
        }
    }
    let missing: Vec<String> = prose
        .missing
        .iter()
        .map(|ask| put(ask, &mut filled, draw, pools))
        .collect();
    material.missing.extend(missing);
    let source = source(draw, pools);
    let each = draw.count(2, 7);
    for some in sentences[first..first + shown].chunks(each) {
        material.texts.push(Text {
            source: source.clone(),
            sentences: some.to_vec(),
            raw: None,
        });
    }
}

fn put(template: &str, filled: &mut BTreeMap<String, String>, draw: &mut Draw, pools: &Pools) -> String {
    let text = fill(template, &mut |slot| {
        if let Some(known) = filled.get(slot) {
            return known.clone();
        }
        let kind = slot.split(':').next().unwrap_or_default();
        let made = value(kind, draw, pools).text;
        filled.insert(slot.to_owned(), made.clone());
        made
    });
    capital(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_with_their_questions() -> Result<(), DataError> {
        let read = parse("p", "# A\nOne.\n? Which? | What?\nTwo.\n! Who?\n")?;
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].sentences.len(), 2);
        assert_eq!(read[0].sentences[0].asks, ["Which?", "What?"]);
        assert_eq!(read[0].missing, ["Who?"]);
        for wrong in ["One.", "# A\n? Which?", "# A\nOne.\n? Which?"] {
            assert!(parse("p", wrong).is_err(), "{wrong}");
        }
        Ok(())
    }
}
