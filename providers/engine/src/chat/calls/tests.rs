use super::*;
use proptest::prelude::*;

const NAMES: [&str; 2] = ["weather", "add"];

fn parse_pieces<'a>(family: Family, pieces: impl IntoIterator<Item = &'a str>) -> Vec<Piece> {
    let names = NAMES.map(str::to_owned).to_vec();
    let mut parser = CallParser::new(Expected { family, names });
    let mut all: Vec<Piece> = Vec::new();
    let mut given: Vec<Piece> = pieces.into_iter().flat_map(|piece| parser.push(piece)).collect();
    given.extend(parser.finish());
    for piece in given {
        match piece {
            Piece::Text(text) => join(&mut all, text),
            call @ Piece::Call(_) => all.push(call),
        }
    }
    all
}

fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

fn call(name: &str, arguments: &str) -> Piece {
    let (name, arguments) = (name.to_owned(), arguments.to_owned());
    Piece::Call(Call { name, arguments })
}

fn check(family: Family, generated: &str, expected: &[Piece]) {
    assert_eq!(parse_pieces(family, [generated]), expected, "{generated}");
    let characters = generated
        .char_indices()
        .map(|(at, it)| &generated[at..at + it.len_utf8()]);
    assert_eq!(
        parse_pieces(family, characters),
        expected,
        "by characters: {generated}"
    );
}

