//! Triggers as they are written: before inline components have ids and middleware has its component.

use std::path::Path;

use toml::Value;

use crate::{
    Route, RoutePattern,
    dependency::{self, Written},
    error::Problem,
    section::{Section, as_string, wrong_type},
    static_response::{self, StaticResponse},
};

/// What all kinds of triggers have.
pub(crate) struct Head {
    pub(crate) key: String,
    /// `http` or `redis`: Spin's names for triggers and inline components hold it.
    pub(crate) kind: &'static str,
    /// As written, or as Spin names it.
    pub(crate) id: Option<String>,
    pub(crate) component: Option<Named>,
}

impl Head {
    /// The id of its component, once inline components have theirs.
    pub(crate) fn component_id(&self) -> Option<&str> {
        match &self.component {
            Some(Named::Id(id)) => Some(id),
            Some(Named::Inline(_)) | None => None,
        }
    }
}

/// The component of a trigger: one of `[component]`, or written out in its place.
pub(crate) enum Named {
    Id(String),
    Inline(Value),
}

pub(crate) struct HttpDraft {
    pub(crate) head: Head,
    pub(crate) fixed: Option<StaticResponse>,
    pub(crate) route: Route,
    pub(crate) middleware: Vec<Written>,
}

pub(crate) struct RedisDraft {
    pub(crate) head: Head,
    pub(crate) channel: String,
    pub(crate) address: String,
}

pub(crate) fn read_http(mut section: Section, root: &Path) -> Result<HttpDraft, Problem> {
    let head = read_head(&mut section, "http")?;
    read_executor(&mut section)?;
    let fixed = section
        .section("static_response")?
        .map(static_response::read)
        .transpose()?;
    if head.component.is_some() == fixed.is_some() {
        return Err(Problem::new(
            section.key("component"),
            "must have either `component` or `static_response`",
            "write component = \"<id>\"",
        ));
    }
    let middleware = read_middleware(&mut section, root)?;
    if fixed.is_some() && !middleware.is_empty() {
        let what = "a static response has no middleware";
        return Err(Problem::new(section.key("dependencies"), what, "remove it"));
    }
    let key = section.key("route");
    let route = section.take("route");
    section.finish()?;
    Ok(HttpDraft {
        head,
        fixed,
        route: read_route(key, route)?,
        middleware,
    })
}

pub(crate) fn read_redis(mut section: Section, address: Option<&str>) -> Result<RedisDraft, Problem> {
    const HINT: &str = "write address = \"redis://host:6379\" here or in [application.trigger.redis]";
    let head = read_head(&mut section, "redis")?;
    if head.component.is_none() {
        let hint = "write component = \"<id>\"";
        return Err(Problem::new(section.key("component"), "missing", hint));
    }
    section.unsupported(
        "dependencies",
        "only requests of HTTP pass through middleware",
        "remove it, or compose it as one of the component's dependencies",
    )?;
    let channel = section.required_string("channel", "write channel = \"<name>\"")?;
    let address = section
        .string("address")?
        .or_else(|| address.map(str::to_owned))
        .ok_or_else(|| Problem::new(section.key("address"), "missing", HINT))?;
    section.finish()?;
    Ok(RedisDraft {
        head,
        channel,
        address,
    })
}

fn read_head(section: &mut Section, kind: &'static str) -> Result<Head, Problem> {
    section.unsupported(
        "components",
        "a trigger of this kind starts one component",
        "name that one as `component`",
    )?;
    let key = section.key("component");
    let component = match section.take("component") {
        None => None,
        Some(Value::Table(table)) => Some(Named::Inline(Value::Table(table))),
        Some(id) => Some(Named::Id(as_string(key, id)?)),
    };
    Ok(Head {
        key: section.path().to_owned(),
        kind,
        id: section.string("id")?.filter(|id| !id.is_empty()),
        component,
    })
}

/// Both words mean what a component exports anyway.
fn read_executor(section: &mut Section) -> Result<(), Problem> {
    let Some(mut executor) = section.section("executor")? else {
        return Ok(());
    };
    let key = executor.key("type");
    match executor
        .required_string("type", "write { type = \"http\" }, or nothing")?
        .as_str()
    {
        "http" | "spin" => executor.finish(),
        "wagi" => Err(Problem::unsupported(
            key,
            "Wagi runs a program of its own for each request, over CGI; this host runs components that export wasi:http",
            "build the component for wasi:http, or run the app with `spin up`",
        )),
        other => Err(Problem::new(
            key,
            format!("`{other}` is no executor"),
            "write \"http\", or leave the executor out",
        )),
    }
}

fn read_middleware(section: &mut Section, root: &Path) -> Result<Vec<Written>, Problem> {
    let Some(mut dependencies) = section.section("dependencies")? else {
        return Ok(Vec::new());
    };
    let key = dependencies.key("middleware");
    let entries = dependencies.list("middleware")?;
    dependencies.finish()?;
    entries
        .into_iter()
        .enumerate()
        .map(|(index, value)| dependency::read_unnamed(format!("{key}[{index}]"), value, root))
        .collect()
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
