use super::*;
use std::fs;
use std::path::Path;

/// Cuts a document into passages of about `lines_max` lines, at blank lines or list items, keeping the heading.
fn passages_of(text: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut current = String::new();
    for line in text.lines() {
        let boundary = line.starts_with('#') || line.is_empty() || current.len() > 700;
        if boundary && !current.trim().is_empty() {
            passages.push(Passage {
                text: std::mem::take(&mut current),
            });
        }
        current.push_str(line);
        current.push('\n');
    }
    passages.push(Passage { text: current });
    passages
}

#[test]
#[ignore = "prints answers for a person to judge; set GYRE_DOCS to a folder of Markdown"]
fn look_at_answers() {
    let folder = std::env::var("GYRE_DOCS").unwrap();
    let mut texts: Vec<_> = fs::read_dir(Path::new(&folder))
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    texts.sort();
    let all: Vec<Passage> = texts
        .iter()
        .flat_map(|path| passages_of(&fs::read_to_string(path).unwrap()))
        .collect();
    for question in std::env::var("GYRE_QUESTIONS").unwrap().split('|') {
        // A stand-in for retrieval: the passages that share most terms with the question.
        let terms: std::collections::HashSet<_> = crate::words::terms(question).into_iter().collect();
        let mut ranked: Vec<_> = all.clone();
        ranked.sort_by_key(|it| {
            let found: std::collections::HashSet<_> = crate::words::terms(&it.text).into_iter().collect();
            std::cmp::Reverse(found.intersection(&terms).count())
        });
        ranked.truncate(8);
        let task = Task {
            question: question.into(),
            passages: Some(ranked),
        };
        println!("\n=== {question}\n{}", write(&task).concat());
    }
}
