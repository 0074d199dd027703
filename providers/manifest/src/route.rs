//! Routes of HTTP triggers: exact paths, `:param` segments and a trailing `/...`.

use std::collections::BTreeMap;

use crate::{Handler, HttpTrigger, error::Problem};

/// Where a trigger is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// By chaining only: `http://<id>.spin.internal`.
    Private,
    /// By clients, at paths that match.
    Pattern(RoutePattern),
}

/// A pattern of paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutePattern {
    text: String,
    segments: Vec<Segment>,
    wildcard: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Param(String),
}

/// How a path matched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteMatch {
    /// Values of the `:param` segments, as they stood in the path (not percent-decoded).
    pub params: BTreeMap<String, String>,
    /// What `/...` stood for, with its leading slash; `None` for a pattern without it.
    pub trailing: Option<String>,
}

impl RoutePattern {
    /// Reads a pattern such as `/`, `/health`, `/users/:id` or `/api/...`; `/*` at the end is the same as `/...`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix('/') else {
            return Err(format!("`{text}` does not begin with `/`"));
        };
        let wildcard = path.strip_suffix("...").or_else(|| path.strip_suffix('*'));
        let (path, wildcard) = match wildcard {
            Some(rest) if rest.is_empty() || rest.ends_with('/') => (rest, true),
            _ => (path, false),
        };
        let path = if path == "/" {
            path
        } else {
            path.strip_suffix('/').unwrap_or(path)
        };
        let mut segments = Vec::new();
        for part in path.split('/').filter(|_| !path.is_empty()) {
            segments.push(Segment::parse(part)?);
        }
        Ok(Self {
            text: text.to_owned(),
            segments,
            wildcard,
        })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Matches the path of a request (without its query). A trailing slash makes no difference.
    #[must_use]
    pub fn matches(&self, path: &str) -> Option<RouteMatch> {
        let mut rest = path.strip_prefix('/')?;
        let mut found = RouteMatch::default();
        for segment in &self.segments {
            let (part, tail) = rest.split_once('/').unwrap_or((rest, ""));
            match segment {
                Segment::Literal(literal) if literal == part => {}
                Segment::Param(name) if !part.is_empty() => {
                    found.params.insert(name.clone(), part.to_owned());
                }
                _ => return None,
            }
            rest = tail;
        }
        if self.wildcard {
            found.trailing = Some(format!("/{rest}"));
        } else if !rest.is_empty() {
            return None;
        }
        Some(found)
    }

    /// Orders patterns that match one path: a literal before a parameter before `/...`.
    fn specificity(&self) -> Vec<u8> {
        let end = if self.wildcard { 0 } else { 3 };
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(_) => 2,
            Segment::Param(_) => 1,
        });
        segments.chain([end]).collect()
    }

    /// Equal for patterns that match the same paths.
    fn shape(&self) -> (Vec<Option<&str>>, bool) {
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_str()),
            Segment::Param(_) => None,
        });
        (segments.collect(), self.wildcard)
    }
}

impl Segment {
    fn parse(part: &str) -> Result<Self, String> {
        match part.strip_prefix(':') {
            Some("") => Err("a parameter has no name: write `:name`".to_owned()),
            Some(name) => Ok(Self::Param(name.to_owned())),
            None if part.is_empty() => Err("it has an empty segment (`//`)".to_owned()),
            None if part.contains("...") => Err("`...` may stand only alone, as the last segment".to_owned()),
            None => Ok(Self::Literal(part.to_owned())),
        }
    }
}

/// The public routes, most specific first.
#[derive(Debug, Clone)]
pub struct Router {
    routes: Vec<(RoutePattern, Handler)>,
}

impl Router {
    /// Orders the public routes of these triggers. Two patterns for the same paths are refused.
    pub fn new(triggers: &[HttpTrigger]) -> Result<Self, Problem> {
        let mut routes: Vec<(RoutePattern, Handler)> = Vec::new();
        for (index, trigger) in triggers.iter().enumerate() {
            let Route::Pattern(pattern) = &trigger.route else {
                continue;
            };
            if let Some((_, other)) = routes.iter().find(|(known, _)| known.shape() == pattern.shape()) {
                return Err(Problem::new(
                    format!("trigger.http[{index}].route"),
                    format!("`{}` is already the route of {}", pattern.as_str(), name(other)),
                    "give each trigger its own route",
                ));
            }
            routes.push((pattern.clone(), trigger.handler.clone()));
        }
        routes.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.specificity()));
        Ok(Self { routes })
    }

    /// What answers a path, the pattern that matched, and how.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<(&Handler, &RoutePattern, RouteMatch)> {
        self.routes
            .iter()
            .find_map(|(pattern, handler)| pattern.matches(path).map(|found| (handler, pattern, found)))
    }
}

fn name(handler: &Handler) -> String {
    match handler {
        Handler::Component(id) => format!("component `{id}`"),
        Handler::Static(_) => "a static response".to_owned(),
    }
}
