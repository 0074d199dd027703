//! Which JSON Schemas may become grammars. Pure.
//!
//! llama.cpp turns a schema into rules by recursion, copies and repetition: some schemas of a few hundred bytes
//! keep it busy for hours, exhaust the memory or the stack, or end the process. So a schema is walked here as
//! llama.cpp will walk it, and refused where that costs too much.

mod bounds;
mod pattern;

use std::collections::HashSet;

use minijinja::Value;
use minijinja::value::ValueKind;

/// Bytes of one schema as JSON.
pub(super) const SCHEMA_BYTES_MAX: usize = 32 * 1024;
/// Levels of it, as written and with its references followed.
const LEVELS_MAX: usize = 32;
/// Schemas within it, where each type of a list of types counts as one more.
const SCHEMAS_MAX: usize = 1024;
/// Properties of one object: the rules of optional ones take the cube of their number.
const PROPERTIES_MAX: usize = 128;
/// Bytes of a property's name: it may become as many nested brackets.
const NAME_BYTES_MAX: usize = 128;
/// Values of an `enum`, schemas of an `anyOf`, `oneOf` or `allOf`.
const CHOICES_MAX: usize = 256;
/// A number of repetitions; beyond it llama.cpp forgets the bound or refuses the grammar.
const REPEATS_MAX: u64 = 2_000;
/// All of them together: each repetition is a rule.
const REPEATS_SUM_MAX: u64 = 10_000;

/// Checks a schema; fails with what is wrong with it, as the end of a sentence.
pub(super) fn check(schema: &Value, bytes: usize) -> Result<(), String> {
    if bytes > SCHEMA_BYTES_MAX || levels(schema) > LEVELS_MAX {
        return Err(format!(
            "is too large: at most {SCHEMA_BYTES_MAX} bytes and {LEVELS_MAX} levels"
        ));
    }
    let mut walk = Walk {
        root: schema,
        followed: HashSet::new(),
        schemas: 0,
        repeats: 0,
    };
    walk.schema(schema, 1, 0)
}

/// A member of an object, unless it is absent.
pub(super) fn member(value: &Value, key: &str) -> Option<Value> {
    if value.kind() != ValueKind::Map {
        return None;
    }
    value
        .get_item(&Value::from(key))
        .ok()
        .filter(|it| !it.is_undefined())
}

/// serde_json reads 128 levels at most, so this recursion is bounded.
fn levels(value: &Value) -> usize {
    let items = || value.try_iter().into_iter().flatten();
    match value.kind() {
        ValueKind::Seq => 1 + items().map(|item| levels(&item)).max().unwrap_or_default(),
        ValueKind::Map => {
            let of = |key: Value| value.get_item(&key).map_or(0, |item| levels(&item));
            1 + items().map(of).max().unwrap_or_default()
        }
        _ => 0,
    }
}

struct Walk<'a> {
    root: &'a Value,
    /// References that were followed once: llama.cpp makes their rules once.
    followed: HashSet<String>,
    schemas: usize,
    repeats: u64,
}

