//! Passages as an agent shows them to a model: the JSON list that `gyre-agent-wire` writes.

use serde::Serialize;

use super::frames::heading;
use super::material::Text;
use super::random::Draw;

/// As it is written, in this order: keys are sorted there.
#[derive(Serialize)]
struct Shown<'a> {
    id: String,
    mark: u32,
    source: &'a str,
    span: Span,
    text: String,
}

#[derive(Serialize)]
struct Span {
    end_line: usize,
    start_line: usize,
}

/// The content of a tool message with these texts, the first of which has this mark.
pub(crate) fn content(texts: &[Text], first_mark: u32, draw: &mut Draw) -> Result<String, serde_json::Error> {
    let shown: Vec<Shown<'_>> = (first_mark..)
        .zip(texts)
        .map(|(mark, it)| {
            let text = laid_out(it, draw);
            let start_line = draw.count(1, 180);
            Shown {
                id: format!("{}#{}", it.source, draw.below(40)),
                mark,
                source: &it.source,
                span: Span {
                    end_line: start_line + text.matches('\n').count().max(draw.below(6)),
                    start_line,
                },
                text,
            }
        })
        .collect();
    serde_json::to_string(&shown)
}

/// The text as it might stand in a document: with a heading, as a list, in lines of some width.
fn laid_out(text: &Text, draw: &mut Draw) -> String {
    if let Some(raw) = &text.raw {
        return raw.clone();
    }
    let sentences: Vec<&str> = text.sentences.iter().map(|it| it.text.as_str()).collect();
    let body = match draw.below(20) {
        0..=1 if sentences.len() > 1 => format!("- {}", sentences.join("\n- ")),
        2..=4 => wrapped(&sentences.join(" "), draw.count(70, 130)),
        5 if sentences.len() > 2 => {
            let at = draw.count(1, sentences.len() - 1);
            format!("{}\n\n{}", sentences[..at].join(" "), sentences[at..].join(" "))
        }
        _ => sentences.join(" "),
    };
    if draw.chance(20) {
        let signs = *draw.pick(&["#", "##", "##", "###"]);
        return format!("{signs} {}\n\n{body}", heading(&text.source));
    }
    body
}

/// Broken where a line has this many characters.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + word.len() < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::material::Sentence;

    #[test]
    fn passages_look_as_the_agent_shows_them() -> anyhow::Result<()> {
        let text = Text {
            source: "docs/a.md".into(),
            sentences: vec![Sentence {
                text: "One \"is\" here.".into(),
                asks: Vec::new(),
            }],
            raw: Some("One \"is\" here.".into()),
        };
        let shown = content(&[text], 4, &mut Draw::new(1, "", 0))?;
        let json: serde_json::Value = serde_json::from_str(&shown)?;
        assert_eq!(json[0]["mark"], 4);
        let keys = [
            "{\"id\":\"docs/a.md#",
            "\"mark\":4,\"source\":\"docs/a.md\",\"span\":{\"end_line\":",
            "\"start_line\":",
            r#""text":"One \"is\" here."}]"#,
        ];
        let mut rest = shown.as_str();
        for key in keys {
            let at = rest.find(key);
            assert!(at.is_some(), "{key} in {shown}");
            rest = &rest[at.unwrap_or_default()..];
        }
        Ok(())
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 8), "one two\nthree");
    }
}
