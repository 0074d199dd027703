use std::collections::BTreeSet;

use super::*;
use crate::data::frames::Clauses;
use crate::data::tooling::own::OWN_TOOLS;
use crate::data::words::split_of;

/// What is said in a split, under what it is.
type Traits = BTreeMap<&'static str, BTreeSet<String>>;

fn joined(lists: &[&Vec<String>]) -> BTreeSet<String> {
    lists.iter().flat_map(|list| list.iter().cloned()).collect()
}

fn of_tools(pools: &Pools) -> Traits {
    let grammar = &pools.grammar;
    let tools = &pools.tools;
    let name = |field: &String| field.split(':').next().unwrap_or_default().to_owned();
    BTreeMap::from([
        ("names of tools", tools.iter().map(|it| it.name.clone()).collect()),
        (
            "descriptions of tools",
            tools.iter().map(|it| it.about.clone()).collect(),
        ),
        (
            "schemas",
            tools.iter().map(|it| it.tool().parameters.to_string()).collect(),
        ),
        ("requests", tools.iter().flat_map(|it| it.asks.clone()).collect()),
        ("verbs", joined(&[&grammar.verbs])),
        ("nouns", joined(&[&pools.nouns])),
        ("parameters", grammar.fields.iter().map(name).collect()),
        (
            "frames of requests",
            joined(&[&grammar.requests, &grammar.cues, &grammar.descriptions]),
        ),
    ])
}

fn of_reading(pools: &Pools) -> Traits {
    let facts = || pools.topics.iter().flat_map(|topic| &topic.facts);
    let sentences = || pools.prose.iter().flat_map(|prose| &prose.sentences);
    let domains = |of: fn(&Domain) -> &Vec<String>| -> BTreeSet<String> {
        pools.domains.iter().flat_map(|it| of(it).clone()).collect()
    };
    BTreeMap::from([
        ("topics", pools.topics.iter().map(|it| it.kind.clone()).collect()),
        ("facts", facts().flat_map(|it| it.says.clone()).collect()),
        (
            "questions about facts",
            facts().flat_map(|it| it.asks.clone()).collect(),
        ),
        (
            "domains",
            pools.domains.iter().map(|it| it.name.clone()).collect(),
        ),
        ("subjects", domains(|it| &it.subjects)),
        ("objects", domains(|it| &it.objects)),
        ("places", domains(|it| &it.places)),
        ("occasions", domains(|it| &it.whens)),
        ("reasons", domains(|it| &it.whys)),
        ("means", domains(|it| &it.hows)),
        ("titles", pools.prose.iter().map(|it| it.title.clone()).collect()),
        ("sentences", sentences().map(|it| it.text.clone()).collect()),
        (
            "questions about prose",
            sentences().flat_map(|it| it.asks.clone()).collect(),
        ),
    ])
}

fn of_clauses(clauses: &Clauses) -> BTreeSet<String> {
    joined(&[
        &clauses.what,
        &clauses.who,
        &clauses.place,
        &clauses.when,
        &clauses.why,
        &clauses.how,
        &clauses.deed,
        &clauses.happens,
    ])
}

fn of_talk(pools: &Pools) -> Traits {
    let (frames, attacks) = (&pools.frames, &pools.attacks);
    let lists = [
        "first names",
        "task",
        "message",
        "phrase",
        "query",
        "trade",
        "animal",
        "sport",
        "genre",
    ];
    let lists: Vec<&Vec<String>> = lists.iter().map(|name| &pools.lists[*name]).collect();
    BTreeMap::from([
        ("words", joined(&lists)),
        ("questions about clauses", of_clauses(&pools.frames.clauses)),
        (
            "around requests",
            joined(&[&frames.leads, &frames.both, &frames.search, &frames.fields]),
        ),
        (
            "around passages",
            joined(&[
                &frames.fillers,
                &frames.openings,
                &frames.sources,
                &frames.keywords,
            ]),
        ),
        (
            "questions for our tools",
            joined(&[
                &frames.calculate,
                &frames.stories,
                &frames.now_here,
                &frames.now_there,
                &frames.difference,
            ]),
        ),
        ("errors", joined(&[&frames.errors])),
        (
            "questions about Gyre",
            pools.gyre.iter().flat_map(|it| it.asks.clone()).collect(),
        ),
        (
            "small talk",
            pools.plain.talk.iter().flat_map(|it| it.asks.clone()).collect(),
        ),
        ("deeds", joined(&[&pools.plain.deeds, &pools.plain.questions])),
        (
            "attacks",
            joined(&[
                &attacks.sayings,
                &attacks.calls,
                &attacks.fields,
                &attacks.harmless,
            ]),
        ),
    ])
}

/// Everything by which an example could be recognised.
fn traits(pools: &Pools) -> Traits {
    let mut all = of_tools(pools);
    all.extend(of_reading(pools));
    all.extend(of_talk(pools));
    all
}

#[test]
fn pools_are_right() -> Result<(), DataError> {
    for split in Split::ALL {
        Pools::of(split)?;
    }
    Ok(())
}

#[test]
fn no_split_shares_what_it_says_with_another() -> Result<(), DataError> {
    let all: Vec<_> = Split::ALL
        .into_iter()
        .map(|split| Ok((split, traits(Pools::of(split)?))))
        .collect::<Result<_, DataError>>()?;
    let mut shared = Vec::new();
    for (at, (split, own)) in all.iter().enumerate() {
        for (other, theirs) in &all[at + 1..] {
            for (what, items) in own {
                let small = |items: &BTreeSet<String>| -> BTreeSet<String> {
                    items.iter().map(|it| it.to_lowercase()).collect()
                };
                for item in small(items).intersection(&small(&theirs[what])) {
                    shared.push(format!("{what} of {} and {}: {item}", split.name(), other.name()));
                }
            }
        }
    }
    assert!(shared.is_empty(), "{shared:#?}");
    Ok(())
}

/// Systems other than our own personas, which are the same everywhere.
#[test]
fn instructions_are_shared_only_where_they_are_ours() -> Result<(), DataError> {
    let assistant: serde_json::Value = serde_json::from_str(include_str!(
        "../../../../../components/agent/personas/assistant/persona.json"
    ))?;
    let researcher: serde_json::Value = serde_json::from_str(include_str!(
        "../../../../../components/agent/personas/researcher/persona.json"
    ))?;
    let mut seen = BTreeSet::new();
    for split in Split::ALL {
        let frames = &Pools::of(split)?.frames;
        assert_eq!(assistant["system"], frames.systems_tools[0]);
        assert_eq!(researcher["system"], frames.systems_passages[0]);
        for system in frames.systems_tools[1..]
            .iter()
            .chain(&frames.systems_passages[1..])
        {
            assert!(seen.insert(system), "{system}");
        }
    }
    Ok(())
}

#[test]
fn our_own_tools_are_in_no_pool() -> Result<(), DataError> {
    for split in Split::ALL {
        let names = Pools::of(split)?.tools.iter().map(|it| it.name.as_str());
        assert_eq!(names.filter(|name| OWN_TOOLS.contains(name)).count(), 0);
    }
    Ok(())
}

#[test]
fn a_word_belongs_to_one_split() -> Result<(), DataError> {
    for split in Split::ALL {
        let pools = Pools::of(split)?;
        let mut draw = crate::data::random::Draw::new(1, split.name(), 0);
        for _ in 0..200 {
            let word = pools.words.stem(&mut draw);
            assert_eq!(split_of(&word), split, "{word}");
            assert_eq!(split_of(&word.to_uppercase()), split, "{word}");
        }
    }
    Ok(())
}
