//! The held-out sets are what was frozen, can be made again, and were never seen in training.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use gyre_forge::data::held_out::{HeldOut, SETS};
use gyre_forge::data::{DataError, DataRecipe, Example, Expect, Message, OWN_TOOLS, Role, Split, generate};
use serde_json::Value;

/// Training examples that held-out ones are looked for in.
const TRAIN_EXAMPLES: u64 = 3_000;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/held-out"))
}

fn all(split: Split) -> Result<Vec<Example>> {
    let mut all = Vec::new();
    for set in SETS.iter().filter(|set| set.split == split) {
        all.extend(set.read(folder())?);
    }
    Ok(all)
}

#[test]
fn the_files_are_what_the_generator_makes() -> Result<()> {
    for set in SETS {
        let frozen = set.read(folder())?;
        let made = set.make()?;
        ensure!(
            frozen.len() == set.examples,
            "{}: {} examples",
            set.file,
            frozen.len()
        );
        let same = HeldOut::text(&frozen)? == HeldOut::text(&made)?;
        ensure!(
            same,
            "{} is made otherwise now: put the pools back as they were frozen",
            set.file
        );
        ensure!(
            frozen
                .iter()
                .all(|it| it.task == set.task && it.split == set.split)
        );
    }
    Ok(())
}

#[test]
fn a_file_that_was_changed_is_refused() -> Result<()> {
    let changed = tempfile::tempdir()?;
    let set = SETS[1];
    let text = HeldOut::text(&set.read(folder())?)?.replacen("user", "User", 1);
    std::fs::write(
        changed.path().join(format!("{}.gz", set.file)),
        HeldOut::pack(&text)?,
    )?;
    let read = set.read(changed.path());
    ensure!(matches!(read, Err(DataError::NotFrozen { .. })), "{read:?}");
    Ok(())
}

fn texts(example: &Example, role: Role) -> impl Iterator<Item = &Message> {
    example.messages.iter().filter(move |it| it.role == role)
}

/// The texts of the passages that an example shows.
fn passages(example: &Example) -> Result<Vec<(u64, String)>> {
    let mut passages = Vec::new();
    for message in texts(example, Role::Tool) {
        let Ok(Value::Array(found)) = serde_json::from_str(&message.content) else {
            continue;
        };
        for passage in found {
            let mark = passage["mark"].as_u64().context("a mark")?;
            passages.push((
                mark,
                passage["text"].as_str().context("a text")?.replace('\n', " "),
            ));
        }
    }
    Ok(passages)
}

#[test]
fn what_is_expected_can_be_told_from_what_is_shown() -> Result<()> {
    for example in all(Split::Test)?.into_iter().chain(all(Split::Dev)?) {
        let expect = example
            .expect
            .as_ref()
            .context("held out without an expectation")?;
        let last = example.messages.last().context("no message")?;
        ensure!(
            last.role != Role::Assistant,
            "{}: the answer is shown",
            example.id
        );
        tellable(&example, expect)?;
    }
    Ok(())
}

fn tellable(example: &Example, expect: &Expect) -> Result<()> {
    let id = &example.id;
    match expect {
        Expect::Call { name, arguments } => {
            let tool = example
                .tools
                .iter()
                .find(|it| it.name == *name)
                .context("a tool that is not offered")?;
            let required = tool.parameters["required"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let told = required
                .iter()
                .all(|it| arguments.contains_key(it.as_str().unwrap_or_default()));
            ensure!(told, "{id}: a required argument is missing");
            let properties = &tool.parameters["properties"];
            ensure!(
                arguments.keys().all(|key| !properties[key].is_null()),
                "{id}: no such parameter"
            );
        }
        Expect::Span { span, mark } => {
            let holds = passages(example)?
                .iter()
                .any(|(n, text)| *n == u64::from(*mark) && text.contains(span));
            ensure!(holds, "{id}: no passage {mark} with `{span}`");
        }
        Expect::Spans { spans } => {
            ensure!(spans.len() > 1, "{id}: one span");
            for it in spans {
                tellable(
                    example,
                    &Expect::Span {
                        span: it.span.clone(),
                        mark: it.mark,
                    },
                )?;
            }
        }
        Expect::Unknown => {}
        Expect::Contains { any } => ensure!(
            !any.is_empty() && any.iter().all(|it| !it.is_empty()),
            "{id}: nothing to contain"
        ),
        Expect::Not { forbidden, right } => {
            let shown: String = texts(example, Role::Tool).map(|it| it.content.as_str()).collect();
            // A line of a passage may end within a name.
            let shown = shown.replace("\\n", " ");
            ensure!(
                forbidden.iter().all(|it| shown.contains(it.as_str())),
                "{id}: nothing was injected"
            );
            ensure!(
                !serde_json::to_string(right)?.contains(&forbidden[0]),
                "{id}: what is right is forbidden"
            );
            tellable(example, right)?;
        }
    }
    Ok(())
}

/// Names of tools and whole questions. The tools that are ours are everyone's.
fn seen(examples: &[Example]) -> (BTreeSet<String>, HashSet<String>) {
    let names = examples.iter().flat_map(|it| &it.tools).map(|it| it.name.clone());
    let names = names.filter(|name| !OWN_TOOLS.contains(&name.as_str())).collect();
    let asked = examples.iter().flat_map(|it| texts(it, Role::User));
    (names, asked.map(|it| it.content.to_lowercase()).collect())
}

#[test]
fn no_tool_and_no_question_is_in_two_splits() -> Result<()> {
    let train: Vec<Example> =
        generate(&DataRecipe::train(5), 0..TRAIN_EXAMPLES)?.collect::<Result<_, _>>()?;
    let splits = [seen(&train), seen(&all(Split::Dev)?), seen(&all(Split::Test)?)];
    for (at, (names, asked)) in splits.iter().enumerate() {
        for (others, theirs) in &splits[at + 1..] {
            let shared: Vec<&String> = names.intersection(others).collect();
            ensure!(shared.is_empty(), "tools in two splits: {shared:?}");
            let shared: Vec<&String> = asked.intersection(theirs).collect();
            ensure!(shared.is_empty(), "questions in two splits: {shared:?}");
        }
    }
    Ok(())
}

#[test]
fn an_example_depends_on_its_index_alone() -> Result<()> {
    let recipe = DataRecipe::train(11);
    let ids = |range| -> Result<Vec<String>, DataError> {
        generate(&recipe, range)?.map(|it| it.map(|it| it.id)).collect()
    };
    ensure!([ids(0..20)?, ids(20..50)?].concat() == ids(0..50)?);
    let other = DataRecipe::train(12);
    let others: Vec<Example> = generate(&other, 0..50)?.collect::<Result<_, _>>()?;
    ensure!(others.iter().all(|it| it.expect.is_none()));
    ensure!(!ids(0..50)?.contains(&others[0].id));
    Ok(())
}
