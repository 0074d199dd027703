use super::*;
use crate::{blocks, emphasis};
use proptest::prelude::*;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

fn task(question: &str, passages: &[&str]) -> Task {
    let passages = passages
        .iter()
        .map(|text| Passage { text: (*text).into() })
        .collect();
    Task {
        question: question.into(),
        passages: Some(passages),
    }
}

const ISOLATION: &str = "# Isolation\n\nEvery agent runs in a **sandbox** of its\nown. The sandbox isolates the agent \
    from others, e.g. from their memory. Lunch is at noon.";

#[test]
fn each_sentence_is_quoted_with_its_passage() {
    let pieces = write(&task(
        "How is an agent isolated?",
        &["Nothing to see in this one.", ISOLATION],
    ));
    assert_eq!(
        pieces,
        [
            "“Every agent runs in a sandbox of its own.” [2]",
            "\n\n“The sandbox isolates the agent from others, e.g. from their memory.” [2]",
        ]
    );
}

#[test]
fn nothing_is_made_up() {
    assert_eq!(
        write(&task("What is the capital of France?", &[ISOLATION])),
        [NOTHING_RELEVANT]
    );
    assert_eq!(write(&task("What is it?", &[ISOLATION])), [NOTHING_RELEVANT]);
    assert_eq!(write(&task("Anything?", &[])), [NO_PASSAGES]);
    assert_eq!(
        write(&Task {
            question: "Anything?".into(),
            passages: None
        }),
        [NO_PASSAGES]
    );
}

#[test]
fn what_two_passages_say_is_quoted_once() {
    let pieces = write(&task("How is an agent isolated?", &[ISOLATION, ISOLATION]));
    assert!(pieces.iter().all(|piece| piece.ends_with("[1]")), "{pieces:?}");
}

#[test]
fn at_most_four_sentences() {
    let text: String = (0..20)
        .map(|n| format!("Router number {n} forwards request kind-{n} to place-{n}. "))
        .collect();
    assert!(write(&task("What does the router forward?", &[&text])).len() <= 4);
}

/// Passages of Markdown, and of anything.
fn passages() -> impl Strategy<Value = Vec<String>> {
    let token = prop_oneof![
        Just("The router forwards a request. ".to_owned()),
        Just("router ".to_owned()),
        Just("**router** ".to_owned()),
        Just("*request*, e.g. this. ".to_owned()),
        Just("`a*b` ".to_owned()),
        Just("\n- ".to_owned()),
        Just("\n\n# ".to_owned()),
        Just("\n| a | b |\n".to_owned()),
        Just("\n```\n".to_owned()),
        Just("Why? ".to_owned()),
        Just("(Dr. No. 7) ".to_owned()),
        Just("[1] ".to_owned()),
        "\\PC{0,12}",
    ];
    let text = proptest::collection::vec(token, 0..30).prop_map(|tokens| tokens.concat());
    proptest::collection::vec(text, 0..4)
}

proptest! {
    #[test]
    fn quotes_are_verbatim(texts in passages()) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for piece in write(&task("Why does the router forward a request?", &texts)) {
            let Some((quote, mark)) = piece.rsplit_once("” [") else { continue };
            let quote = quote.trim_start().strip_prefix('“').expect("a quote opens");
            let number: usize = mark.strip_suffix(']').expect("a mark closes").parse().expect("a number");
            // Lines join into sentences and marks of blocks and emphasis go; words stay as they are.
            let bare = |text: &str| {
                let text = blocks::squeeze(&text.replace("\n- ", "\n").replace("\n> ", "\n"));
                text.replace(['*', '_'], "")
            };
            prop_assert!(bare(texts[number - 1]).contains(&bare(quote)), "{quote:?} in {:?}", texts[number - 1]);
        }
    }

    #[test]
    fn emphasis_takes_marks_only(text in "\\PC{0,40}") {
        let bare = |text: &str| text.replace(['*', '_'], "");
        prop_assert_eq!(bare(&emphasis::strip(&text)), bare(&text));
    }
}

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
        let terms: HashSet<_> = crate::words::terms(question).into_iter().collect();
        let mut ranked: Vec<_> = all.clone();
        ranked.sort_by_key(|it| {
            let found: HashSet<_> = crate::words::terms(&it.text).into_iter().collect();
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
