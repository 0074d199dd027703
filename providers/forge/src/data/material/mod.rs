//! What there is to read: texts of sentences, the questions that each sentence alone answers, and questions that look
//! alike and that no sentence answers.

pub(crate) mod asking;
mod clauses;
pub(crate) mod documents;
mod facts;
mod forms;
mod markdown;
pub(crate) mod prose;

use super::fill::small;
use super::frames::source;
use super::pools::Pools;
use super::random::Draw;
use documents::Document;

/// A sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) text: String,
    /// Questions that it answers, and nothing else here.
    pub(crate) asks: Vec<String>,
}

/// A text out of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) source: String,
    pub(crate) sentences: Vec<Sentence>,
    /// As it stands in the document, where the sentences alone are not all of it.
    pub(crate) raw: Option<String>,
}

/// Texts about related things.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Material {
    /// Topics, domains or documents that it is made from: two materials of one are not put together.
    pub(crate) of: Vec<String>,
    pub(crate) texts: Vec<Text>,
    /// Questions that nothing here answers, though they look like it.
    pub(crate) missing: Vec<String>,
}

/// How much there is to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// One or two short texts.
    Small,
    /// Some texts.
    Medium,
    /// As much as a search finds at most.
    Large,
}

impl Size {
    /// Much of what is learnt from is short: the same skill for fewer tokens.
    pub(crate) fn learnt(draw: &mut Draw) -> Self {
        [Self::Small, Self::Medium, Self::Large][draw.weighted(&[36, 42, 22])]
    }

    /// What is measured is more like what searches find.
    pub(crate) fn measured(draw: &mut Draw) -> Self {
        [Self::Small, Self::Medium, Self::Large][draw.weighted(&[20, 50, 30])]
    }

    fn texts(self, draw: &mut Draw) -> usize {
        match self {
            Self::Small => draw.count(1, 2),
            Self::Medium => draw.count(2, 4),
            Self::Large => draw.count(4, 6),
        }
    }

    fn sentences(self, draw: &mut Draw) -> usize {
        match self {
            Self::Small => draw.count(1, 4),
            Self::Medium => draw.count(2, 5),
            Self::Large => draw.count(3, 7),
        }
    }
}

/// Material of any kind: mostly about one thing, sometimes with texts about another among it.
pub(crate) fn material(size: Size, draw: &mut Draw, pools: &Pools, documents: &[Document]) -> Material {
    let mut material = one(size, draw, pools, documents);
    if size != Size::Small && draw.chance(35) {
        let other = one(Size::Small, draw, pools, &[]);
        // What is asked for in vain of the one must not stand in the other.
        if !other.of.iter().any(|of| material.of.contains(of)) {
            material.texts.extend(other.texts);
        }
    }
    if draw.chance(70) {
        draw.shuffle(&mut material.texts);
    }
    material.texts.truncate(6);
    material
}

fn one(size: Size, draw: &mut Draw, pools: &Pools, documents: &[Document]) -> Material {
    let real = if documents.is_empty() { 0 } else { 20 };
    match draw.weighted(&[34, 28, 26, real]) {
        0 => facts::material(size, draw, pools),
        1 => clauses::material(size, draw, pools),
        2 => prose::material(size, draw, pools),
        _ => documents::material(size, draw, pools, documents),
    }
}

/// Deals sentences out to texts, and puts words between them that nobody asks for.
fn texts(sentences: &[Sentence], size: Size, draw: &mut Draw, pools: &Pools) -> Vec<Text> {
    let count = size.texts(draw);
    let each = sentences.len().div_ceil(count.max(1)).max(1);
    sentences
        .chunks(each)
        .map(|some| Text {
            source: source(draw, pools),
            sentences: padded(some.to_vec(), size, draw, pools),
            raw: None,
        })
        .collect()
}

/// With fillers now and then: a passage of a document says more than what is asked for.
fn padded(mut sentences: Vec<Sentence>, size: Size, draw: &mut Draw, pools: &Pools) -> Vec<Sentence> {
    let most = match size {
        Size::Small => 1,
        Size::Medium => 2,
        Size::Large => 5,
    };
    let count = if draw.chance(38) { draw.count(1, most) } else { 0 };
    for filler in draw.some(&pools.frames.fillers, count) {
        let at = draw.count(usize::from(sentences.len() > 1), sentences.len());
        sentences.insert(
            at,
            Sentence {
                text: filler.clone(),
                asks: Vec::new(),
            },
        );
    }
    sentences
}

/// A sentence with an opening before it now and then.
fn opened(text: String, draw: &mut Draw, pools: &Pools) -> String {
    if draw.chance(10)
        && ["The ", "A ", "It ", "Its "]
            .iter()
            .any(|start| text.starts_with(start))
    {
        return format!("{} {}", draw.pick(&pools.frames.openings), small(&text));
    }
    text
}
