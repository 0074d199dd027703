//! YAML to a tree, as `PyYAML`'s `safe_load` reads it: YAML 1.1's words for true, false and null, anchors, merge keys.
//! Bounded: a file cannot grow by its aliases.

use crate::problem::{ConfigError, whole_file};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

const DEPTH_MAX: usize = 32;
/// Values of the tree, those of repeated aliases counted each time.
const NODES_MAX: usize = 100_000;

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Value, ConfigError> {
    let mut tree = Tree::default();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| whole_file(format!("is not YAML: {error}")))?;
        let line = span.start.line();
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
        }
        if documents > 1 {
            return Err(whole_file("holds more than one YAML document; hint: keep one"));
        }
        tree.take(event)
            .map_err(|what| whole_file(format!("{what} (line {line})")))?;
    }
    Ok(tree.root)
}

/// A collection that is not closed yet.
enum Open {
    List(Vec<Value>, usize),
    Map(Pairs, usize),
}

#[derive(Default)]
struct Pairs {
    map: Map<String, Value>,
    merged: Vec<Value>,
    key: Option<String>,
}

#[derive(Default)]
struct Tree {
    root: Value,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Value, usize)>,
    nodes: usize,
}

impl Tree {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_ref())?;
                self.close(value, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(Open::List(Vec::new(), anchor)),
            Event::MappingStart(anchor, _) => self.begin(Open::Map(Pairs::default(), anchor)),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(items, anchor)) => self.close(Value::Array(items), anchor),
                Some(Open::Map(pairs, anchor)) => self.close(pairs.end()?, anchor),
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                let (value, nodes) = self
                    .anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or("repeats an anchor that is not closed yet")?;
                self.count(nodes)?;
                self.place(value)
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, open: Open) -> Result<(), String> {
        if self.open.len() >= DEPTH_MAX {
            return Err(format!("is nested deeper than {DEPTH_MAX}"));
        }
        self.open.push(open);
        Ok(())
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > NODES_MAX {
            return Err(format!("holds more than {NODES_MAX} values, aliases written out"));
        }
        Ok(())
    }

    fn close(&mut self, value: Value, anchor: usize) -> Result<(), String> {
        self.count(1)?;
        if anchor > 0 {
            self.anchors.insert(anchor, (value.clone(), size(&value)));
        }
        self.place(value)
    }

    fn place(&mut self, value: Value) -> Result<(), String> {
        match self.open.last_mut() {
            None => self.root = value,
            Some(Open::List(items, _)) => items.push(value),
            Some(Open::Map(pairs, _)) => pairs.take(value)?,
        }
        Ok(())
    }
}

impl Pairs {
    fn take(&mut self, value: Value) -> Result<(), String> {
        let Some(key) = self.key.take() else {
            self.key = Some(key_of(&value)?);
            return Ok(());
        };
        if key == "<<" {
            self.merged.push(value);
        } else if self.map.insert(key.clone(), value).is_some() {
            return Err(format!("sets `{key}` twice in one table; hint: keep one of them"));
        }
        Ok(())
    }

    /// What the table itself sets stands before what it merges, and earlier tables before later ones.
    fn end(mut self) -> Result<Value, String> {
        for merged in std::mem::take(&mut self.merged) {
            let tables = match merged {
                Value::Array(tables) => tables,
                table => vec![table],
            };
            for table in tables {
                let Value::Object(table) = table else {
                    return Err("merges with `<<` what is no table".into());
                };
                for (key, value) in table {
                    self.map.entry(key).or_insert(value);
                }
            }
        }
        Ok(Value::Object(self.map))
    }
}

fn key_of(value: &Value) -> Result<String, String> {
    match value {
        Value::String(key) => Ok(key.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err("has a key that is no text".into()),
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Cow<'_, Tag>>) -> Result<Value, String> {
    let told = tag.map(|tag| tag.suffix.as_str());
    match told {
        None if style == ScalarStyle::Plain => Ok(plain(text)),
        None | Some("str" | "!") => Ok(Value::String(text.to_owned())),
        Some("int" | "float" | "bool" | "null") => Ok(plain(text)),
        Some(other) => Err(format!("has the tag `{other}`, which no plain file has")),
    }
}

/// What a text without quotes means in YAML 1.1, as `PyYAML` resolves it.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Value::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.starts_with(|it: char| it.is_ascii_digit() || it == '.') {
        return None;
    }
    let bare = text.replace('_', "");
    let bare = bare.strip_prefix('+').unwrap_or(&bare);
    if digits.bytes().all(|it| it.is_ascii_digit() || it == b'_') {
        return whole(bare, digits);
    }
    // A fraction needs its point, and an exponent its sign: without them YAML 1.1 has a text.
    let (mantissa, exponent) = match bare.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.starts_with(['+', '-'])),
        None => (bare, true),
    };
    if !mantissa.contains('.') || !exponent {
        return None;
    }
    Number::from_f64(bare.parse().ok()?)
}

/// Digits alone; with a zero before them they are octal.
fn whole(bare: &str, digits: &str) -> Option<Number> {
    if digits.len() > 1 && digits.starts_with('0') {
        let negative = bare.starts_with('-');
        let octal = i64::from_str_radix(bare.trim_start_matches('-'), 8).ok()?;
        return Some(Number::from(if negative { -octal } else { octal }));
    }
    let signed = bare.parse::<i64>().map(Number::from).ok();
    signed.or_else(|| bare.parse::<u64>().map(Number::from).ok())
}
