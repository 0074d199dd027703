//! Triggers: what starts a component.

use std::collections::BTreeMap;

use toml::Value;

use crate::{
    Component, Route, RoutePattern,
    error::Problem,
    section::{Section, as_string, wrong_type},
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

/// An answer that stands in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticResponse {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
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

/// All triggers of an application, each kind in the order of the manifest.
#[derive(Debug, Default)]
pub(crate) struct Triggers {
    pub(crate) http: Vec<HttpTrigger>,
    pub(crate) redis: Vec<RedisTrigger>,
}

/// Reads `trigger`; `redis_address` is the one of `[application.trigger.redis]`.
pub(crate) fn read(top: &mut Section, redis_address: Option<&str>) -> Result<Triggers, Problem> {
    let hint = "write [[trigger.http]] with component = \"<id>\" and route";
    let mut section = top
        .section("trigger")?
        .ok_or_else(|| Problem::new("trigger", "missing", hint))?;
    section.unsupported(&["command", "cron", "mqtt", "sqs", "timer"])?;
    let http = section.list("http")?;
    let redis = section.list("redis")?;
    section.finish()?;
    let http = http.into_iter().enumerate();
    let redis = redis.into_iter().enumerate();
    Ok(Triggers {
        http: http
            .map(|(index, value)| read_http(format!("trigger.http[{index}]"), value))
            .collect::<Result<_, _>>()?,
        redis: redis
            .map(|(index, value)| read_redis(format!("trigger.redis[{index}]"), value, redis_address))
            .collect::<Result<_, _>>()?,
    })
}

fn read_http(key: String, value: Value) -> Result<HttpTrigger, Problem> {
    let mut section = Section::from_value(key, value)?;
    section.unsupported(&["executor", "dependencies"])?;
    // A name that nothing here refers to.
    section.skip(&["id"]);
    let fixed = section.section("static_response")?;
    let handler = match (section.string("component")?, fixed) {
        (Some(id), None) => Handler::Component(id),
        (None, Some(response)) => Handler::Static(read_static(response)?),
        _ => {
            return Err(Problem::new(
                section.key("component"),
                "must have either `component` or `static_response`",
                "write component = \"<id>\"",
            ));
        }
    };
    let key = section.key("route");
    let route = section.take("route");
    section.finish()?;
    Ok(HttpTrigger {
        handler,
        route: read_route(key, route)?,
    })
}

fn read_static(mut section: Section) -> Result<StaticResponse, Problem> {
    let key = section.key("status_code");
    let status = section.positive("status_code")?.unwrap_or(200);
    let status = u16::try_from(status)
        .ok()
        .filter(|code| (100..=599).contains(code));
    let status =
        status.ok_or_else(|| Problem::new(key, "not a status of HTTP", "write a number from 100 to 599"))?;
    let response = StaticResponse {
        status,
        headers: section.string_map("headers")?,
        body: section.string("body")?.unwrap_or_default(),
    };
    section.finish()?;
    Ok(response)
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

fn read_redis(key: String, value: Value, address: Option<&str>) -> Result<RedisTrigger, Problem> {
    const HINT: &str = "write address = \"redis://host:6379\" here or in [application.trigger.redis]";
    let mut section = Section::from_value(key, value)?;
    section.skip(&["id"]);
    let component = section
        .take("component")
        .map(|value| as_string(section.key("component"), value))
        .transpose()?
        .ok_or_else(|| Problem::new(section.key("component"), "missing", "write component = \"<id>\""))?;
    let channel = section.required_string("channel", "write channel = \"<name>\"")?;
    let address = section
        .string("address")?
        .or_else(|| address.map(str::to_owned))
        .ok_or_else(|| Problem::new(section.key("address"), "missing", HINT))?;
    section.finish()?;
    Ok(RedisTrigger {
        component,
        channel,
        address,
    })
}

/// Every component that a trigger names must be there.
pub(crate) fn check(triggers: &Triggers, components: &BTreeMap<String, Component>) -> Result<(), Problem> {
    let http = triggers.http.iter().enumerate();
    let http = http.filter_map(|(index, it)| Some((format!("trigger.http[{index}]"), it.component()?)));
    let redis = triggers.redis.iter().enumerate();
    let redis = redis.map(|(index, it)| (format!("trigger.redis[{index}]"), it.component.as_str()));
    match http.chain(redis).find(|(_, id)| !components.contains_key(*id)) {
        None => Ok(()),
        Some((key, id)) => Err(Problem::new(
            format!("{key}.component"),
            format!("there is no component `{id}`"),
            format!("declare [component.{id}]"),
        )),
    }
}
