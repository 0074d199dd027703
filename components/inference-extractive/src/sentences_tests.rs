use super::*;

fn texts(passage: &str) -> Vec<String> {
    split(passage).into_iter().map(|it| it.text).collect()
}

#[test]
fn sentences_end_where_readers_say() {
    for (passage, wanted) in [
        (
            "One sentence stands here. Another sentence follows it.",
            &["One sentence stands here.", "Another sentence follows it."][..],
        ),
        (
            "It works, e.g. The Router does so. Then it stops again.",
            &["It works, e.g. The Router does so.", "Then it stops again."],
        ),
        (
            "Dr. Smith wrote this text. J. R. Tolkien wrote that one.",
            &["Dr. Smith wrote this text.", "J. R. Tolkien wrote that one."],
        ),
        (
            "Version 4.1 takes it now! Is that so? Yes, it surely is so.",
            &["Version 4.1 takes it now!", "Yes, it surely is so."],
        ),
        (
            "Call `a. B` to do this. It (e.g. Here. There) works well.",
            &["Call `a. B` to do this.", "It (e.g. Here. There) works well."],
        ),
        (
            "He said \"it is done.\" They left the room.",
            &["He said \"it is done.\"", "They left the room."],
        ),
        (
            "The file wasm.rs holds it all. `gyre up` starts the host.",
            &["The file wasm.rs holds it all.", "`gyre up` starts the host."],
        ),
        (
            "Wait... what is this thing here. Now it is clear.",
            &["Wait... what is this thing here.", "Now it is clear."],
        ),
    ] {
        assert_eq!(texts(passage), wanted, "{passage}");
    }
}

#[test]
fn items_and_rows_are_sentences_of_their_own() {
    let passage = "Facts about the router:\n\n- it picks a backend by name\n- it streams the answer through. It keeps nothing.\n\n\
        | Part | What it does |\n|---|---|\n| `router` | picks the backend for a model |";
    assert_eq!(
        texts(passage),
        [
            "it picks a backend by name",
            "it streams the answer through.",
            "`router` | picks the backend for a model",
        ]
    );
}

#[test]
fn fragments_at_the_edges_of_a_passage_are_left_out() {
    assert_eq!(
        texts("of the last sentence here. A whole one stands here. And one that is cut in"),
        ["A whole one stands here."]
    );
}

#[test]
fn what_cannot_be_quoted() {
    let long = format!("{} end.", "word ".repeat(200));
    for passage in [
        "# A heading of many words",
        "Too short.",
        "It was shown before [12] by others.",
        "The list is as follows:",
        &long,
    ] {
        assert_eq!(texts(passage), Vec::<String>::new(), "{passage}");
    }
}

#[test]
fn context_is_the_heading_and_what_an_item_is_about() {
    let sentences = split(
        "## Models\n- **Router**: it picks one. It streams the answer.\n\nWhy a router? Because models move around.",
    );
    let contexts: Vec<_> = sentences.iter().map(|it| it.context.as_str()).collect();
    assert_eq!(
        contexts,
        ["Models **Router**", "Models **Router**", "Models Why a router?"]
    );
}
