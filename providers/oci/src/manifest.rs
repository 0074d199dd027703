//! From a locked application back to a `spin.toml`.

use crate::Error;
use crate::locked::{Component, Dependency, Inherit, LockedApp, Trigger};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// Names of lists of grants: where they are locked, and in a manifest.
const GRANTS: [(&str, &str); 4] = [
    ("allowed_outbound_hosts", "allowed_outbound_hosts"),
    ("key_value_stores", "key_value_stores"),
    ("databases", "sqlite_databases"),
    ("ai_models", "ai_models"),
];

/// Where the parts of a component were put, as the manifest names them.
pub(crate) struct Placed {
    /// Its component file.
    pub(crate) source: String,
    /// Those of its dependencies, by their keys.
    pub(crate) dependencies: BTreeMap<String, String>,
    /// The folder of its files, if it has some.
    pub(crate) files: Option<String>,
}

/// The text of the manifest. `placed` says of each component where its parts are.
pub(crate) fn text(app: &LockedApp, placed: &BTreeMap<String, Placed>) -> Result<String, Error> {
    let mut manifest = Table::new();
    manifest.insert("spin_manifest_version".to_owned(), Value::Integer(2));
    manifest.insert("application".to_owned(), Value::Table(application(app)?));
    manifest.insert("variables".to_owned(), Value::Table(variables(app)));
    manifest.insert("trigger".to_owned(), Value::Table(triggers(&app.triggers)?));
    let mut components = Table::new();
    for component in &app.components {
        if let Some(placed) = placed.get(&component.id) {
            components.insert(
                component.id.clone(),
                Value::Table(self::component(component, placed)?),
            );
        }
    }
    manifest.insert("component".to_owned(), Value::Table(components));
    toml::to_string(&manifest).map_err(|_| unwritable("the application"))
}

fn application(app: &LockedApp) -> Result<Table, Error> {
    let name = app.metadata.get("name").and_then(Json::as_str).unwrap_or("app");
    let mut table = Table::from_iter([("name".to_owned(), Value::String(name.to_owned()))]);
    if let Some(Json::Object(triggers)) = app.metadata.get("triggers")
        && !triggers.is_empty()
    {
        table.insert(
            "trigger".to_owned(),
            Value::Table(converted(triggers, "metadata.triggers")?),
        );
    }
    Ok(table)
}

fn variables(app: &LockedApp) -> Table {
    let table = |(name, variable): (&String, &crate::locked::Variable)| {
        let mut table = match &variable.default {
            Some(default) => Table::from_iter([("default".to_owned(), Value::String(default.clone()))]),
            None => Table::from_iter([("required".to_owned(), Value::Boolean(true))]),
        };
        if variable.secret {
            table.insert("secret".to_owned(), Value::Boolean(true));
        }
        (name.clone(), Value::Table(table))
    };
    app.variables.iter().map(table).collect()
}

fn triggers(triggers: &[Trigger]) -> Result<Table, Error> {
    let mut lists: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for trigger in triggers {
        let config = converted(&trigger.trigger_config, "trigger_config")?;
        lists
            .entry(&trigger.trigger_type)
            .or_default()
            .push(Value::Table(config));
    }
    let lists = lists.into_iter();
    Ok(lists
        .map(|(kind, list)| (kind.to_owned(), Value::Array(list)))
        .collect())
}

fn component(component: &Component, placed: &Placed) -> Result<Table, Error> {
    let mut table = Table::from_iter([("source".to_owned(), Value::String(placed.source.clone()))]);
    for (locked, key) in GRANTS {
        if let Some(list) = component.metadata.get(locked) {
            let what = format!("component.{}.{key}", component.id);
            table.insert(
                key.to_owned(),
                converted_value(list, &what)?.unwrap_or_else(|| Value::Array(Vec::new())),
            );
        }
    }
    for (key, map) in [("environment", &component.env), ("variables", &component.config)] {
        let map: Table = map
            .iter()
            .map(|(name, text)| (name.clone(), Value::String(text.clone())))
            .collect();
        table.insert(key.to_owned(), Value::Table(map));
    }
    if let Some(folder) = &placed.files {
        let mount = [("source", folder.as_str()), ("destination", "/")];
        let mount = mount.map(|(key, text)| (key.to_owned(), Value::String(text.to_owned())));
        table.insert(
            "files".to_owned(),
            Value::Array(vec![Value::Table(Table::from_iter(mount))]),
        );
    }
    let mut dependencies = Table::new();
    for (name, dependency) in &component.dependencies {
        if let Some(path) = placed.dependencies.get(name) {
            dependencies.insert(name.clone(), Value::Table(self::dependency(dependency, path)));
        }
    }
    table.insert("dependencies".to_owned(), Value::Table(dependencies));
    Ok(table)
}

fn dependency(dependency: &Dependency, path: &str) -> Table {
    let inherit = match &dependency.inherit {
        Inherit::All => Value::Boolean(true),
        Inherit::Some(names) => Value::Array(names.iter().cloned().map(Value::String).collect()),
    };
    let mut table = Table::from_iter([
        ("path".to_owned(), Value::String(path.to_owned())),
        ("inherit_configuration".to_owned(), inherit),
    ]);
    if let Some(export) = &dependency.export {
        table.insert("export".to_owned(), Value::String(export.clone()));
    }
    table
}

fn converted(map: &Map<String, Json>, what: &str) -> Result<Table, Error> {
    let mut table = Table::new();
    for (key, value) in map {
        // A manifest has no word for nothing but leaving it out.
        if let Some(value) = converted_value(value, what)? {
            table.insert(key.clone(), value);
        }
    }
    Ok(table)
}

fn converted_value(value: &Json, what: &str) -> Result<Option<Value>, Error> {
    Ok(Some(match value {
        Json::Null => return Ok(None),
        Json::Bool(value) => Value::Boolean(*value),
        Json::String(text) => Value::String(text.clone()),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Integer(whole),
            (None, Some(part)) => Value::Float(part),
            (None, None) => return Err(unwritable(what)),
        },
        Json::Array(list) => {
            let list: Result<Vec<_>, _> = list.iter().map(|value| converted_value(value, what)).collect();
            Value::Array(list?.into_iter().flatten().collect())
        }
        Json::Object(map) => Value::Table(converted(map, what)?),
    }))
}

fn unwritable(what: &str) -> Error {
    Error::Unsupported {
        what: format!("a value in {what} that no spin.toml can have"),
        cure: "push the application anew with a current Spin",
    }
}
