//! Application variables and the templates that name them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    App,
    error::{Error, Problem},
    name,
    section::Section,
};

/// A declared variable: it has a default or is required.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its value where none is given.
    pub default: Option<String>,
    /// Whether a value must be given.
    pub required: bool,
    /// Whether its value must stay out of every message.
    pub secret: bool,
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = self
            .default
            .as_deref()
            .map(|text| if self.secret { "<secret>" } else { text });
        f.debug_struct("Variable")
            .field("default", &default)
            .field("required", &self.required)
            .field("secret", &self.secret)
            .finish()
    }
}

pub(crate) fn read_all(root: &mut Section) -> Result<BTreeMap<String, Variable>, Problem> {
    let mut variables = BTreeMap::new();
    for (name, (key, value)) in root.entries("variables")? {
        check_name(&name, &key)?;
        let mut section = Section::from_value(key, value)?;
        let variable = Variable {
            default: section.string("default")?,
            required: section.bool("required")?.unwrap_or(false),
            secret: section.bool("secret")?.unwrap_or(false),
        };
        section.string("description")?;
        if variable.default.is_some() == variable.required {
            return Err(Problem::new(
                section.path(),
                "must have a default or be required, one of the two",
                "write { default = \"…\" } or { required = true }",
            ));
        }
        section.finish()?;
        variables.insert(name, variable);
    }
    Ok(variables)
}

/// Refuses what Spin does not take as the name of a variable.
pub(crate) fn check_name(name: &str, key: &str) -> Result<(), Problem> {
    if name::is_variable(name) {
        return Ok(());
    }
    Err(Problem::new(
        key,
        "not a name for a variable",
        "use lower-case words joined by `_`, each with a letter first, as in `chat_model`",
    ))
}

/// The values of an application's variables. Debug shows names only.
#[derive(Clone, Default)]
pub struct ResolvedVariables {
    values: BTreeMap<String, String>,
    secret: BTreeSet<String>,
}

impl ResolvedVariables {
    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Whether a variable's value must stay out of messages.
    #[must_use]
    pub fn is_secret(&self, name: &str) -> bool {
        self.secret.contains(name)
    }

    /// Resolves every template of a map, such as a component's variables. `path` names the map in errors.
    pub fn resolve_map(
        &self,
        path: &str,
        templates: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, Error> {
        templates
            .iter()
            .map(|(name, text)| {
                Ok((
                    name.clone(),
                    resolve_template(&format!("{path}.{name}"), text, self)?,
                ))
            })
            .collect()
    }
}

impl fmt::Debug for ResolvedVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// Gives each variable its value: the override, else the default.
pub fn resolve_variables(
    app: &App,
    overrides: &BTreeMap<String, String>,
) -> Result<ResolvedVariables, Error> {
    if let Some(name) = overrides.keys().find(|name| !app.variables.contains_key(*name)) {
        let known: Vec<_> = app.variables.keys().map(String::as_str).collect();
        let hint = format!("the manifest declares: {}", known.join(", "));
        return Err(Problem::new(format!("variables.{name}"), "no such variable", hint).into());
    }
    let mut resolved = ResolvedVariables::default();
    for (name, variable) in &app.variables {
        let value = overrides.get(name).or(variable.default.as_ref()).ok_or_else(|| {
            let hint = format!("start with --variable {name}=VALUE (or {name}=@FILE)");
            Problem::new(
                format!("variables.{name}"),
                "required, and no value was given",
                hint,
            )
        })?;
        resolved.values.insert(name.clone(), value.clone());
        if variable.secret {
            resolved.secret.insert(name.clone());
        }
    }
    Ok(resolved)
}

/// Replaces each `{{ name }}` by the variable's value. `key` says in errors where the template stands.
pub fn resolve_template(key: &str, template: &str, variables: &ResolvedVariables) -> Result<String, Error> {
    let mut text = String::with_capacity(template.len());
    for part in parts(template).map_err(|what| broken(key, what))? {
        match part {
            Part::Text(literal) => text.push_str(literal),
            Part::Name(name) => text.push_str(variables.get(name).ok_or_else(|| undefined(key, name))?),
        }
    }
    Ok(text)
}

/// Refuses a template that is malformed or names a variable that is not declared.
pub(crate) fn check_template(
    key: &str,
    template: &str,
    declared: &BTreeMap<String, Variable>,
) -> Result<(), Problem> {
    for part in parts(template).map_err(|what| broken(key, what))? {
        if let Part::Name(name) = part
            && !declared.contains_key(name)
        {
            return Err(undefined(key, name));
        }
    }
    Ok(())
}

enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

fn parts(template: &str) -> Result<Vec<Part<'_>>, &'static str> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((literal, tail)) = rest.split_once("{{") {
        let (name, tail) = tail.split_once("}}").ok_or("a `{{` is not closed by `}}`")?;
        if name.trim().is_empty() {
            return Err("a `{{ }}` names no variable");
        }
        parts.push(Part::Text(literal));
        parts.push(Part::Name(name.trim()));
        rest = tail;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

fn broken(key: &str, what: &str) -> Problem {
    Problem::new(key, what, "write {{ name }}")
}

fn undefined(key: &str, name: &str) -> Problem {
    Problem::new(
        key,
        format!("`{name}` is not a variable of the application"),
        format!("declare {name} under [variables]"),
    )
}
