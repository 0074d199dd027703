//! From a parsed table to an [`App`]: triggers, components with their profile, references, checks.

use std::{collections::BTreeMap, path::Path};

use toml::{Table, Value};

use crate::{
    App, Component, Dependency, HttpTrigger, PROFILE, Route, RoutePattern, Router,
    component::{self, Draft},
    dependency::{Written, WrittenSource},
    error::Problem,
    section::{Section, as_string, wrong_type},
    variable::{self, Variable},
};

pub(crate) fn app(table: Table, root: &Path, profile: Option<&str>) -> Result<App, Problem> {
    let mut top = Section::root(table);
    check_version(&mut top)?;
    let name = read_application(&mut top)?;
    let variables = variable::read_all(&mut top)?;
    let triggers = read_triggers(&mut top)?;
    let drafts = read_components(&mut top, root, profile)?;
    top.finish()?;

    let components = resolve_dependencies(drafts)?;
    check_templates(&components, &variables)?;
    check_triggers(&triggers, &components)?;
    Router::new(&triggers)?;
    Ok(App {
        name,
        root: root.to_owned(),
        variables,
        triggers,
        components,
    })
}

fn check_version(top: &mut Section) -> Result<(), Problem> {
    const KEY: &str = "spin_manifest_version";
    match top.take(KEY) {
        Some(Value::Integer(2)) => Ok(()),
        Some(_) => Err(Problem::new(
            KEY,
            "only version 2 is known",
            "write spin_manifest_version = 2",
        )),
        None => Err(Problem::new(
            KEY,
            "missing",
            "write spin_manifest_version = 2 first in the file",
        )),
    }
}

fn read_application(top: &mut Section) -> Result<String, Problem> {
    let hint = "write [application] with name = \"…\"";
    let mut section = top
        .section("application")?
        .ok_or_else(|| Problem::new("application", "missing", hint))?;
    let name = section.required_string("name", hint)?;
    section.unsupported(&["trigger", "targets"])?;
    section.skip(&["version", "description", "authors", "tool"]);
    section.finish()?;
    Ok(name)
}

fn read_triggers(top: &mut Section) -> Result<Vec<HttpTrigger>, Problem> {
    let hint = "write [[trigger.http]] with component = \"<id>\" and route";
    let mut section = top
        .section("trigger")?
        .ok_or_else(|| Problem::new("trigger", "missing", hint))?;
    section.unsupported(&["redis", "command", "cron", "mqtt", "sqs", "timer"])?;
    let values = section.list("http")?;
    section.finish()?;
    let read = |(index, value)| read_trigger(format!("trigger.http[{index}]"), value);
    values.into_iter().enumerate().map(read).collect()
}

fn read_trigger(key: String, value: Value) -> Result<HttpTrigger, Problem> {
    let mut section = Section::from_value(key, value)?;
    section.unsupported(&["id", "static_response", "executor", "dependencies"])?;
    let key = section.key("component");
    let component = match section.take("component") {
        Some(Value::Table(_)) => return Err(Problem::unsupported(key)),
        Some(value) => as_string(key, value)?,
        None => return Err(Problem::new(key, "missing", "write component = \"<id>\"")),
    };
    let key = section.key("route");
    let route = section.take("route");
    section.finish()?;
    Ok(HttpTrigger {
        component,
        route: read_route(key, route)?,
    })
}

fn read_route(key: String, value: Option<Value>) -> Result<Route, Problem> {
    const HINT: &str = "write route = \"/path/...\" or route = { private = true }";
    match value {
        None => Err(Problem::new(key, "missing", HINT)),
        Some(Value::String(text)) => match RoutePattern::parse(&text) {
            Ok(pattern) => Ok(Route::Pattern(pattern)),
            Err(what) => Err(Problem::new(key, what, HINT)),
        },
        Some(Value::Table(table)) => {
            let mut section = Section::from_value(key.clone(), Value::Table(table))?;
            let private = section.bool("private")?;
            section.finish()?;
            if private == Some(true) {
                Ok(Route::Private)
            } else {
                Err(Problem::new(key, "not a route", HINT))
            }
        }
        Some(other) => Err(wrong_type(key, "a path or { private = true }", &other)),
    }
}

