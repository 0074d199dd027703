//! Arithmetic as people say it and as the calculator takes it, with its value.

use std::collections::BTreeMap;

use super::Asked;
use super::own::CALCULATE;
use crate::data::fill::fill;
use crate::data::frames::spoken;
use crate::data::pools::Pools;
use crate::data::random::Draw;
use crate::data::values::value;
use serde_json::{Map, Value};

/// Digits that the calculator shows.
const DIGITS: usize = 15;

/// An expression: as it is said, as it is written, and its value.
struct Sum {
    said: String,
    written: String,
    value: f64,
}

/// Asks for a calculation.
pub(crate) fn ask(draw: &mut Draw, pools: &Pools) -> Asked {
    let (text, sum) = match draw.below(10) {
        0..=3 => framed(signs(draw), draw, pools),
        4..=8 => framed(words(draw, pools), draw, pools),
        _ => story(draw, pools),
    };
    let value = shown(sum.value);
    Asked {
        text,
        name: CALCULATE.to_owned(),
        arguments: Map::from_iter([("expression".to_owned(), Value::from(sum.written))]),
        answer: format!("The result is {value}."),
        fields: Vec::new(),
        tell: vec![value.clone()],
        content: value,
    }
}

fn framed(sum: Sum, draw: &mut Draw, pools: &Pools) -> (String, Sum) {
    let frame = draw.pick(&pools.frames.calculate).clone();
    let text = fill(&frame, &mut |_| sum.said.clone());
    let text = if frame.starts_with('{') {
        text
    } else {
        spoken(&text, draw, pools)
    };
    (text, sum)
}

/// A number as it is written.
fn number(draw: &mut Draw) -> (String, f64) {
    let text = match draw.below(10) {
        0..=4 => draw.between(2, 99).to_string(),
        5..=6 => draw.between(100, 9_999).to_string(),
        7 => draw.between(10_000, 999_999).to_string(),
        8 => format!("{}.{}", draw.between(0, 99), draw.between(1, 9)),
        _ => format!("{}.{:02}", draw.between(1, 500), draw.between(1, 99)),
    };
    let value = text.parse().unwrap_or_default();
    (text, value)
}

/// Signs are copied as they stand.
fn signs(draw: &mut Draw) -> Sum {
    let spaces = draw.chance(75);
    let mut sum = flat(draw, spaces);
    if draw.chance(35) {
        let (text, value) = number(draw);
        let (operator, of): (_, fn(f64, f64) -> f64) = *draw.pick(&OPERATORS);
        let inner = format!("({})", sum.written);
        let gap = if spaces { " " } else { "" };
        let first = draw.chance(50);
        sum.written = if first {
            format!("{inner}{gap}{operator}{gap}{text}")
        } else {
            format!("{text}{gap}{operator}{gap}{inner}")
        };
        let (left, right) = if first {
            (sum.value, value)
        } else {
            (value, sum.value)
        };
        sum.value = if right == 0.0 { left } else { of(left, right) };
        if right == 0.0 {
            sum.written = inner;
        }
    }
    if sum.value > 0.0 && draw.chance(8) {
        sum.written = format!("sqrt({})", sum.written);
        sum.value = sum.value.sqrt();
    }
    sum.said.clone_from(&sum.written);
    sum
}

