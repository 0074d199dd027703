//! A locked application: the JSON document that `spin registry push` writes.
//!
//! Only what is read is here. What must be understood, and is not, is refused.

use crate::Error;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What hosts of this kind can do, beside what every host can.
const UNDERSTOOD: [&str; 1] = ["local_service_chaining"];

/// An application whose parts are named by digest.
#[derive(Debug, Deserialize)]
pub(crate) struct LockedApp {
    spin_lock_version: u32,
    #[serde(default)]
    pub(crate) metadata: Map<String, Value>,
    #[serde(default)]
    host_requirements: Map<String, Value>,
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, Variable>,
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) components: Vec<Component>,
}

#[derive(Deserialize)]
pub(crate) struct Variable {
    pub(crate) default: Option<String>,
    #[serde(default)]
    pub(crate) secret: bool,
}

/// Its default may be a secret.
impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Variable")
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Trigger {
    pub(crate) trigger_type: String,
    pub(crate) trigger_config: Map<String, Value>,
    #[serde(default)]
    trigger_dependencies: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Component {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) metadata: Map<String, Value>,
    pub(crate) source: Content,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) files: Vec<File>,
    #[serde(default)]
    pub(crate) config: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) dependencies: BTreeMap<String, Dependency>,
    #[serde(default)]
    trigger_dependencies: Map<String, Value>,
    #[serde(default)]
    host_requirements: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) source: Content,
    pub(crate) export: Option<String>,
    #[serde(default)]
    pub(crate) inherit: Inherit,
}

/// What of its parent's grants a dependency shares.
#[derive(Debug, Deserialize)]
pub(crate) enum Inherit {
    All,
    Some(Vec<String>),
}

impl Default for Inherit {
    fn default() -> Self {
        Self::Some(Vec::new())
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct File {
    #[serde(flatten)]
    pub(crate) content: Content,
    /// Where the component sees it.
    pub(crate) path: String,
}

/// Something that was pushed: a layer, or a few bytes in the document itself.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Content {
    pub(crate) digest: Option<String>,
    /// In base64.
    pub(crate) inline: Option<String>,
}

impl LockedApp {
    /// Reads the document, and refuses what it needs and this host has not.
    pub(crate) fn parse(bytes: &[u8], reference: &str) -> Result<Self, Error> {
        let no_application = |why: String| Error::NotAnApplication {
            reference: reference.to_owned(),
            why,
        };
        let app: Self = serde_json::from_slice(bytes).map_err(|error| {
            no_application(format!("its description is not one ({:?})", error.classify()))
        })?;
        if app.spin_lock_version > 1 {
            return Err(no_application(format!(
                "its format is version {}, and 1 is the newest known",
                app.spin_lock_version
            )));
        }
        app.check_requirements()?;
        Ok(app)
    }

    fn check_requirements(&self) -> Result<(), Error> {
        let of_components = self
            .components
            .iter()
            .flat_map(|component| &component.host_requirements);
        for (name, need) in self.host_requirements.iter().chain(of_components) {
            if need.as_str() != Some("optional") && !UNDERSTOOD.contains(&name.as_str()) {
                return Err(Error::Unsupported {
                    what: format!("the host feature `{name}`"),
                    cure: "run it with `spin up`",
                });
            }
        }
        let with_middleware = self
            .triggers
            .iter()
            .any(|trigger| !trigger.trigger_dependencies.is_empty())
            || self
                .components
                .iter()
                .any(|component| !component.trigger_dependencies.is_empty());
        if with_middleware {
            return Err(Error::Unsupported {
                what: "dependencies of triggers (middleware)".to_owned(),
                cure: "run it with `spin up`, or push it without middleware",
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_understood_and_is_not_is_refused_by_name() {
        let app = |more: &str| format!(r#"{{"spin_lock_version":1,"triggers":[],"components":[]{more}}}"#);
        let cases = [
            (app(""), None),
            (
                app(r#","host_requirements":{"local_service_chaining":"required"}"#),
                None,
            ),
            (app(r#","host_requirements":{"novelty":"optional"}"#), None),
            (
                app(r#","host_requirements":{"novelty":"required"}"#),
                Some("novelty"),
            ),
            (app("").replace(":1", ":2"), Some("version 2")),
            ("{}".to_owned(), Some("no Spin application")),
            ("junk".to_owned(), Some("no Spin application")),
        ];
        for (text, refusal) in cases {
            let read = LockedApp::parse(text.as_bytes(), "r.example/a:1");
            match refusal {
                None => assert!(read.is_ok(), "{text}: {read:?}"),
                Some(part) => {
                    let told = read.expect_err(&text).to_string();
                    assert!(told.contains(part) && told.contains("hint: "), "{told}");
                }
            }
        }
    }
}
