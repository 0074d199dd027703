use proptest::prelude::*;

use super::*;

fn spans(pieces: &[Piece]) -> Vec<(u32, u32)> {
    pieces
        .iter()
        .map(|p| (p.span.start_line, p.span.end_line))
        .collect()
}

/// The lines of a span, as a person would read them out of the file.
fn lines_of(text: &str, span: Span) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    lines[span.start_line as usize - 1..span.end_line as usize].join("\n")
}

#[test]
fn media_types_are_read() {
    for (given, expected) in [
        ("text/markdown", Some(MediaType::Markdown)),
        ("Text/HTML; charset=utf-8", Some(MediaType::Html)),
        ("text/plain", Some(MediaType::Plain)),
        ("application/pdf", None),
        ("", None),
    ] {
        assert_eq!(MediaType::parse(given), expected, "{given}");
    }
}

#[test]
fn a_markdown_passage_knows_its_lines_and_headings() {
    let filler = "Words that fill the section so that it stands alone. ".repeat(12);
    let text = format!("# Title\n\n{filler}\n\n## Isolation\n\n{filler}\n\n{filler}\n");
    let pieces = split(MediaType::Markdown, &text);
    let last = pieces.last().expect("pieces");
    assert_eq!(last.headings, ["Title", "Isolation"]);
    assert_eq!(
        last.span,
        Span {
            start_line: 9,
            end_line: 9
        }
    );
    assert!(last.embedded_text().starts_with("Title > Isolation\n"));
}

#[test]
fn html_shows_what_a_reader_sees() {
    let html = "<!doctype html>\n<html><head><title>T</title><style>p { x }</style></head>\n<body>\n<p>One\n  two &amp; <b>three</b></p>\n<script>let x = '<p>no</p>';</script>\n<p>Four</p></body></html>\n";
    let pieces = split(MediaType::Html, html);
    assert_eq!(pieces.len(), 1);
    assert_eq!(pieces[0].text, "T\n\nOne two & three\n\nFour");
    assert_eq!(spans(&pieces), [(2, 7)]);
}

#[test]
fn html_passages_keep_the_lines_of_their_source() {
    let paragraph = "Some words of a paragraph.\n".repeat(25);
    let html = format!("<p>{paragraph}</p>\n<div>\n<p>{paragraph}</p>\n</div>\n");
    let pieces = split(MediaType::Html, &html);
    assert_eq!(spans(&pieces), [(1, 25), (28, 52)]);
}

#[test]
fn nothing_gives_no_passages() {
    for media_type in [MediaType::Plain, MediaType::Markdown, MediaType::Html] {
        assert_eq!(split(media_type, " \n\n "), [], "{media_type:?}");
    }
}

proptest! {
    #[test]
    fn passages_are_found_on_their_lines(text in "([a-z# *`\\-éß]{0,90}(\n|\r\n)){0,40}", markdown: bool) {
        let media_type = if markdown { MediaType::Markdown } else { MediaType::Plain };
        for piece in split(media_type, &text) {
            prop_assert!(piece.text.chars().count() <= 800);
            prop_assert!(lines_of(&text, piece.span).contains(&piece.text), "{piece:?}");
        }
    }

    #[test]
    fn no_word_is_lost(words in prop::collection::vec("[a-z]{1,12}", 0..400)) {
        let text = words.join(" ");
        let found: Vec<String> = split(MediaType::Plain, &text).iter()
            .flat_map(|p| p.text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
        prop_assert_eq!(found, words);
    }
}