type Operator = (&'static str, fn(f64, f64) -> f64);

const OPERATORS: [Operator; 4] = [
    ("+", |a, b| a + b),
    ("-", |a, b| a - b),
    ("*", |a, b| a * b),
    ("/", |a, b| a / b),
];

/// Two numbers with a sign between them.
fn flat(draw: &mut Draw, spaces: bool) -> Sum {
    let ((a, first), (b, second)) = (number(draw), number(draw));
    let gap = if spaces { " " } else { "" };
    let (operator, of) = *draw.pick(&OPERATORS);
    // A division by zero has no value to tell.
    let (operator, of): Operator = if second == 0.0 {
        OPERATORS[0]
    } else {
        (operator, of)
    };
    Sum {
        said: String::new(),
        written: format!("{a}{gap}{operator}{gap}{b}"),
        value: of(first, second),
    }
}

/// An operation in words.
fn words(draw: &mut Draw, pools: &Pools) -> Sum {
    let operation = draw.pick(&pools.operations);
    let small = operation.does == "power" || operation.does == "square" || operation.does == "cube";
    let numbers: Vec<(String, f64)> = (0..3)
        .map(|at| match (small, at) {
            (true, 1) => {
                let exponent = draw.between(2, 5);
                (exponent.to_string(), exponent as f64)
            }
            (true, _) => {
                let base = draw.between(2, 40);
                (base.to_string(), base as f64)
            }
            _ => number(draw),
        })
        .collect();
    let put = |template: &str| {
        fill(template, &mut |slot| match slot {
            "a" => numbers[0].0.clone(),
            "b" => numbers[1].0.clone(),
            _ => numbers[2].0.clone(),
        })
    };
    Sum {
        said: put(&operation.say),
        written: put(&operation.write),
        value: done(&operation.does, numbers[0].1, numbers[1].1, numbers[2].1),
    }
}

/// What an operation of the pools makes of its numbers.
fn done(does: &str, a: f64, b: f64, c: f64) -> f64 {
    match does {
        "add" => a + b,
        "subtract" => a - b,
        "subtract from" => b - a,
        "multiply" => a * b,
        "divide" => a / b,
        "percent" => a / 100.0 * b,
        "root" => a.sqrt(),
        "square" => a * a,
        "cube" => a * a * a,
        "power" => (0..b as i32).fold(1.0, |product, _| product * a),
        "half" => a / 2.0,
        "double" => a * 2.0,
        "mean" => (a + b) / 2.0,
        "add three" => a + b + c,
        "multiply three" => a * b * c,
        "add then multiply" => (a + b) * c,
        _ => a,
    }
}

/// A small story with two whole numbers.
fn story(draw: &mut Draw, pools: &Pools) -> (String, Sum) {
    let story = draw.pick(&pools.frames.stories).clone();
    let (a, b) = (draw.between(2, 60), draw.between(2, 40));
    let (said, written) = story.split_once(" => ").unwrap_or((&story, "{a} + {b}"));
    // Who is named twice is one person.
    let mut known: BTreeMap<String, String> =
        BTreeMap::from([("a".to_owned(), a.to_string()), ("b".to_owned(), b.to_string())]);
    let mut put = |template: &str| {
        fill(template, &mut |slot| {
            let made = known.entry(slot.to_owned());
            made.or_insert_with(|| value(slot, draw, pools).text).clone()
        })
    };
    let (text, written) = (put(said), put(written));
    let result = match written.split(' ').nth(1) {
        Some("*") => (a * b) as f64,
        Some("-") => (a - b) as f64,
        Some("/") => a as f64 / b as f64,
        _ => (a + b) as f64,
    };
    let sum = Sum {
        said: String::new(),
        written,
        value: result,
    };
    (text, sum)
}

/// A value as the calculator shows it.
pub(crate) fn shown(value: f64) -> String {
    let rounded: f64 = format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value);
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_the_calculator_shows_them() {
        for (value, text) in [
            (391.0, "391"),
            (0.1 + 0.2, "0.3"),
            (1.0 / 3.0, "0.333333333333333"),
        ] {
            assert_eq!(shown(value), text);
        }
    }

    #[test]
    fn operations_do_what_they_are_called() {
        for (does, value) in [
            ("add", 8.0),
            ("subtract", 4.0),
            ("subtract from", -4.0),
            ("power", 36.0),
            ("percent", 0.12),
            ("add then multiply", 40.0),
        ] {
            assert_eq!(done(does, 6.0, 2.0, 5.0), value, "{does}");
        }
    }
}