impl Walk<'_> {
    /// Counts a schema that is written out `times` times.
    fn schema(&mut self, schema: &Value, times: usize, level: usize) -> Result<(), String> {
        self.schemas = self.schemas.saturating_add(times);
        if self.schemas > SCHEMAS_MAX {
            return Err(format!("holds too many schemas: at most {SCHEMAS_MAX}"));
        }
        if level > LEVELS_MAX {
            return Err(format!(
                "is nested too deeply by its references: at most {LEVELS_MAX} levels"
            ));
        }
        if let Some(reference) = member(schema, "$ref") {
            return self.reference(&reference, level);
        }
        self.repeats(schema, times)?;
        bounds::check(schema)?;
        if let Some(pattern) = member(schema, "pattern") {
            pattern::check(pattern.as_str().unwrap_or_default())?;
        }
        choices(schema, "enum")?;
        let types = member(schema, "type").filter(|it| it.kind() == ValueKind::Seq);
        let times = times.saturating_mul(types.and_then(|it| it.len()).unwrap_or(1).max(1));
        for key in ["anyOf", "oneOf", "allOf", "prefixItems"] {
            for choice in choices(schema, key)? {
                self.schema(&choice, times, level + 1)?;
            }
        }
        self.all_of(schema)?;
        self.object(schema, times, level)?;
        match member(schema, "items") {
            Some(items) if items.kind() == ValueKind::Seq => choices(schema, "items")?
                .iter()
                .try_for_each(|item| self.schema(item, times, level + 1)),
            Some(items) => self.schema(&items, times, level + 1),
            None => Ok(()),
        }
    }

    fn object(&mut self, schema: &Value, times: usize, level: usize) -> Result<(), String> {
        let properties = properties(schema);
        if properties.len() > PROPERTIES_MAX {
            return Err(format!(
                "has an object of too many properties: at most {PROPERTIES_MAX}"
            ));
        }
        for (name, property) in properties {
            if name.len() > NAME_BYTES_MAX {
                return Err(format!(
                    "has a property of too long a name: at most {NAME_BYTES_MAX} bytes"
                ));
            }
            self.schema(&property, times, level + 1)?;
        }
        match member(schema, "additionalProperties") {
            Some(more) if more.kind() == ValueKind::Map => self.schema(&more, times, level + 1),
            _ => Ok(()),
        }
    }

    fn reference(&mut self, reference: &Value, level: usize) -> Result<(), String> {
        let reference = reference.as_str().unwrap_or_default();
        let target = self.target(reference)?;
        if !self.followed.insert(reference.to_owned()) {
            return Ok(());
        }
        self.schema(&target, 1, level + 1)
    }

    /// What a reference leads to in the end. One that leads to itself would be followed for ever.
    fn target(&self, reference: &str) -> Result<Value, String> {
        let mut reference = reference.to_owned();
        for _ in 0..LEVELS_MAX {
            let target = self.place(&reference)?;
            match member(&target, "$ref") {
                Some(next) => reference = next.as_str().unwrap_or_default().to_owned(),
                None => return Ok(target),
            }
        }
        Err("has a `$ref` that leads to itself".to_owned())
    }

    fn place(&self, reference: &str) -> Result<Value, String> {
        let nowhere = || "has a `$ref` that leads nowhere in it".to_owned();
        let path = reference.strip_prefix('#').ok_or_else(nowhere)?;
        let mut place = self.root.clone();
        for step in path.split('/').skip(1) {
            place = match place.kind() {
                ValueKind::Seq => step.parse().ok().and_then(|at| place.get_item_by_index(at).ok()),
                _ => member(&place, step),
            }
            .filter(|it| !it.is_undefined())
            .ok_or_else(nowhere)?;
        }
        Ok(place)
    }

    /// `allOf` puts the properties of its schemas into one object, through references without remembering them.
    fn all_of(&self, schema: &Value) -> Result<(), String> {
        let mut count = 0;
        let mut open: Vec<Value> = choices(schema, "allOf")?;
        let mut looked_at = 0;
        while let Some(next) = open.pop() {
            looked_at += 1;
            let target = match member(&next, "$ref") {
                Some(reference) => self.target(reference.as_str().unwrap_or_default())?,
                None => next,
            };
            open.extend(choices(&target, "anyOf")?);
            count += properties(&target).len();
            if count > PROPERTIES_MAX || looked_at > CHOICES_MAX {
                return Err(format!(
                    "has an `allOf` of too much: at most {PROPERTIES_MAX} properties"
                ));
            }
        }
        Ok(())
    }

    fn repeats(&mut self, schema: &Value, times: usize) -> Result<(), String> {
        for key in ["minItems", "maxItems", "minLength", "maxLength"] {
            let Some(value) = member(schema, key) else {
                continue;
            };
            let count = u64::try_from(value).unwrap_or(u64::MAX);
            if count > REPEATS_MAX {
                return Err(format!(
                    "has a `{key}` that is no count of at most {REPEATS_MAX}: lower it or leave it out"
                ));
            }
            self.repeats = self.repeats.saturating_add(count.saturating_mul(times as u64));
        }
        if self.repeats > REPEATS_SUM_MAX {
            return Err(format!(
                "repeats too much: minItems, maxItems, minLength and maxLength may come to {REPEATS_SUM_MAX} together"
            ));
        }
        Ok(())
    }
}

fn properties(schema: &Value) -> Vec<(String, Value)> {
    let Some(properties) = member(schema, "properties") else {
        return Vec::new();
    };
    let keys = properties.try_iter().into_iter().flatten();
    keys.filter_map(|key| Some((key.as_str()?.to_owned(), properties.get_item(&key).ok()?)))
        .collect()
}

fn choices(schema: &Value, key: &str) -> Result<Vec<Value>, String> {
    let list = member(schema, key).filter(|it| it.kind() == ValueKind::Seq);
    let Some(list) = list else { return Ok(Vec::new()) };
    if list.len().unwrap_or_default() > CHOICES_MAX {
        return Err(format!("has too many choices in `{key}`: at most {CHOICES_MAX}"));
    }
    Ok(list.try_iter().into_iter().flatten().collect())
}

#[cfg(test)]
mod tests;
