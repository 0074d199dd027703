//! A table that is read key by key: what nobody took is an error.

use crate::error::problem;
use crate::secret::Secret;
use gyre_manifest::Problem;
use toml::{Table, Value};

pub(crate) struct Fields {
    path: String,
    table: Table,
    known: Vec<&'static str>,
}

impl Fields {
    pub(crate) fn root(table: Table) -> Self {
        Self {
            path: String::new(),
            table,
            known: Vec::new(),
        }
    }

    pub(crate) fn of(path: String, value: Value) -> Result<Self, Problem> {
        match value {
            Value::Table(table) => Ok(Self {
                path,
                table,
                known: Vec::new(),
            }),
            other => Err(wrong_type(path, "a table", &other)),
        }
    }

    pub(crate) fn key(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    pub(crate) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.table.remove(name)
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        let key = self.key(name);
        self.take(name).map(|value| text(key, value)).transpose()
    }

    pub(crate) fn required(&mut self, name: &'static str, hint: &str) -> Result<String, Problem> {
        self.text(name)?
            .ok_or_else(|| problem(self.key(name), "missing", hint))
    }

    pub(crate) fn secret(&mut self, name: &'static str, hint: &str) -> Result<Secret, Problem> {
        self.required(name, hint).map(Secret::new)
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool, Problem> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Boolean(value)) => Ok(value),
            Some(other) => Err(wrong_type(self.key(name), "true or false", &other)),
        }
    }

    /// A whole number of at least 1.
    pub(crate) fn positive(&mut self, name: &'static str) -> Result<Option<u64>, Problem> {
        let key = self.key(name);
        match self.take(name) {
            None => Ok(None),
            Some(Value::Integer(value)) => match u64::try_from(value) {
                Ok(value) if value > 0 => Ok(Some(value)),
                _ => Err(problem(
                    key,
                    format!("{value} is not a limit"),
                    "give a whole number of at least 1",
                )),
            },
            Some(other) => Err(wrong_type(key, "a whole number", &other)),
        }
    }

    /// The entries of a table of tables, each with its label.
    pub(crate) fn labelled(&mut self, name: &'static str) -> Result<Vec<(String, Self)>, Problem> {
        let key = self.key(name);
        let Some(value) = self.take(name) else {
            return Ok(Vec::new());
        };
        Self::of(key, value)?.all()
    }

    /// The entries of a list of tables.
    pub(crate) fn list(&mut self, name: &'static str) -> Result<Vec<Self>, Problem> {
        let key = self.key(name);
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => values
                .into_iter()
                .enumerate()
                .map(|(index, value)| Self::of(format!("{key}[{index}]"), value))
                .collect(),
            Some(other) => Err(wrong_type(key, "a list of tables, written with [[ ]]", &other)),
        }
    }

    fn all(self) -> Result<Vec<(String, Self)>, Problem> {
        let Self { path, table, .. } = self;
        table
            .into_iter()
            .map(|(label, value)| {
                let fields = Self::of(format!("{path}.{label}"), value)?;
                Ok((label, fields))
            })
            .collect()
    }

    /// Refuses what was not taken.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.table.keys().next() {
            None => Ok(()),
            Some(name) => Err(problem(
                self.key(name),
                "unknown key",
                format!("known here: {}", self.known.join(", ")),
            )),
        }
    }
}

pub(crate) fn text(key: String, value: Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(wrong_type(key, "a string", &other)),
    }
}

/// Names types only: a value may be a secret.
pub(crate) fn wrong_type(key: String, expected: &str, found: &Value) -> Problem {
    problem(
        key,
        format!("must be {expected}, not of type {}", found.type_str()),
        format!("give {expected}"),
    )
}
