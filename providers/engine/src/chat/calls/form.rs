//! What the beginning of a generated text is: plain, a call in one of the forms, or not known yet. Pure.

use super::json::{self, Cursor, Stop};
use super::{Call, Expected, Place, Seen};
use crate::chat::family::Family;

/// Labels of code fences that calls are put into.
const FENCE_LABELS: [&str; 6] = ["", "json", "tool_code", "tool_call", "tool_calls", "tool"];
const FENCE: &str = "```";
/// First keys of an object that may be a call; others are shown as they come.
const FIRST_KEYS: [&str; 6] = [
    "\"name\"",
    "\"type\"",
    "\"function\"",
    "\"arguments\"",
    "\"parameters\"",
    "\"id\"",
];
const NAME_BYTES_MAX: usize = 256;

/// How a call begins.
enum Opening {
    /// With a tag of its family.
    Tag(&'static str),
    /// With a code fence; so many bytes up to the JSON.
    Fence(usize),
    /// With the JSON itself.
    Bare,
}

/// Decides what `text`, which is not empty, begins with.
pub(super) fn look(text: &str, expected: &Expected, place: Place) -> Seen {
    let mut line_start = place.line_start;
    for (at, character) in text.char_indices() {
        match opening(&text[at..], expected, line_start) {
            Err(Stop::Not) => {}
            _ if at > 0 => return Seen::Plain(at),
            Err(Stop::Unsure) => return Seen::Unsure,
            Ok(opening) => return read(text, &opening, expected, place.last),
        }
        line_start = character == '\n' || (line_start && character.is_whitespace());
    }
    Seen::Plain(text.len())
}

fn opening(text: &str, expected: &Expected, line_start: bool) -> Result<Opening, Stop> {
    let tag = match expected.family {
        Family::Llama => "<|python_tag|>",
        Family::Hermes => "<tool_call>",
        Family::Mistral => "[TOOL_CALLS]",
        Family::Json => "",
    };
    if !tag.is_empty() && Cursor::new(text).literal(tag)? {
        return Ok(Opening::Tag(tag));
    }
    let bare = matches!(expected.family, Family::Llama | Family::Json);
    if !bare || !line_start {
        return Err(Stop::Not);
    }
    match text.chars().next() {
        Some('{' | '[') => first_key(text).map(|()| Opening::Bare),
        Some('`') => fence(text).map(Opening::Fence),
        _ => Err(Stop::Not),
    }
}

/// Whether a JSON text begins as a call does.
fn first_key(text: &str) -> Result<(), Stop> {
    let mut cursor = Cursor::new(text);
    if cursor.literal("[")? {
        cursor.blanks();
    }
    if !cursor.literal("{")? {
        return Err(Stop::Not);
    }
    cursor.blanks();
    let mut unsure = false;
    for key in FIRST_KEYS {
        match cursor.literal(key) {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(_) => unsure = true,
        }
    }
    Err(if unsure { Stop::Unsure } else { Stop::Not })
}

/// Bytes of a code fence up to the JSON of a call within.
fn fence(text: &str) -> Result<usize, Stop> {
    let mut cursor = Cursor::new(text);
    if !cursor.literal(FENCE)? {
        return Err(Stop::Not);
    }
    let rest = cursor.rest();
    let Some(line) = rest.find('\n') else {
        let begun = FENCE_LABELS.iter().any(|label| label.starts_with(rest.trim()));
        return Err(if begun { Stop::Unsure } else { Stop::Not });
    };
    if !FENCE_LABELS.contains(&rest[..line].trim()) {
        return Err(Stop::Not);
    }
    cursor.skip(line);
    cursor.blanks();
    first_key(cursor.rest()).map(|()| cursor.at())
}

/// Reads a form from its opening on. What turns out to be no call is plain.
fn read(text: &str, opening: &Opening, expected: &Expected, last: bool) -> Seen {
    let mut cursor = Cursor::new(text);
    let calls = match opening {
        Opening::Tag("[TOOL_CALLS]") => mistral(&mut cursor, expected),
        Opening::Tag("<tool_call>") => {
            cursor.skip("<tool_call>".len());
            wrapped(&mut cursor, expected, Some("</tool_call>"), last)
        }
        Opening::Tag(tag) => {
            cursor.skip(tag.len());
            wrapped(&mut cursor, expected, Some(";"), last)
        }
        Opening::Fence(bytes) => {
            cursor.skip(*bytes);
            wrapped(&mut cursor, expected, Some(FENCE), last)
        }
        // Llama puts a semicolon between calls.
        Opening::Bare => wrapped(
            &mut cursor,
            expected,
            (expected.family == Family::Llama).then_some(";"),
            last,
        ),
    };
    match calls {
        Ok(Some(calls)) => Seen::Calls(calls, cursor.at()),
        // JSON, but no call of a tool there is.
        Ok(None) => Seen::Plain(cursor.at()),
        Err(Stop::Unsure) if !last => Seen::Unsure,
        Err(Stop::Unsure) => Seen::Plain(text.len()),
        Err(Stop::Not) => Seen::Plain(match opening {
            Opening::Tag(tag) => tag.len(),
            Opening::Fence(_) => FENCE.len(),
            Opening::Bare => 1,
        }),
    }
}

/// JSON, then what closes it, if that is there.
fn wrapped(
    cursor: &mut Cursor<'_>,
    expected: &Expected,
    closing: Option<&str>,
    last: bool,
) -> Result<Option<Vec<Call>>, Stop> {
    cursor.blanks();
    let json = cursor.json()?;
    if let Some(closing) = closing {
        cursor.closing(closing, last)?;
    }
    Ok(json::calls(json, &expected.names))
}

/// `[TOOL_CALLS]`, then a list of calls, or a name and its arguments.
fn mistral(cursor: &mut Cursor<'_>, expected: &Expected) -> Result<Option<Vec<Call>>, Stop> {
    cursor.skip("[TOOL_CALLS]".len());
    cursor.blanks();
    if matches!(cursor.peek()?, '[' | '{') {
        let json = cursor.json()?;
        return Ok(json::calls(json, &expected.names));
    }
    let name = cursor.until(&['[', '{'], NAME_BYTES_MAX)?.trim();
    if cursor.literal_or_json("[CALL_ID]")? {
        cursor.until(&['['], NAME_BYTES_MAX)?;
    }
    cursor.literal_or_json("[ARGS]")?;
    cursor.blanks();
    if cursor.peek()? != '{' {
        return Err(Stop::Not);
    }
    let json = cursor.json()?;
    Ok(json::call(name, json, &expected.names).map(|call| vec![call]))
}
