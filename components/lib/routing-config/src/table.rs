//! Typed access to a table of a configuration. What is wrong is noted with its path, and the reading goes on.

use crate::problem::Findings;
use serde_json::{Map, Value};

/// Bytes that a name may take.
pub(crate) const NAME_BYTES_MAX: usize = 256;
/// The longest time that may be set: a day.
const TIME_MS_MAX: f64 = 86_400_000.0;

/// A table and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Table<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

impl<'a> Table<'a> {
    /// Views `value` as a table.
    pub(crate) fn of(value: &'a Value, path: &str, found: &mut Findings) -> Option<Self> {
        let Value::Object(map) = value else {
            found.error(path, "must be a table");
            return None;
        };
        Some(Self {
            map,
            path: path.to_owned(),
        })
    }

    /// Full name of a key.
    pub(crate) fn at(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Where the table stands.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The keys that are set.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.map.keys().map(String::as_str)
    }

    /// The value, unless it is absent or null.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// Refuses every key that is none of these.
    pub(crate) fn only(&self, known: &[&str], found: &mut Findings) {
        for key in self.keys().filter(|key| !known.contains(key)) {
            let what = format!("is not known; hint: there are {}", known.join(", "));
            found.error(self.at(key), what);
        }
    }

    /// A name: text of 1 to 256 bytes without control characters.
    pub(crate) fn name(&self, key: &str, found: &mut Findings) -> Option<String> {
        let value = self.get(key)?;
        let name = name_of(value);
        if name.is_none() {
            let what = format!("must be a text of 1 to {NAME_BYTES_MAX} bytes without control characters");
            found.error(self.at(key), what);
        }
        name
    }

    /// A name that must be there.
    pub(crate) fn required(&self, key: &str, found: &mut Findings) -> Option<String> {
        if self.get(key).is_none() {
            found.error(self.at(key), "is missing");
        }
        self.name(key, found)
    }

    /// True or false.
    pub(crate) fn flag(&self, key: &str, found: &mut Findings) -> Option<bool> {
        let value = self.get(key)?;
        if value.as_bool().is_none() {
            found.error(self.at(key), "must be true or false");
        }
        value.as_bool()
    }

    /// A whole number of at most `max`.
    pub(crate) fn count(&self, key: &str, max: u64, found: &mut Findings) -> Option<u64> {
        let count = whole(self.get(key)?).filter(|count| *count <= max);
        if count.is_none() {
            found.error(self.at(key), format!("must be a whole number from 0 to {max}"));
        }
        count
    }

    /// A whole number of 32 bits and at most `max`.
    pub(crate) fn small(&self, key: &str, max: u32, found: &mut Findings) -> Option<u32> {
        let count = self.count(key, u64::from(max), found)?;
        u32::try_from(count).ok()
    }

    /// A number, 0 or more.
    pub(crate) fn number(&self, key: &str, found: &mut Findings) -> Option<f64> {
        let number = number_of(self.get(key)?).filter(|number| *number >= 0.0);
        if number.is_none() {
            found.error(self.at(key), "must be a number, 0 or more");
        }
        number
    }

    /// A number from 0 to 1.
    pub(crate) fn share(&self, key: &str, found: &mut Findings) -> Option<f64> {
        let share = self.number(key, found)?;
        if share > 1.0 {
            found.error(self.at(key), "must be a number from 0 to 1");
            return None;
        }
        Some(share)
    }

    /// A time that is written in seconds, in milliseconds.
    pub(crate) fn seconds_ms(&self, key: &str, found: &mut Findings) -> Option<u64> {
        let ms = number_of(self.get(key)?).map(|seconds| seconds * 1_000.0);
        let ms = ms.filter(|ms| (0.0..=TIME_MS_MAX).contains(ms));
        let Some(ms) = ms else {
            found.error(self.at(key), "must be a number of seconds from 0 to 86400");
            return None;
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to lie between 0 and a day"
        )]
        Some(ms.round() as u64)
    }

    /// A time in milliseconds.
    pub(crate) fn ms(&self, key: &str, found: &mut Findings) -> Option<u64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a constant that fits"
        )]
        self.count(key, TIME_MS_MAX as u64, found)
    }

    /// A table.
    pub(crate) fn table(&self, key: &str, found: &mut Findings) -> Option<Table<'a>> {
        Table::of(self.get(key)?, &self.at(key), found)
    }

    /// A list of at most `items_max`, each with its path.
    pub(crate) fn list(
        &self,
        key: &str,
        items_max: usize,
        found: &mut Findings,
    ) -> Option<Vec<(String, &'a Value)>> {
        let path = self.at(key);
        let Some(items) = self.get(key)?.as_array() else {
            found.error(path, "must be a list");
            return None;
        };
        if items.len() > items_max {
            let what = format!("holds {} items and may hold {items_max}", items.len());
            found.error(path, what);
            return None;
        }
        let numbered = items.iter().enumerate();
        Some(
            numbered
                .map(|(at, item)| (format!("{path}[{at}]"), item))
                .collect(),
        )
    }

    /// A list of tables.
    pub(crate) fn tables(&self, key: &str, items_max: usize, found: &mut Findings) -> Vec<Table<'a>> {
        let items = self.list(key, items_max, found).unwrap_or_default();
        items
            .into_iter()
            .filter_map(|(path, item)| Table::of(item, &path, found))
            .collect()
    }

    /// A list of names.
    pub(crate) fn names(&self, key: &str, items_max: usize, found: &mut Findings) -> Vec<String> {
        let items = self.list(key, items_max, found).unwrap_or_default();
        names(items, found)
    }
}

/// Reads a list of names.
pub(crate) fn names(items: Vec<(String, &Value)>, found: &mut Findings) -> Vec<String> {
    let read = |(path, item): (String, &Value)| {
        let name = name_of(item);
        if name.is_none() {
            found.error(path, "must be a name: a text of 1 to 256 bytes");
        }
        name
    };
    items.into_iter().filter_map(read).collect()
}

/// A text that may be a name.
pub(crate) fn name_of(value: &Value) -> Option<String> {
    let name = value.as_str()?;
    let fine = (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.contains(char::is_control);
    fine.then(|| name.to_owned())
}

/// A finite number. Digits in quotes are one too: `LiteLLM` reads them so, and YAML 1.1 takes `1e-6` for a text.
fn number_of(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    number.filter(|number: &f64| number.is_finite())
}

fn whole(value: &Value) -> Option<u64> {
    if let Some(count) = value.as_u64() {
        return Some(count);
    }
    let number = number_of(value).filter(|number| number.fract() == 0.0 && (0.0..9e15).contains(number))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be whole and to fit"
    )]
    Some(number as u64)
}
