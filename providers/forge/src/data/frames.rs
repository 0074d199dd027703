//! How things are said around what matters: instructions, greetings, questions of every form.

use serde::Deserialize;

use super::DataError;
use super::fill::{capital, fill, small};
use super::pools::{Pools, wrong};
use super::random::Draw;

/// Phrasings of one split.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Frames {
    /// Instructions of agents with tools.
    pub(crate) systems_tools: Vec<String>,
    /// Instructions of agents that read.
    pub(crate) systems_passages: Vec<String>,
    /// Around a request: `{X}` with a capital, `{x}` without.
    pub(crate) leads: Vec<String>,
    /// Two questions in one.
    pub(crate) both: Vec<String>,
    /// A question made of words of a sentence.
    pub(crate) keywords: Vec<String>,
    /// Names of documents.
    pub(crate) sources: Vec<String>,
    /// Sentences that say nothing that is asked for.
    pub(crate) fillers: Vec<String>,
    /// Before a sentence, which goes on in small letters.
    pub(crate) openings: Vec<String>,
    /// Asks for the value of `{x}`, an arithmetic expression.
    pub(crate) calculate: Vec<String>,
    /// `story => expression`
    pub(crate) stories: Vec<String>,
    pub(crate) now_here: Vec<String>,
    pub(crate) now_there: Vec<String>,
    pub(crate) difference: Vec<String>,
    /// Asks for a search.
    pub(crate) search: Vec<String>,
    /// Asks for the field `{k}` of a result.
    pub(crate) fields: Vec<String>,
    /// What a tool says when it fails.
    pub(crate) errors: Vec<String>,
    /// Questions about clauses.
    pub(crate) clauses: Clauses,
}

/// Questions about who does what: `{s}` subject, `{v}`, `{vs}`, `{ved}` verb, `{o}` object, `{w}` the rest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clauses {
    pub(crate) what: Vec<String>,
    pub(crate) who: Vec<String>,
    pub(crate) place: Vec<String>,
    pub(crate) when: Vec<String>,
    pub(crate) why: Vec<String>,
    pub(crate) how: Vec<String>,
    pub(crate) deed: Vec<String>,
    /// `{w}` is when.
    pub(crate) happens: Vec<String>,
}

impl Frames {
    pub(super) fn check(&self, file: &str) -> Result<(), DataError> {
        let clauses = &self.clauses;
        let lists = [
            &self.systems_tools,
            &self.systems_passages,
            &self.leads,
            &self.both,
            &self.keywords,
            &self.sources,
            &self.fillers,
            &self.openings,
            &self.calculate,
            &self.stories,
            &self.now_here,
            &self.now_there,
            &self.difference,
            &self.search,
            &self.fields,
            &self.errors,
            &clauses.what,
            &clauses.who,
            &clauses.place,
            &clauses.when,
            &clauses.why,
            &clauses.how,
            &clauses.deed,
            &clauses.happens,
        ];
        if lists.iter().any(|list| list.is_empty()) {
            return Err(wrong(file, "a list is empty"));
        }
        match self.stories.iter().find(|story| !story.contains(" => ")) {
            Some(story) => Err(wrong(file, &format!("`{story}` is not `story => expression`"))),
            None => Ok(()),
        }
    }
}

/// A request as a person types it: perhaps with a word before or after it, perhaps without care.
pub(crate) fn spoken(text: &str, draw: &mut Draw, pools: &Pools) -> String {
    let mut text = text.to_owned();
    if draw.chance(22) && text.ends_with(['.', '?', '!']) {
        let lead = draw.pick(&pools.frames.leads).clone();
        text = fill(&lead, &mut |slot| {
            if slot == "x" { small(&text) } else { text.clone() }
        });
    }
    careless(&text, draw)
}

/// Now and then without a capital or without what ends a sentence.
pub(crate) fn careless(text: &str, draw: &mut Draw) -> String {
    let mut text = if draw.chance(12) {
        small(text)
    } else {
        text.to_owned()
    };
    if draw.chance(10) && text.ends_with(['.', '?']) {
        text.pop();
    }
    text
}

/// The name of a document.
pub(crate) fn source(draw: &mut Draw, pools: &Pools) -> String {
    let template = draw.pick(&pools.frames.sources).clone();
    fill(&template, &mut |slot| match slot {
        "Name" => pools.words.name(draw),
        "noun" => draw.pick(&pools.nouns).replace(' ', "-"),
        "year" => draw.between(2014, 2026).to_string(),
        "n" => draw.between(1, 40).to_string(),
        _ => pools.words.stem(draw),
    })
}

/// A heading out of the name of a document.
pub(crate) fn heading(source: &str) -> String {
    let file = source.rsplit('/').next().unwrap_or_default();
    let name = file.split('.').next().unwrap_or_default();
    capital(&name.replace(['-', '_'], " "))
}
