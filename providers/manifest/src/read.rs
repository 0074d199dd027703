//! From a parsed table to an [`App`], in the order in which Spin puts a manifest right.

use std::{collections::BTreeMap, path::Path};

use toml::{Table, Value};

use crate::{
    App, Component, Handler, HttpTrigger, PROFILE, RedisTrigger, Router, application,
    component::{self, Draft},
    error::Problem,
    normalise,
    resolve::Drafts,
    section::Section,
    trigger::{self, Triggers},
    trigger_draft::Head,
    variable::{self, Variable},
};

pub(crate) fn app(table: Table, root: &Path, profile: Option<&str>) -> Result<App, Problem> {
    let mut top = Section::root(table);
    check_version(&mut top)?;
    let application = application::read(&mut top)?;
    let variables = variable::read_all(&mut top)?;
    let mut triggers = trigger::read(&mut top, root, application.redis_address.as_deref())?;
    let mut tables = top.entries("component")?;
    top.finish()?;

    let http = triggers.http.iter_mut().map(|it| &mut it.head);
    let redis = triggers.redis.iter_mut().map(|it| &mut it.head);
    let mut heads: Vec<&mut Head> = http.chain(redis).collect();
    normalise::name_triggers(&mut heads);
    normalise::move_inline(&mut heads, &mut tables);

    let drafts = Drafts(read_components(tables, root, profile)?);
    let (triggers, components) = resolve(triggers, drafts)?;
    check_templates(&components, &variables)?;
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

fn read_components(
    tables: BTreeMap<String, (String, Value)>,
    root: &Path,
    profile: Option<&str>,
) -> Result<BTreeMap<String, Draft>, Problem> {
    let mut drafts = BTreeMap::new();
    let mut profile_found = false;
    for (id, (key, value)) in tables {
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

/// Triggers and components that refer to each other by ids that are there.
fn resolve(
    mut triggers: trigger::Drafts,
    drafts: Drafts,
) -> Result<(Triggers, BTreeMap<String, Component>), Problem> {
    let mut middleware = Vec::new();
    for trigger in &triggers.http {
        let layers = trigger
            .middleware
            .iter()
            .map(|written| drafts.middleware(written));
        middleware.push(layers.collect::<Result<Vec<_>, _>>()?);
    }
    let mut components = drafts.components()?;
    let http = triggers.http.iter().map(|it| &it.head);
    let heads = http.chain(triggers.redis.iter().map(|it| &it.head));
    let named = heads.filter_map(|head| Some((head.key.as_str(), head.component_id()?)));
    trigger::check(named, &components)?;

    let http = triggers.http.iter_mut().map(|it| &mut it.head);
    let redis: Vec<&Head> = triggers.redis.iter().map(|it| &it.head).collect();
    normalise::move_middleware(http.zip(middleware).collect(), &redis, &mut components);
    Ok((finish(triggers), components))
}

fn finish(triggers: trigger::Drafts) -> Triggers {
    let http = triggers.http.into_iter().filter_map(|it| {
        let component = it.head.component_id().map(|id| Handler::Component(id.to_owned()));
        Some(HttpTrigger {
            handler: component.or(it.fixed.map(Handler::Static))?,
            route: it.route,
        })
    });
    let redis = triggers.redis.into_iter().filter_map(|it| {
        Some(RedisTrigger {
            component: it.head.component_id()?.to_owned(),
            channel: it.channel,
            address: it.address,
        })
    });
    Triggers {
        http: http.collect(),
        redis: redis.collect(),
    }
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
