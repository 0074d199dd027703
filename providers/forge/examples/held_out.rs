//! Makes the held-out sets, or shows examples: for whoever changes the pools.
//!
//! `held_out freeze FOLDER` writes the sets and their hashes; `held_out show SPLIT TASK COUNT [DOCUMENT…]` prints
//! examples; `held_out write COUNT FILE [DOCUMENT…]` writes training examples and says how many bytes each task has.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use gyre_forge::data::held_out::{HeldOut, SETS};
use gyre_forge::data::{DataRecipe, Document, Example, Split, Task, Weights, generate, write_jsonl};
use sha2::{Digest, Sha256};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["freeze", folder] => freeze(Path::new(folder)),
        ["show", split, task, count, documents @ ..] => show(split, task, count.parse()?, documents),
        ["write", count, file, documents @ ..] => write(count.parse()?, Path::new(file), documents),
        _ => bail!(
            "usage: held_out freeze FOLDER | show SPLIT TASK COUNT [DOCUMENT…] | write COUNT FILE [DOCUMENT…]"
        ),
    }
}

fn freeze(folder: &Path) -> anyhow::Result<()> {
    let mut sums = String::new();
    for set in SETS {
        let text = HeldOut::text(&set.make()?)?;
        let packed = HeldOut::pack(&text)?;
        std::fs::write(folder.join(format!("{}.gz", set.file)), &packed)?;
        let digest: String = Sha256::digest(&text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        sums.push_str(&format!("{digest}  {}\n", set.file));
        println!(
            "{} {} examples, {} bytes, {} packed",
            set.file,
            text.lines().count(),
            text.len(),
            packed.len()
        );
    }
    std::fs::write(folder.join("SHA256SUMS"), sums)?;
    Ok(())
}

fn show(split: &str, task: &str, count: usize, documents: &[&str]) -> anyhow::Result<()> {
    let split = Split::ALL
        .into_iter()
        .find(|it| it.name() == split)
        .context("no such split")?;
    let task = Task::ALL
        .into_iter()
        .find(|it| it.name() == task)
        .context("no such task")?;
    let recipe = DataRecipe {
        seed: 99,
        split,
        weights: Weights::only(task),
        documents: Document::read(documents)?.into(),
    };
    for example in generate(&recipe, 0..u64::MAX)?.take(count) {
        print(&example?);
    }
    Ok(())
}

fn print(example: &Example) {
    println!("=== {} {}", example.task.name(), example.id);
    for tool in &example.tools {
        println!(
            "  tool {} {} - {}",
            tool.name, tool.parameters["properties"], tool.description
        );
    }
    for message in &example.messages {
        let calls = serde_json::to_string(&message.tool_calls).unwrap_or_default();
        let calls = if message.tool_calls.is_empty() { "" } else { &calls };
        println!(
            "  {:?}{}: {}{calls}",
            message.role,
            if message.given { "*" } else { "" },
            message.content
        );
    }
    println!("  -> {:?}", example.expect);
}

fn write(count: u64, file: &Path, documents: &[&str]) -> anyhow::Result<()> {
    let recipe = DataRecipe {
        documents: Document::read(documents)?.into(),
        ..DataRecipe::train(1)
    };
    let written = write_jsonl(&recipe, 0..count, file, &mut |_| {})?;
    println!("{written:?}");
    let mut sizes: BTreeMap<Task, (usize, usize, usize)> = BTreeMap::new();
    for example in generate(&recipe, 0..count)? {
        let example = example?;
        let bytes = |it: &gyre_forge::data::Message| {
            it.content.len()
                + it.tool_calls
                    .iter()
                    .map(|call| call.name.len() + 60)
                    .sum::<usize>()
        };
        let size = sizes.entry(example.task).or_default();
        size.0 += 1;
        size.1 += example.messages.iter().map(bytes).sum::<usize>();
        size.2 += example
            .tools
            .iter()
            .map(|it| it.description.len() + 60)
            .sum::<usize>();
    }
    for (task, (count, messages, tools)) in sizes {
        println!(
            "{} {count}: {} + {} bytes each",
            task.name(),
            messages / count,
            tools / count
        );
    }
    Ok(())
}
