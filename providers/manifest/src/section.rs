//! A table of a configuration file that is read key by key: what nobody took is an error.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::error::Problem;

/// A table that is read key by key. What nobody took is an error, and every error names its key.
#[derive(Debug)]
pub struct Section {
    path: String,
    table: Table,
    known: Vec<&'static str>,
}

impl Section {
    /// The whole file.
    #[must_use]
    pub fn root(table: Table) -> Self {
        Self {
            path: String::new(),
            table,
            known: Vec::new(),
        }
    }

    /// A table at this place.
    pub fn from_value(path: String, value: Value) -> Result<Self, Problem> {
        match value {
            Value::Table(table) => Ok(Self {
                path,
                table,
                known: Vec::new(),
            }),
            other => Err(wrong_type(path, "a table", &other)),
        }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Where a key of this table stands.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// Whether a key is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// Takes a value; it is known from then on, whether it is there or not.
    pub fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.table.remove(name)
    }

    /// Refuses a key that Spin knows and this host has no use for, with the reason and the cure.
    pub(crate) fn unsupported(&self, name: &str, why: &str, hint: &str) -> Result<(), Problem> {
        if self.has(name) {
            return Err(Problem::unsupported(self.key(name), why, hint));
        }
        Ok(())
    }

    /// Takes a text.
    pub fn string(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        let key = self.key(name);
        self.take(name).map(|value| as_string(key, value)).transpose()
    }

    /// Takes a text that must be there.
    pub fn required_string(&mut self, name: &'static str, hint: &str) -> Result<String, Problem> {
        self.string(name)?
            .ok_or_else(|| Problem::new(self.key(name), "missing", hint))
    }

    /// Takes true or false.
    pub fn bool(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Boolean(value)) => Ok(Some(value)),
            Some(other) => Err(wrong_type(self.key(name), "true or false", &other)),
        }
    }

    /// A whole number of at least 1.
    pub fn positive(&mut self, name: &'static str) -> Result<Option<u64>, Problem> {
        let key = self.key(name);
        match self.take(name) {
            None => Ok(None),
            Some(Value::Integer(value)) => match u64::try_from(value) {
                Ok(value) if value > 0 => Ok(Some(value)),
                _ => Err(Problem::new(
                    key,
                    format!("{value} is not a limit"),
                    "give a whole number of at least 1",
                )),
            },
            Some(other) => Err(wrong_type(key, "a whole number", &other)),
        }
    }

    /// A limit that fits its type, or the one that applies where none is written.
    pub(crate) fn limit<T: TryFrom<u64>>(&mut self, name: &'static str, default: T) -> Result<T, Problem> {
        let Some(value) = self.positive(name)? else {
            return Ok(default);
        };
        T::try_from(value).map_err(|_too_large| {
            Problem::new(
                self.key(name),
                format!("{value} is too large for this limit"),
                "give a smaller number",
            )
        })
    }

    pub(crate) fn strings(&mut self, name: &'static str) -> Result<Vec<String>, Problem> {
        let key = self.key(name);
        self.list(name)?
            .into_iter()
            .enumerate()
            .map(|(index, value)| as_string(format!("{key}[{index}]"), value))
            .collect()
    }

    /// Takes a list; one that is not there is empty.
    pub fn list(&mut self, name: &'static str) -> Result<Vec<Value>, Problem> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => Ok(values),
            Some(other) => Err(wrong_type(self.key(name), "a list", &other)),
        }
    }

    pub(crate) fn string_map(&mut self, name: &'static str) -> Result<BTreeMap<String, String>, Problem> {
        self.entries(name)?
            .into_iter()
            .map(|(name, (key, value))| Ok((name, as_string(key, value)?)))
            .collect()
    }

    /// The entries of a sub-table, each with its key path.
    pub fn entries(&mut self, name: &'static str) -> Result<BTreeMap<String, (String, Value)>, Problem> {
        let Some(section) = self.section(name)? else {
            return Ok(BTreeMap::new());
        };
        let Section { path, table, .. } = section;
        Ok(table
            .into_iter()
            .map(|(name, value)| (name.clone(), (join(&path, &name), value)))
            .collect())
    }

    pub(crate) fn section(&mut self, name: &'static str) -> Result<Option<Section>, Problem> {
        let key = self.key(name);
        self.take(name)
            .map(|value| Section::from_value(key, value))
            .transpose()
    }

    /// The rest is not ours to read; Spin asks only that it is tables.
    pub(crate) fn tables(self) -> Result<(), Problem> {
        for (name, value) in self.table {
            Section::from_value(join(&self.path, &name), value)?;
        }
        Ok(())
    }

    /// Refuses what was not taken.
    pub fn finish(self) -> Result<(), Problem> {
        match self.table.keys().next() {
            None => Ok(()),
            Some(name) => Err(Problem::new(
                self.key(name),
                "unknown key",
                format!("known here: {}", self.known.join(", ")),
            )),
        }
    }
}

/// A text, or an error that names what stands there instead.
pub fn as_string(key: String, value: Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(wrong_type(key, "a string", &other)),
    }
}

/// Names types only: a value may be a secret.
#[must_use]
pub fn wrong_type(key: String, expected: &str, found: &Value) -> Problem {
    Problem::new(
        key,
        format!("must be {expected}, not of type {}", found.type_str()),
        format!("give {expected}"),
    )
}

fn join(path: &str, name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let name = if bare {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    };
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}
