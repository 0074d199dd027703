use super::*;

fn candidates(passages: &[&[&str]]) -> Vec<Candidate> {
    let of = |(passage, sentences): (usize, &&[&str])| {
        let candidate = move |(place, text): (usize, &&str)| Candidate {
            passage,
            place,
            sentence: Sentence {
                text: (*text).to_owned(),
                context: String::new(),
            },
        };
        sentences.iter().enumerate().map(candidate).collect::<Vec<_>>()
    };
    passages.iter().enumerate().flat_map(of).collect()
}

const FILLER: [&str; 4] = [
    "Bread is baked at dawn.",
    "Rivers run to the sea.",
    "A clock strikes the hour.",
    "Snow covers every hill.",
];

#[test]
fn the_sentence_that_covers_the_question_wins() {
    let all = candidates(&[
        &FILLER,
        &["The gateway checks request size.", "The gateway is public."],
    ]);
    assert_eq!(choose("Who checks the size of a request?", &all), [4]);
}

#[test]
fn rare_terms_weigh_more() {
    let all = candidates(&[&[
        "The model answers quickly today.",
        "The model answers slowly today.",
        "The model answers in French today.",
        "The model was quantized yesterday.",
    ]]);
    assert_eq!(choose("Is the model quantized?", &all)[0], 3);
}

#[test]
fn order_is_by_passage_then_place() {
    let all = candidates(&[
        &["Tokens leave through the stream.", "Bread is baked at dawn."],
        &[
            "A token leaves before the next step.",
            "Each token is counted as it leaves.",
        ],
    ]);
    let chosen = choose("How does a token leave?", &all);
    assert!(chosen.is_sorted() && chosen.len() >= 2, "{chosen:?}");
}

#[test]
fn of_equal_sentences_the_first_is_taken() {
    let same = "The router picks a backend.";
    assert_eq!(
        choose("What picks a backend?", &candidates(&[&[same], &[same], &FILLER])),
        [0]
    );
}

#[test]
fn what_shares_little_with_the_question_is_not_relevant() {
    let all = candidates(&[&FILLER, &["The capital of the company grew."]]);
    assert!(choose("What is the capital of France and its famous tower?", &all).is_empty());
    assert!(choose("", &all).is_empty());
    assert!(choose("anything", &[]).is_empty());
}

#[test]
fn a_sentence_that_shares_one_common_word_is_no_answer() {
    let all = candidates(&[&[
        "Gyre isolates an agent in a sandbox.",
        "Gyre lists the models.",
        "Gyre reads documents.",
        "Gyre says hello.",
    ]]);
    assert_eq!(choose("How does Gyre isolate an agent?", &all), [0]);
}
