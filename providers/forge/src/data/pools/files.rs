//! Pools as their files write them, and how they become what they are.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::shape::{Domain, Fact, GyreFact, Operation, Topic, Zone};
use super::{read, wrong};
use crate::data::DataError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicFile {
    topic: Vec<TopicText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicText {
    kind: String,
    name: String,
    full: Vec<String>,
    pronoun: String,
    facts: Vec<String>,
}

/// Topics; a fact is written `key | says / says | asks / asks`.
pub(super) fn topics(pool: &str, text: &str) -> Result<Vec<Topic>, DataError> {
    let file: TopicFile = read(pool, text)?;
    let topic = |it: TopicText| {
        let facts: Result<Vec<Fact>, DataError> = it.facts.iter().map(|text| fact(pool, text)).collect();
        Ok(Topic {
            kind: it.kind,
            name: it.name,
            full: it.full,
            pronoun: it.pronoun,
            facts: facts?,
        })
    };
    file.topic.into_iter().map(topic).collect()
}

fn fact(pool: &str, text: &str) -> Result<Fact, DataError> {
    let parts: Vec<&str> = text.split(" | ").collect();
    let [key, says, asks] = parts[..] else {
        return Err(wrong(
            pool,
            &format!("`{text}` is not `key | says / says | asks / asks`"),
        ));
    };
    let list = |text: &str| text.split(" / ").map(|it| it.trim().to_owned()).collect();
    Ok(Fact {
        key: key.to_owned(),
        says: list(says),
        asks: list(asks),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DomainFile {
    domain: Vec<DomainText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DomainText {
    name: String,
    who: String,
    subjects: Vec<String>,
    verbs: Vec<String>,
    objects: Vec<String>,
    places: Vec<String>,
    whens: Vec<String>,
    whys: Vec<String>,
    hows: Vec<String>,
}

/// Domains; a verb is written `keep keeps kept`.
pub(super) fn domains(pool: &str, text: &str) -> Result<Vec<Domain>, DataError> {
    let file: DomainFile = read(pool, text)?;
    let domain = |it: DomainText| {
        let verbs: Result<Vec<[String; 3]>, DataError> =
            it.verbs.iter().map(|text| forms(pool, text)).collect();
        Ok(Domain {
            name: it.name,
            who: it.who,
            subjects: it.subjects,
            verbs: verbs?,
            objects: it.objects,
            places: it.places,
            whens: it.whens,
            whys: it.whys,
            hows: it.hows,
        })
    };
    file.domain.into_iter().map(domain).collect()
}

/// The three forms of a verb.
pub(crate) fn forms(pool: &str, text: &str) -> Result<[String; 3], DataError> {
    let forms: Vec<String> = text.split(' ').map(str::to_owned).collect();
    forms
        .try_into()
        .map_err(|_| wrong(pool, &format!("`{text}` is not `keep keeps kept`")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GyreFile {
    fact: Vec<GyreText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GyreText {
    key: String,
    answer: String,
    any: Vec<String>,
}

/// What is said of Gyre is the same in every split; how it is asked is not.
pub(super) fn gyre(pool: &str, asks: &str) -> Result<Vec<GyreFact>, DataError> {
    let file: GyreFile = read("shared/gyre.toml", include_str!("shared/gyre.toml"))?;
    let mut asks: BTreeMap<String, Vec<String>> = read(pool, asks)?;
    let fact = |it: GyreText| {
        let asks = asks.remove(&it.key);
        Ok(GyreFact {
            asks: asks.ok_or_else(|| wrong(pool, &format!("nothing asks for `{}`", it.key)))?,
            key: it.key,
            answer: it.answer,
            any: it.any,
        })
    };
    let facts: Result<Vec<GyreFact>, DataError> = file.fact.into_iter().map(fact).collect();
    match asks.keys().next() {
        Some(key) => Err(wrong(pool, &format!("shared/gyre.toml has no `{key}`"))),
        None => facts,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedFile {
    zones: Vec<String>,
    operation: Vec<Operation>,
}

fn shared() -> Result<SharedFile, DataError> {
    read("shared/own.toml", include_str!("shared/own.toml"))
}

/// Zones, written `Berlin Europe/Berlin 1`.
pub(super) fn zones() -> Result<Vec<Zone>, DataError> {
    let zone = |text: String| {
        let mut parts = text.rsplitn(3, ' ');
        let (offset, name, city) = (parts.next(), parts.next(), parts.next());
        let zone = offset.and_then(|it| it.parse().ok()).zip(name.zip(city));
        let (offset_hours, (name, city)) =
            zone.ok_or_else(|| wrong("shared/own.toml", &format!("`{text}` is not `city zone hours`")))?;
        Ok(Zone {
            city: city.to_owned(),
            name: name.to_owned(),
            offset_hours,
        })
    };
    shared()?.zones.into_iter().map(zone).collect()
}

/// Operations of the calculator.
pub(super) fn operations() -> Result<Vec<Operation>, DataError> {
    Ok(shared()?.operation)
}

/// Questions about sentences, written `beginning => question | question`.
pub(super) fn asked(pool: &str, text: &str) -> Result<Vec<(String, Vec<String>)>, DataError> {
    let line = |line: &str| {
        let (begins, asks) = line.split_once(" => ").ok_or_else(|| {
            wrong(
                pool,
                &format!("`{line}` is not `beginning => question | question`"),
            )
        })?;
        let asks = asks.split(" | ").map(|it| it.trim().to_owned()).collect();
        Ok((begins.to_owned(), asks))
    };
    text.lines().filter(|it| !it.is_empty()).map(line).collect()
}
