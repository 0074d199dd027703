//! From a parsed table to an [`App`]: triggers, components with their profile, references, checks.

use std::{collections::BTreeMap, path::Path};

use toml::{Table, Value};

use crate::{
    App, Component, Dependency, PROFILE, Router,
    component::{self, Draft},
    dependency::{Written, WrittenSource},
    error::Problem,
    section::Section,
    trigger,
    variable::{self, Variable},
};

pub(crate) fn app(table: Table, root: &Path, profile: Option<&str>) -> Result<App, Problem> {
    let mut top = Section::root(table);
    check_version(&mut top)?;
    let application = read_application(&mut top)?;
    let variables = variable::read_all(&mut top)?;
    let triggers = trigger::read(&mut top, application.redis_address.as_deref())?;
    let drafts = read_components(&mut top, root, profile)?;
    top.finish()?;

    let components = resolve_dependencies(drafts)?;
    check_templates(&components, &variables)?;
    trigger::check(&triggers, &components)?;
    Router::new(&triggers.http)?;
    Ok(App {
        name: application.name,
        root: root.to_owned(),
        variables,
        triggers: triggers.http,
        redis_triggers: triggers.redis,
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

/// What `[application]` says that a host needs.
struct Application {
    name: String,
    redis_address: Option<String>,
}

fn read_application(top: &mut Section) -> Result<Application, Problem> {
    let hint = "write [application] with name = \"…\"";
    let mut section = top
        .section("application")?
        .ok_or_else(|| Problem::new("application", "missing", hint))?;
    let name = section.required_string("name", hint)?;
    section.unsupported(&["targets"])?;
    let redis_address = match section.section("trigger")? {
        None => None,
        Some(mut triggers) => read_redis_address(&mut triggers)?,
    };
    section.skip(&["version", "description", "authors", "tool"]);
    section.finish()?;
    Ok(Application { name, redis_address })
}

/// Other tables of `[application.trigger]` configure triggers that this host refuses, or have no meaning any more.
fn read_redis_address(triggers: &mut Section) -> Result<Option<String>, Problem> {
    match triggers.section("redis")? {
        None => Ok(None),
        Some(mut redis) => {
            let address = redis.string("address")?;
            redis.finish()?;
            Ok(address)
        }
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
