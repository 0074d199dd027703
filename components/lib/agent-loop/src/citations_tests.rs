use proptest::prelude::*;

use super::*;

/// The text that is shown, the marks that hold, and how many did not.
fn run(pieces: &[&str], holds: &dyn Fn(u32, &str) -> bool) -> (String, Vec<u32>, u32) {
    let mut filter = CitationFilter::new();
    let mut out: Vec<Piece> = pieces
        .iter()
        .flat_map(|piece| filter.feed(piece, holds))
        .collect();
    out.extend(filter.finish());
    let mut shown = String::new();
    let mut marks = Vec::new();
    for piece in out {
        match piece {
            Piece::Text(text) => shown.push_str(&text),
            Piece::Mark(mark) => marks.push(mark),
        }
    }
    (shown, marks, filter.removed())
}

#[test]
fn marks_that_do_not_hold_are_taken_out() {
    let low = |mark: u32, _: &str| (1..=2).contains(&mark);
    for (text, shown, marks, removed) in [
        ("One. [1] Two. [2]", "One. [1] Two. [2]", vec![1, 2], 0),
        ("One [3]. Two [0].", "One. Two.", vec![], 2),
        ("One [1, 3].", "One [1].", vec![1], 1),
        ("One [1][2]", "One [1][2]", vec![1, 2], 0),
        ("[[2]]", "[[2]]", vec![2], 0),
        (
            "[a] [] [ ] [1, b] [-1] 1] [1",
            "[a] [] [ ] [1, b] [-1] 1] [1",
            vec![],
            0,
        ),
        (
            "`a[7]` and ```\nb[8]\n``` [9]",
            "`a[7]` and ```\nb[8]\n```",
            vec![],
            1,
        ),
        ("a  b   [9]", "a  b", vec![], 1),
        ("[99999999999]", "[99999999999]", vec![], 0),
        ("é[2]é", "é[2]é", vec![2], 0),
    ] {
        assert_eq!(run(&[text], &low), (shown.to_owned(), marks, removed), "{text}");
    }
}

#[test]
fn a_mark_is_of_the_sentence_before_it() {
    let claims = std::cell::RefCell::new(Vec::new());
    let holds = |_: u32, claim: &str| {
        claims.borrow_mut().push(claim.trim().to_owned());
        true
    };
    run(
        &[
            "It is 48.0.8 of wasmtime [1]. Read spin.toml",
            " first. [2] “Third?” [3][4]\n- Fourth [5]",
        ],
        &holds,
    );
    assert_eq!(
        *claims.borrow(),
        [
            "It is 48.0.8 of wasmtime",
            "Read spin.toml first.",
            "Third?”",
            "Third?”",
            "Fourth"
        ]
    );
}

proptest! {
    #[test]
    fn pieces_do_not_matter(text in "[\\[\\]0-3a., `é]{0,60}", cuts in prop::collection::vec(0_usize..60, 0..10)) {
        let holds = |mark: u32, claim: &str| mark == 1 && claim.contains('a');
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| text.floor_char_boundary(cut)).collect();
        cuts.sort_unstable();
        cuts.push(text.len());
        let mut pieces = Vec::new();
        let mut start = 0;
        for end in cuts {
            pieces.push(&text[start..end]);
            start = end;
        }
        prop_assert_eq!(run(&pieces, &holds), run(&[&text], &holds));
    }

    #[test]
    fn text_is_never_lost(text in "(?s).{0,80}") {
        let (shown, _, removed) = run(&[&text], &|_, _| true);
        prop_assert_eq!(removed, 0);
        // A list of marks is written anew, so its inner blanks may change; nothing else does.
        let bare = |text: &str| text.replace([' ', '0'], "");
        prop_assert_eq!(bare(&shown), bare(&text));
    }
}
