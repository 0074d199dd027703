//! Reading JSON that may not be whole yet, and calls out of it. Pure.

use minijinja::Value;
use minijinja::value::ValueKind;

use super::{CALL_BYTES_MAX, CALLS_MAX, Call};

/// Why a reading goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// More text must come.
    Unsure,
    /// It is something else.
    Not,
}

/// A place in a text that may go on.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    pub(super) fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    pub(super) fn peek(&self) -> Result<char, Stop> {
        self.rest().chars().next().ok_or(Stop::Unsure)
    }

    /// Takes this text if it is next; unsure while what is there could become it.
    pub(super) fn literal(&mut self, word: &str) -> Result<bool, Stop> {
        let rest = self.rest();
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(true);
        }
        if word.starts_with(rest) {
            return Err(Stop::Unsure);
        }
        Ok(false)
    }

    /// Takes this text if it is next, unless JSON is.
    pub(super) fn literal_or_json(&mut self, word: &str) -> Result<bool, Stop> {
        match self.peek()? {
            '{' => Ok(false),
            _ => self.literal(word),
        }
    }

    /// Takes what is before any of these characters, at most so many bytes.
    pub(super) fn until(&mut self, ends: &[char], bytes_max: usize) -> Result<&'a str, Stop> {
        let rest = self.rest();
        match rest.find(ends) {
            Some(end) if end <= bytes_max => {
                self.at += end;
                Ok(&rest[..end])
            }
            None if rest.len() <= bytes_max => Err(Stop::Unsure),
            _ => Err(Stop::Not),
        }
    }

    /// Takes white space and this text, or nothing. At the end of all text a part of it is taken too.
    pub(super) fn closing(&mut self, word: &str, last: bool) -> Result<(), Stop> {
        let before = self.at;
        self.blanks();
        match self.literal(word) {
            Ok(true) => {}
            Ok(false) => self.at = before,
            Err(_) if last => self.at = self.text.len(),
            Err(stop) => return Err(stop),
        }
        Ok(())
    }

    /// Takes an object or a list, by its brackets; whether it is JSON is seen when it is read.
    pub(super) fn json(&mut self) -> Result<&'a str, Stop> {
        if !matches!(self.peek()?, '{' | '[') {
            return Err(Stop::Not);
        }
        let rest = self.rest();
        match end_of_json(rest) {
            Some(end) if end <= CALL_BYTES_MAX => {
                self.at += end;
                Ok(&rest[..end])
            }
            None if rest.len() <= CALL_BYTES_MAX => Err(Stop::Unsure),
            _ => Err(Stop::Not),
        }
    }
}

fn end_of_json(text: &str) -> Option<usize> {
    let (mut depth, mut within_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if within_string => escaped = true,
            b'"' => within_string = !within_string,
            _ if within_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// The calls a JSON text makes: one, or a list of them. `None` when any of it is no call of these tools.
pub(super) fn calls(json: &str, names: &[String]) -> Option<Vec<Call>> {
    let value: Value = serde_json::from_str(json).ok()?;
    if value.kind() != ValueKind::Seq {
        return Some(vec![object(&value, names)?]);
    }
    let calls: Option<Vec<Call>> = value.try_iter().ok()?.map(|item| object(&item, names)).collect();
    calls.filter(|calls| (1..=CALLS_MAX).contains(&calls.len()))
}

/// The call of this name with these arguments.
pub(super) fn call(name: &str, arguments: &str, names: &[String]) -> Option<Call> {
    let arguments: Value = serde_json::from_str(arguments).ok()?;
    checked(name, &arguments, names)
}

/// A call as an object: `{"name","arguments"}`, with `parameters` for arguments, or within `function`.
fn object(value: &Value, names: &[String]) -> Option<Call> {
    let field = |value: &Value, key: &str| value.get_attr(key).ok().filter(|it| !it.is_undefined());
    if value.kind() != ValueKind::Map {
        return None;
    }
    let inner = field(value, "function").filter(|inner| inner.kind() == ValueKind::Map);
    let value = inner.as_ref().unwrap_or(value);
    let name = field(value, "name").or_else(|| field(value, "function"))?;
    let arguments = field(value, "arguments")
        .or_else(|| field(value, "parameters"))
        .unwrap_or_else(|| Value::from_iter(Vec::<(String, Value)>::new()));
    match arguments.as_str() {
        Some(text) => call(name.as_str()?, text, names),
        None => checked(name.as_str()?, &arguments, names),
    }
}

fn checked(name: &str, arguments: &Value, names: &[String]) -> Option<Call> {
    let known = names.iter().any(|known| known == name);
    (known && arguments.kind() == ValueKind::Map).then(|| {
        // A value that was read from JSON can be written as JSON.
        let arguments = serde_json::to_string(arguments).unwrap_or_else(|_| "{}".to_owned());
        Call {
            name: name.to_owned(),
            arguments,
        }
    })
}
