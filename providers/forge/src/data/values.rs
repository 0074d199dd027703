//! Values by their kind: what stands in a text, and the same as JSON.
//!
//! A kind is a name (`person`, `date`, …), a list of the pools by its name, `int 1..20`, `num 1..90`, `one of a, b`,
//! `list of person` or `flag`.

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::fill::fill;
use super::pools::Pools;
use super::random::Draw;

/// Months by name.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const NUMBER_WORDS: [&str; 9] = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
];

/// A value as it is said and as it is meant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Said {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            json: Value::String(text.clone()),
            text,
        }
    }
}

/// Numbers from `a..b`.
fn bounds(range: &str) -> Option<(i64, i64)> {
    let (low, high) = range.split_once("..")?;
    Some((low.trim().parse().ok()?, high.trim().parse().ok()?))
}

/// The words of `one of a, b`.
pub(crate) fn choices(kind: &str) -> Option<Vec<&str>> {
    Some(kind.strip_prefix("one of ")?.split(',').map(str::trim).collect())
}

/// Whether there is such a kind.
pub(crate) fn is_kind(kind: &str, pools: &Pools) -> bool {
    if let Some(of) = kind.strip_prefix("list of ") {
        return is_kind(of, pools);
    }
    let ranged = ["int ", "num "].iter().any(|prefix| {
        kind.strip_prefix(prefix)
            .is_some_and(|range| bounds(range).is_some())
    });
    ranged || choices(kind).is_some() || NAMED.contains(&kind) || pools.lists.contains_key(kind)
}

/// Kinds that have a name.
const NAMED: &[&str] = &[
    "person", "first", "place", "company", "product", "thing", "name", "code", "email", "url", "path",
    "phone", "year", "date", "day", "clock", "flag", "title",
];

/// A value of a kind that [`is_kind`].
pub(crate) fn value(kind: &str, draw: &mut Draw, pools: &Pools) -> Said {
    if let Some(range) = kind.strip_prefix("int ") {
        return whole(range, draw);
    }
    if let Some(range) = kind.strip_prefix("num ") {
        let (low, high) = bounds(range).unwrap_or((1, 9));
        let tenths = draw.between(low * 10, high * 10 - 1) / 10 * 10 + draw.between(1, 9);
        let text = format!("{}.{}", tenths / 10, tenths % 10);
        let json = text.parse().map_or(Value::Null, |number: f64| json!(number));
        return Said { text, json };
    }
    if let Some(choices) = choices(kind) {
        return Said::text(*draw.pick(&choices));
    }
    if let Some(of) = kind.strip_prefix("list of ") {
        return several(of, draw, pools);
    }
    Said::text(named(kind, draw, pools))
}

fn whole(range: &str, draw: &mut Draw) -> Said {
    let (low, high) = bounds(range).unwrap_or((1, 9));
    let number = draw.between(low, high);
    let word = usize::try_from(number - 2)
        .ok()
        .and_then(|at| NUMBER_WORDS.get(at))
        .filter(|_| draw.chance(12));
    Said {
        text: word.map_or_else(|| number.to_string(), |word| (*word).to_owned()),
        json: json!(number),
    }
}

fn several(of: &str, draw: &mut Draw, pools: &Pools) -> Said {
    let mut all: Vec<String> = Vec::new();
    for _ in 0..draw.count(2, 3) {
        let next = value(of, draw, pools).text;
        if !all.contains(&next) {
            all.push(next);
        }
    }
    let text = match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => all.concat(),
    };
    Said {
        text,
        json: json!(all),
    }
}

fn named(kind: &str, draw: &mut Draw, pools: &Pools) -> String {
    let words = &pools.words;
    match kind {
        "first" => first(draw, pools),
        "person" => first(draw, pools) + " " + &words.name(draw),
        "place" => words.place(draw),
        "company" => words.company(draw),
        "product" => words.product(draw),
        "thing" => words.stem(draw),
        "name" => words.name(draw),
        "code" => words.code(draw),
        "email" => format!("{}@{}.example", words.stem(draw), words.stem(draw)),
        "url" => format!("https://{}.example/{}", words.stem(draw), words.stem(draw)),
        "path" => path(draw, pools),
        "phone" => format!(
            "+{} {} {}",
            draw.between(20, 98),
            draw.between(100, 999),
            draw.between(10_000, 99_999)
        ),
        "year" => draw.between(1790, 2025).to_string(),
        "date" => date(draw).format("%Y-%m-%d").to_string(),
        "day" => {
            let date = date(draw);
            format!("{} {}", date.day(), MONTHS[date.month0() as usize])
        }
        "clock" => format!("{:02}:{:02}", draw.between(6, 22), draw.between(0, 11) * 5),
        "title" => title(draw, pools),
        _ => pools.lists.get(kind).map_or_else(String::new, |list| {
            let template = draw.pick(list).clone();
            fill(&template, &mut |slot| value(slot, draw, pools).text)
        }),
    }
}

fn first(draw: &mut Draw, pools: &Pools) -> String {
    match pools.lists.get("first names") {
        Some(list) if draw.chance(60) => draw.pick(list).clone(),
        _ => pools.words.name(draw),
    }
}

fn path(draw: &mut Draw, pools: &Pools) -> String {
    let ending = *draw.pick(&["txt", "md", "csv", "pdf", "json", "png", "log"]);
    let (folder, file) = (pools.words.stem(draw), pools.words.stem(draw));
    match draw.below(3) {
        0 => format!("{file}.{ending}"),
        1 => format!("{folder}/{file}.{ending}"),
        _ => format!("/{folder}/{file}_{}.{ending}", draw.between(1, 99)),
    }
}

/// A title of a book, a note, a meeting: names and nouns with odd parts.
fn title(draw: &mut Draw, pools: &Pools) -> String {
    let (name, thing) = (pools.words.name(draw), draw.pick(&pools.nouns).clone());
    match draw.below(5) {
        0 => format!("{name} {thing}"),
        1 => format!("The {thing} of {name}"),
        2 => format!("{name} & {}", pools.words.name(draw)),
        3 => format!("{name} {}", draw.between(2, 40)),
        _ => format!("{}'s {thing}", first(draw, pools)),
    }
}

/// A day between 1995 and 2035.
pub(crate) fn date(draw: &mut Draw) -> NaiveDate {
    let (year, day) = (draw.between(1995, 2035), draw.between(1, 365));
    let made = i32::try_from(year).ok().zip(u32::try_from(day).ok());
    made.and_then(|(year, day)| NaiveDate::from_yo_opt(year, day))
        .unwrap_or_default()
}