fn read_components(
    top: &mut Section,
    root: &Path,
    profile: Option<&str>,
) -> Result<BTreeMap<String, Draft>, Problem> {
    let mut drafts = BTreeMap::new();
    let mut profile_found = false;
    for (id, (key, value)) in top.entries("component")? {
        let read = component::read(&id, Section::from_value(key, value)?, root, profile)?;
        profile_found |= read.has_profile;
        drafts.insert(id, read.draft);
    }
    match profile {
        Some(name) if !profile_found && name != PROFILE => Err(Problem::new(
            format!("component.<id>.profile.{name}"),
            "no component has this profile",
            "check the name given with --profile",
        )),
        _ => Ok(drafts),
    }
}

fn resolve_dependencies(drafts: BTreeMap<String, Draft>) -> Result<BTreeMap<String, Component>, Problem> {
    let mut resolved: BTreeMap<String, BTreeMap<String, Dependency>> = BTreeMap::new();
    for (id, draft) in &drafts {
        let mut dependencies = BTreeMap::new();
        for (name, written) in &draft.dependencies {
            dependencies.insert(name.clone(), resolve_dependency(written, &drafts)?);
        }
        resolved.insert(id.clone(), dependencies);
    }
    let finish = |(id, draft): (String, Draft)| {
        let dependencies = resolved.remove(&id).unwrap_or_default();
        (
            id,
            Component {
                dependencies,
                ..draft.component
            },
        )
    };
    Ok(drafts.into_iter().map(finish).collect())
}

fn resolve_dependency(written: &Written, drafts: &BTreeMap<String, Draft>) -> Result<Dependency, Problem> {
    let source = match &written.source {
        WrittenSource::Path(path) => path.clone(),
        WrittenSource::Component(id) => {
            let leaf = drafts.get(id).ok_or_else(|| {
                Problem::new(
                    &written.key,
                    format!("there is no component `{id}`"),
                    "declare it, or use { path = \"…\" }",
                )
            })?;
            if let Some(owned) = owned_by(leaf) {
                return Err(Problem::new(
                    &written.key,
                    format!("component `{id}` has `{owned}` of its own, which a leaf may not have"),
                    format!("remove [component.{id}] {owned}, or reach it as http://{id}.spin.internal"),
                ));
            }
            leaf.component.source.clone()
        }
    };
    Ok(Dependency {
        source,
        inherit: written.inherit.clone(),
    })
}

/// What a component has of its own: a leaf shares its parent's grants and has nothing else.
fn owned_by(leaf: &Draft) -> Option<&'static str> {
    let component = &leaf.component;
    [
        ("dependencies", leaf.dependencies.is_empty()),
        ("variables", component.variables.is_empty()),
        ("environment", component.environment.is_empty()),
        ("files", component.files.is_empty()),
        (
            "allowed_outbound_hosts",
            component.allowed_outbound_hosts.is_empty(),
        ),
        ("key_value_stores", component.key_value_stores.is_empty()),
        ("sqlite_databases", component.sqlite_databases.is_empty()),
        ("ai_models", component.ai_models.is_empty()),
        ("tool.gyre.local_models", !component.local_models),
    ]
    .into_iter()
    .find_map(|(name, empty)| (!empty).then_some(name))
}

fn check_templates(
    components: &BTreeMap<String, Component>,
    declared: &BTreeMap<String, Variable>,
) -> Result<(), Problem> {
    for (id, component) in components {
        for (name, template) in &component.variables {
            variable::check_template(&format!("component.{id}.variables.{name}"), template, declared)?;
        }
        for (index, template) in component.allowed_outbound_hosts.iter().enumerate() {
            let key = format!("component.{id}.allowed_outbound_hosts[{index}]");
            variable::check_template(&key, template, declared)?;
        }
    }
    Ok(())
}

fn check_triggers(triggers: &[HttpTrigger], components: &BTreeMap<String, Component>) -> Result<(), Problem> {
    for (index, trigger) in triggers.iter().enumerate() {
        if !components.contains_key(&trigger.component) {
            return Err(Problem::new(
                format!("trigger.http[{index}].component"),
                format!("there is no component `{}`", trigger.component),
                format!("declare [component.{}]", trigger.component),
            ));
        }
    }
    Ok(())
}
