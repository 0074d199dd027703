//! Triggers: what starts a component.

use std::{collections::BTreeMap, path::Path};

use crate::{
    Component, Route,
    error::Problem,
    section::Section,
    static_response::StaticResponse,
    trigger_draft::{self, HttpDraft, RedisDraft},
};

/// How a component is reached over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpTrigger {
    /// What answers.
    pub handler: Handler,
    /// Where it is reached.
    pub route: Route,
}

impl HttpTrigger {
    /// The component that answers, if one does.
    #[must_use]
    pub fn component(&self) -> Option<&str> {
        match &self.handler {
            Handler::Component(id) => Some(id),
            Handler::Static(_) => None,
        }
    }
}

/// What answers a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handler {
    /// A component, by its id.
    Component(String),
    /// Always the same answer.
    Static(StaticResponse),
}

/// A component that gets the messages of a Redis channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisTrigger {
    /// The component's id.
    pub component: String,
    /// The channel it is subscribed to: a template over the application's variables.
    pub channel: String,
    /// The server, as `redis://host:port`: a template over the application's variables.
    pub address: String,
}

/// All triggers as they are written, each kind in the order of the manifest.
pub(crate) struct Drafts {
    pub(crate) http: Vec<HttpDraft>,
    pub(crate) redis: Vec<RedisDraft>,
}

/// All triggers of an application.
#[derive(Debug, Default)]
pub(crate) struct Triggers {
    pub(crate) http: Vec<HttpTrigger>,
    pub(crate) redis: Vec<RedisTrigger>,
}

/// Triggers that come as plugins of Spin.
const PLUGINS: [&str; 5] = ["command", "cron", "mqtt", "sqs", "timer"];

/// Reads `trigger`; `redis_address` is the one of `[application.trigger.redis]`.
pub(crate) fn read(top: &mut Section, root: &Path, redis_address: Option<&str>) -> Result<Drafts, Problem> {
    let hint = "write [[trigger.http]] with component = \"<id>\" and route";
    let mut section = top
        .section("trigger")?
        .ok_or_else(|| Problem::new("trigger", "missing", hint))?;
    for plugin in PLUGINS {
        section.unsupported(
            plugin,
            "it is a plugin of Spin; this host starts components by HTTP, by Redis and by tool.gyre.tick_ms",
            "use one of these, or run the app with `spin up` and the plugin",
        )?;
    }
    let http = section.list("http")?.into_iter().enumerate();
    let redis = section.list("redis")?.into_iter().enumerate();
    let drafts = Drafts {
        http: http
            .map(|(index, value)| {
                trigger_draft::read_http(
                    Section::from_value(format!("trigger.http[{index}]"), value)?,
                    root,
                )
            })
            .collect::<Result<_, _>>()?,
        redis: redis
            .map(|(index, value)| {
                let section = Section::from_value(format!("trigger.redis[{index}]"), value)?;
                trigger_draft::read_redis(section, redis_address)
            })
            .collect::<Result<_, _>>()?,
    };
    section.finish()?;
    Ok(drafts)
}

/// Refuses triggers of components that are not there. `named` are their keys, and the components they name.
pub(crate) fn check<'a>(
    named: impl Iterator<Item = (&'a str, &'a str)>,
    components: &BTreeMap<String, Component>,
) -> Result<(), Problem> {
    let mut named = named;
    match named.find(|(_, id)| !components.contains_key(*id)) {
        None => Ok(()),
        Some((key, id)) => Err(Problem::new(
            format!("{key}.component"),
            format!("there is no component `{id}`"),
            format!("declare [component.{id}]"),
        )),
    }
}
