//! Tools as the pools describe them.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::data::fill::{parts, slots};
use crate::data::pools::{Pools, read, wrong};
use crate::data::values::{choices, is_kind};
use crate::data::{DataError, Tool};

/// A parameter of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) required: bool,
}

/// A tool, how it is asked for, and what it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolSpec {
    pub(crate) name: String,
    pub(crate) about: String,
    /// By name; required ones are first.
    pub(crate) params: Vec<Param>,
    pub(crate) asks: Vec<String>,
    /// Fields of its answer: `id: code`, `status: =sent`, `city: @city`.
    pub(crate) gives: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tool: Vec<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    about: String,
    params: Vec<String>,
    asks: Vec<String>,
    gives: Vec<String>,
}

impl Param {
    /// Reads `seats?: int 1..9`; a question mark means that it may be left out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, kind) = text.split_once(": ")?;
        Some(Self {
            name: name.trim_end_matches('?').to_owned(),
            kind: kind.to_owned(),
            required: !name.ends_with('?'),
        })
    }

    fn schema(&self) -> Value {
        if let Some(choices) = choices(&self.kind) {
            return json!({ "enum": choices, "type": "string" });
        }
        match self.kind.split(' ').next().unwrap_or_default() {
            "int" => json!({ "type": "integer" }),
            "num" => json!({ "type": "number" }),
            "flag" => json!({ "type": "boolean" }),
            "list" => json!({ "items": { "type": "string" }, "type": "array" }),
            _ => json!({ "type": "string" }),
        }
    }
}

/// A part of a request that says yes or no: `+name:text`, `-name:text`.
pub(crate) fn flag(part: &str) -> Option<(bool, &str, &str)> {
    let yes = part.starts_with('+');
    let rest = part.strip_prefix(['+', '-'])?;
    let (name, text) = rest.split_once(':')?;
    Some((yes, name, text))
}

impl ToolSpec {
    /// Reads a pool of tools.
    pub(crate) fn read_all(pool: &str, text: &str) -> Result<Vec<Self>, DataError> {
        let file: File = read(pool, text)?;
        let tool = |raw: Raw| {
            let params: Option<Vec<Param>> = raw.params.iter().map(|text| Param::parse(text)).collect();
            Ok(Self::new(
                raw.name.clone(),
                raw.about,
                params
                    .ok_or_else(|| wrong(pool, &format!("`{}` has a parameter without a kind", raw.name)))?,
            )
            .with(raw.asks, raw.gives))
        };
        file.tool.into_iter().map(tool).collect()
    }

    /// A tool that nobody asks for yet.
    pub(crate) fn new(name: String, about: String, mut params: Vec<Param>) -> Self {
        params.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            name,
            about,
            params,
            asks: Vec::new(),
            gives: Vec::new(),
        }
    }

    /// How it is asked for, and what it gives.
    pub(crate) fn with(mut self, asks: Vec<String>, gives: Vec<String>) -> Self {
        self.asks = asks;
        self.gives = gives;
        self
    }

    /// As it is offered. Keys are in the order of their names, whatever map holds them.
    pub(crate) fn tool(&self) -> Tool {
        let properties: Map<String, Value> = self
            .params
            .iter()
            .map(|it| (it.name.clone(), it.schema()))
            .collect();
        let required: Vec<&str> = self
            .params
            .iter()
            .filter(|it| it.required)
            .map(|it| it.name.as_str())
            .collect();
        let mut parameters = Map::new();
        parameters.insert("additionalProperties".to_owned(), Value::Bool(false));
        parameters.insert("properties".to_owned(), Value::Object(properties));
        if !required.is_empty() {
            parameters.insert("required".to_owned(), json!(required));
        }
        parameters.insert("type".to_owned(), json!("object"));
        Tool {
            name: self.name.clone(),
            description: self.about.clone(),
            parameters: Value::Object(parameters),
        }
    }

    /// Its parameter of this name.
    pub(crate) fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|it| it.name == name)
    }

    /// Whether it holds together: slots are parameters, required ones always told, and first in the order of names,
    /// since that is the order in which the engine's grammar wants them.
    pub(crate) fn check(&self, pools: &Pools) -> Result<(), DataError> {
        let fail = |what: &str| {
            let file = format!("{}/tools.toml", pools.split.name());
            Err(wrong(&file, &format!("`{}` {what}", self.name)))
        };
        if self
            .params
            .windows(2)
            .any(|two| !two[0].required && two[1].required)
        {
            return fail("has an optional parameter before a required one, by name: rename one");
        }
        if let Some(param) = self.params.iter().find(|it| !is_kind(&it.kind, pools)) {
            return fail(&format!("has a parameter of no known kind: {}", param.kind));
        }
        if self.asks.is_empty() || self.gives.is_empty() {
            return fail("is asked for by nothing, or gives nothing");
        }
        for ask in &self.asks {
            if let Some(what) = self.wrong_in(ask) {
                return fail(&format!("is asked for wrongly by `{ask}`: {what}"));
            }
        }
        for give in &self.gives {
            let right = give
                .split_once(": ")
                .is_some_and(|(_, kind)| match kind.strip_prefix('@') {
                    Some(param) => self.param(param).is_some(),
                    None => kind.starts_with('=') || is_kind(kind, pools),
                });
            if !right {
                return fail(&format!("gives `{give}`, which is no field"));
            }
        }
        Ok(())
    }

    fn wrong_in(&self, ask: &str) -> Option<String> {
        let mut always: Vec<&str> = Vec::new();
        for (part, optional) in parts(ask) {
            if let Some((_, name, _)) = flag(part).filter(|_| optional) {
                if self.param(name).is_none_or(|it| it.kind != "flag") {
                    return Some(format!("there is no flag `{name}`"));
                }
                continue;
            }
            for slot in slots(part) {
                match self.param(slot) {
                    None => return Some(format!("there is no parameter `{slot}`")),
                    Some(param) if optional && param.required => {
                        return Some(format!("`{slot}` is required"));
                    }
                    Some(_) => always.push(slot),
                }
            }
        }
        let missing = self
            .params
            .iter()
            .find(|it| it.required && !always.contains(&it.name.as_str()));
        missing.map(|it| format!("`{}` is never told", it.name))
    }
}