#[test]
fn hermes() {
    let one = r#"<tool_call>
{"name": "weather", "arguments": {"city": "</tool_call> {\"Köln\"}", "days": 2}}
</tool_call>"#;
    let weather = call("weather", r#"{"city":"</tool_call> {\"Köln\"}","days":2}"#);
    check(Family::Hermes, one, std::slice::from_ref(&weather));
    let two = format!("Let me see.\n{one}\n{one}\n");
    check(
        Family::Hermes,
        &two,
        &[text("Let me see."), weather.clone(), weather.clone()],
    );
    // Its closing tag was cut, or is not there.
    check(
        Family::Hermes,
        &one[..one.len() - 5],
        std::slice::from_ref(&weather),
    );
    let open = one.trim_end_matches("</tool_call>").trim_end();
    check(Family::Hermes, &format!("{open} and"), &[weather, text(" and")]);
}

#[test]
fn llama() {
    let add = call("add", r#"{"a":1,"b":[2.5]}"#);
    for generated in [
        r#"{"name": "add", "parameters": {"a": 1, "b": [2.5]}}"#,
        r#"<|python_tag|>{"name": "add", "parameters": {"a": 1, "b": [2.5]}}"#,
        r#"  {"type": "function", "name": "add", "parameters": "{\"a\": 1, \"b\": [2.5]}"}"#,
        r#"{"type": "function", "function": {"name": "add", "arguments": {"a": 1, "b": [2.5]}}}"#,
    ] {
        check(Family::Llama, generated, std::slice::from_ref(&add));
    }
    let two = r#"{"name":"add","parameters":{}}; {"name":"weather","parameters":{}}"#;
    check(Family::Llama, two, &[call("add", "{}"), call("weather", "{}")]);
}

#[test]
fn mistral() {
    let list =
        r#"[TOOL_CALLS][{"name": "add", "arguments": {"a": "]"}}, {"name": "weather", "arguments": {}}]"#;
    check(
        Family::Mistral,
        list,
        &[call("add", r#"{"a":"]"}"#), call("weather", "{}")],
    );
    let newer = r#"Well. [TOOL_CALLS]add[ARGS]{"a": 1}[TOOL_CALLS]weather[CALL_ID]abc123def[ARGS]{}"#;
    check(
        Family::Mistral,
        newer,
        &[text("Well."), call("add", r#"{"a":1}"#), call("weather", "{}")],
    );
    check(
        Family::Mistral,
        "[TOOL_CALLS] add{\"a\":1}",
        &[call("add", r#"{"a":1}"#)],
    );
}

#[test]
fn json_with_and_without_fences() {
    let add = call("add", r#"{"a":1}"#);
    for generated in [
        r#"{"name":"add","arguments":{"a":1}}"#,
        "```json\n{\"name\":\"add\",\"arguments\":{\"a\":1}}\n```",
        "```tool_code\n{\"name\":\"add\",\"arguments\":{\"a\":1}}\n```\n",
        "```\n[{\"name\":\"add\",\"parameters\":{\"a\":1}}]```",
    ] {
        check(Family::Json, generated, std::slice::from_ref(&add));
    }
    check(
        Family::Json,
        "I will.\n\n```json\n{\"name\":\"add\",\"arguments\":{\"a\":1}}\n```\nDone.",
        &[text("I will."), add, text("\nDone.")],
    );
}

#[test]
fn what_is_no_call_is_text_as_it_was() {
    for (family, generated) in [
        (Family::Hermes, "<tool_call>{\"name\": \"weather\", \"argu"),
        (
            Family::Hermes,
            "a <tool_call>\n{\"name\":\"nobody\",\"arguments\":{}}\n</tool_call> b",
        ),
        (
            Family::Hermes,
            "<tool_call>{\"name\":\"add\",\"arguments\":[1]}</tool_call>",
        ),
        (Family::Hermes, "<tool_call>{\"name\":\"add\" 'a'}</tool_call>"),
        (Family::Hermes, "<tool_call><function=add></function></tool_call>"),
        (Family::Hermes, "if a <tool and b <tool_c"),
        (Family::Hermes, "{\"name\":\"add\",\"arguments\":{}}"),
        (Family::Llama, "{\"answer\": 42, \"list\": [1, 2]}"),
        (Family::Llama, "{\"name\": \"Ann\", \"arguments\": {}}"),
        (
            Family::Llama,
            "a set {\"name\":\"add\",\"parameters\":{}} in a line",
        ),
        (Family::Llama, "<|python_tag|>print(1)"),
        (Family::Mistral, "[TOOL_CALLS]nobody[ARGS]{}"),
        (Family::Mistral, "[TOOL_CALLS] no JSON"),
        (Family::Mistral, "[TOOL_CALLS]"),
        (Family::Mistral, "see [TOOL"),
        (Family::Json, "```rust\nfn main() {}\n```\n"),
        (Family::Json, "```json\n{\"a\": 1}\n```"),
        (Family::Json, " \n "),
        (Family::Json, "} ] [[1]] [ {"),
        (Family::Json, "{\"name\":"),
    ] {
        check(family, generated, &[text(generated)]);
    }
}

#[test]
fn a_call_that_is_too_large_is_text() {
    let large = "x".repeat(CALL_BYTES_MAX);
    let generated = format!(r#"<tool_call>{{"name":"add","arguments":{{"a":"{large}"}}}}</tool_call>"#);
    assert_eq!(
        parse_pieces(Family::Hermes, [generated.as_str()]),
        [text(&generated)]
    );
    let (early, late) = generated.split_at(generated.len() - 40);
    assert_eq!(parse_pieces(Family::Hermes, [early, late]), [text(&generated)]);
}

#[test]
fn calls_beyond_the_bound_are_text() {
    let one = "<tool_call>{\"name\":\"add\"}</tool_call>";
    let pieces = parse_pieces(Family::Hermes, [one.repeat(CALLS_MAX + 2).as_str()]);
    assert_eq!(pieces.len(), CALLS_MAX + 1);
    assert_eq!(pieces.last(), Some(&text(&one.repeat(2))));
}

#[test]
fn text_streams_until_a_call_begins() {
    let mut parser = CallParser::new(Expected {
        family: Family::Hermes,
        names: vec!["add".to_owned()],
    });
    assert_eq!(parser.push("Let me"), [text("Let me")]);
    assert_eq!(parser.push(" see <b>"), [text(" see <b>")]);
    assert_eq!(parser.push(" <tool_"), []);
    assert_eq!(parser.push("box>"), [text(" <tool_box>")]);
    assert_eq!(parser.push("<tool_call>{\"name\":\"add\"}"), []);
    assert_eq!(parser.push("</tool_call>"), [call("add", "{}")]);
}

/// Texts rich in beginnings, ends and middles of every form.
fn generated() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "<tool_call>",
        "</tool_call>",
        "<tool_",
        "[TOOL_CALLS]",
        "[ARGS]",
        "[CALL_ID]",
        "<|python_tag|>",
        "```json\n",
        "```",
        "{\"name\":\"add\",\"arguments\":{\"a\":[1]}}",
        "{\"name\": \"add\", \"parameters\": {}}",
        "[{\"name\":",
        "\"add\"",
        "add",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        "\n",
        " ",
        ";",
        "é",
        "so",
        "{\"type\":",
        "{ ",
    ]);
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_split_gives_the_same(generated in generated(), cuts in prop::collection::vec(0_usize..200, 0..6)) {
        for family in [Family::Hermes, Family::Llama, Family::Mistral, Family::Json] {
            let whole = parse_pieces(family, [generated.as_str()]);
            let mut cuts: Vec<usize> = cuts
                .iter()
                .map(|cut| cut % (generated.len() + 1))
                .filter(|cut| generated.is_char_boundary(*cut))
                .collect();
            cuts.extend([0, generated.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|cut| &generated[cut[0]..cut[1]]);
            prop_assert_eq!(&parse_pieces(family, pieces), &whole);
            if !whole.iter().any(|piece| matches!(piece, Piece::Call(_))) {
                prop_assert_eq!(whole, if generated.is_empty() { vec![] } else { vec![text(&generated)] });
            }
        }
    }
}
