//! What pools look like once they are read.

use serde::Deserialize;

/// Tools that nobody has: a verb, a thing, and what is told of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grammar {
    /// `archive archives archived`
    pub(crate) verbs: Vec<String>,
    /// `label: title`
    pub(crate) fields: Vec<String>,
    /// What a tool's answer may tell: `id: code`.
    pub(crate) results: Vec<String>,
    pub(crate) descriptions: Vec<String>,
    /// Of a request, with a slot for what is told.
    pub(crate) requests: Vec<String>,
    /// How an argument is told: `{words}` and `{value}`.
    pub(crate) cues: Vec<String>,
}

/// A kind of thing, and what may be said of it.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) kind: String,
    /// The kind of its names.
    pub(crate) name: String,
    pub(crate) full: Vec<String>,
    pub(crate) pronoun: String,
    pub(crate) facts: Vec<Fact>,
}

/// One thing to say of a thing, and how it is asked for.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) key: String,
    pub(crate) says: Vec<String>,
    pub(crate) asks: Vec<String>,
}

/// Who does what where, when, why and how.
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) name: String,
    /// `Who` or `What` does it.
    pub(crate) who: String,
    pub(crate) subjects: Vec<String>,
    /// Base, third person, past.
    pub(crate) verbs: Vec<[String; 3]>,
    pub(crate) objects: Vec<String>,
    pub(crate) places: Vec<String>,
    pub(crate) whens: Vec<String>,
    pub(crate) whys: Vec<String>,
    pub(crate) hows: Vec<String>,
}

/// What this model says of Gyre, and how it is asked.
#[derive(Debug)]
pub(crate) struct GyreFact {
    pub(crate) key: String,
    pub(crate) answer: String,
    pub(crate) any: Vec<String>,
    pub(crate) asks: Vec<String>,
}

/// Small talk, and questions that nothing at hand answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plain {
    pub(crate) talk: Vec<Talked>,
    /// Questions about the world.
    pub(crate) questions: Vec<String>,
    /// Things that no tool here can do.
    pub(crate) deeds: Vec<String>,
}

/// Small talk.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Talked {
    pub(crate) asks: Vec<String>,
    pub(crate) answer: String,
    pub(crate) any: Vec<String>,
}

/// Instructions that are not the user's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attacks {
    /// With a slot `{canary}`, a word that must not be said.
    pub(crate) sayings: Vec<String>,
    /// With slots `{tool}` and `{canary}`, a call that must not be made.
    pub(crate) calls: Vec<String>,
    /// Fields of a result that an attack hides in.
    pub(crate) fields: Vec<String>,
    /// What such a field says when nothing is wrong.
    pub(crate) harmless: Vec<String>,
}

/// A time zone that people call by a city.
#[derive(Debug)]
pub(crate) struct Zone {
    pub(crate) city: String,
    pub(crate) name: String,
    pub(crate) offset_hours: i64,
}

/// An operation in words and in signs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    pub(crate) say: String,
    pub(crate) write: String,
    pub(crate) does: String,
}
