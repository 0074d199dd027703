//! What a schema may not hold, because llama.cpp makes a grammar of it by counting: a few bytes of schema can cost minutes
//! and gigabytes, and bounds that cross (`minItems` 9, `maxItems` 2) count down to below nothing.

use minijinja::Value;
use minijinja::value::ValueKind;

/// Repetitions of anything at most.
const COUNT_MAX: u64 = 1_000;
const PATTERN_BYTES_MAX: usize = 512;
const PATTERN_DEPTH_MAX: usize = 16;
/// Product of the repetitions that are within each other at most.
const PATTERN_COUNT_MAX: u64 = 10_000;
/// Lower and upper bounds that are counted.
const COUNTS: [(&str, &str); 3] = [
    ("minItems", "maxItems"),
    ("minLength", "maxLength"),
    ("minProperties", "maxProperties"),
];
/// Values that are data, not schemas.
const DATA: [&str; 4] = ["const", "default", "enum", "examples"];

/// What is wrong with a schema. Its depth must be bounded already.
pub(super) fn check(schema: &Value) -> Result<(), String> {
    match schema.kind() {
        ValueKind::Seq => items(schema).try_for_each(|item| check(&item)),
        ValueKind::Map => {
            for (least, most) in COUNTS {
                check_counts(schema, least, most)?;
            }
            if let Some(pattern) = attribute(schema, "pattern").as_str() {
                check_pattern(pattern)?;
            }
            items(schema)
                .filter(|key| !key.as_str().is_some_and(|key| DATA.contains(&key)))
                .try_for_each(|key| check(&schema.get_item(&key).unwrap_or_default()))
        }
        _ => Ok(()),
    }
}

fn items(value: &Value) -> impl Iterator<Item = Value> {
    value.try_iter().into_iter().flatten()
}

fn attribute(schema: &Value, name: &str) -> Value {
    schema.get_item(&Value::from(name)).unwrap_or_default()
}

fn check_counts(schema: &Value, least: &str, most: &str) -> Result<(), String> {
    let mut counts = [0, COUNT_MAX];
    for (place, name) in [least, most].into_iter().enumerate() {
        let value = attribute(schema, name);
        // A property may have this name; its value is a schema then.
        if value.kind() != ValueKind::Number {
            continue;
        }
        counts[place] = u64::try_from(value)
            .ok()
            .filter(|count| *count <= COUNT_MAX)
            .ok_or_else(|| format!("{name} must be a whole number of at most {COUNT_MAX}"))?;
    }
    if counts[0] > counts[1] {
        return Err(format!("{least} is larger than {most}"));
    }
    Ok(())
}

/// Counts what llama.cpp will: parentheses within each other, and repetitions of repetitions.
fn check_pattern(pattern: &str) -> Result<(), String> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(format!("a pattern has more than {PATTERN_BYTES_MAX} bytes"));
    }
    let (mut depth, mut count) = (0_usize, 1_u64);
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => drop(rest.next()),
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '{' => {
                let bounds: String = rest.by_ref().take_while(|it| *it != '}').collect();
                let most = bounds
                    .split(',')
                    .filter_map(|it| it.trim().parse::<u64>().ok())
                    .max();
                // Whether they are within each other is not looked at: it is rare that there are two large ones.
                count = count.saturating_mul(most.unwrap_or(1).max(1));
            }
            _ => {}
        }
        if depth > PATTERN_DEPTH_MAX {
            return Err(format!("a pattern has more than {PATTERN_DEPTH_MAX} levels"));
        }
        if count > PATTERN_COUNT_MAX {
            return Err(format!("a pattern repeats more than {PATTERN_COUNT_MAX} times"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_explodes_is_told_and_what_does_not_passes() {
        let told = |json: &str, wrong: Option<&str>| {
            let schema: Value = serde_json::from_str(json).expect("JSON");
            match (check(&schema), wrong) {
                (Ok(()), None) => {}
                (Err(told), Some(part)) => assert!(told.contains(part), "{json}: {told}"),
                (other, _) => panic!("{json}: {other:?}"),
            }
        };
        told(r#"{"type":"array","minItems":1,"maxItems":1000}"#, None);
        told(r#"{"minItems":9,"maxItems":2}"#, Some("minItems is larger"));
        told(r#"{"items":{"minLength":1001}}"#, Some("minLength"));
        told(r#"{"anyOf":[{"maxLength":-1}]}"#, Some("maxLength"));
        told(r#"{"maxItems":1.5}"#, Some("maxItems"));
        told(r#"{"properties":{"minItems":{"type":"integer"}}}"#, None);
        told(r#"{"const":{"minItems":5000}}"#, None);
        told(r#"{"pattern":"^[a-z]{1,32}(-[0-9]{4}){2}$"}"#, None);
        told(r#"{"pattern":"^((a{999}){999})$"}"#, Some("repeats"));
        told(r#"{"pattern":"\\(\\(\\{9999999}"}"#, None);
        told(&format!(r#"{{"pattern":"{}"}}"#, "(".repeat(40)), Some("levels"));
        told(&format!(r#"{{"pattern":"{}"}}"#, "a".repeat(600)), Some("bytes"));
    }
}
