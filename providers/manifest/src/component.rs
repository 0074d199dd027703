//! Components: what `[component.<id>]` says.

use std::{
    collections::BTreeMap,
    path::{Component as PathPart, Path, PathBuf},
};

use toml::Value;

use crate::{
    dependency::{self, Dependency, Written},
    error::Problem,
    limits::{InstancePolicy, Limits, Tool},
    section::{Section, as_string, wrong_type},
    variable,
};

/// A component with its grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its id, and its host name in `http://<id>.spin.internal`.
    pub id: String,
    /// Its component file.
    pub source: PathBuf,
    /// Variables it may read: templates over the application's variables.
    pub variables: BTreeMap<String, String>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// Folders and files it may read.
    pub files: Vec<Mount>,
    /// Hosts it may call: templates over the application's variables.
    pub allowed_outbound_hosts: Vec<String>,
    /// Key-value stores it may open.
    pub key_value_stores: Vec<String>,
    /// Databases it may open.
    pub sqlite_databases: Vec<String>,
    /// Models it may load by name.
    pub ai_models: Vec<String>,
    /// It may also load the models named on the command line.
    pub local_models: bool,
    /// Its leaves, by package (`gyre:inference`).
    pub dependencies: BTreeMap<String, Dependency>,
    /// Bounds on one request.
    pub limits: Limits,
    /// How long its instances live.
    pub instance: InstancePolicy,
    /// How often its `POST /tick` is called, if it is.
    pub tick_ms: Option<u64>,
}

/// A folder or file of the host that a component may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where it is on the host.
    pub source: PathBuf,
    /// Where the component sees it; absolute.
    pub destination: String,
}

/// A component before `component = "id"` dependencies are resolved.
pub(crate) struct Draft {
    pub(crate) component: Component,
    pub(crate) dependencies: BTreeMap<String, Written>,
}

/// Whether a draft names the selected profile.
pub(crate) struct Selected {
    pub(crate) draft: Draft,
    pub(crate) has_profile: bool,
}

const DEPENDENCY_HINT: &str = "source = \"path/to/component.wasm\"";

pub(crate) fn read(
    id: &str,
    mut section: Section,
    root: &Path,
    profile: Option<&str>,
) -> Result<Selected, Problem> {
    if !dependency::is_kebab(id) {
        let hint = "use lower-case words joined by `-`, as in `agent-researcher`";
        return Err(Problem::new(section.path(), "not a name for a component", hint));
    }
    section.unsupported(&["exclude_files", "dependencies_inherit_configuration", "targets"])?;
    let source = read_source(&mut section, root)?
        .ok_or_else(|| Problem::new(section.key("source"), "missing", DEPENDENCY_HINT))?;
    let tool = Tool::read(&mut section)?;
    let component = Component {
        id: id.to_owned(),
        source,
        variables: read_variables(&mut section)?,
        environment: section.string_map("environment")?,
        files: read_files(&mut section, root)?,
        allowed_outbound_hosts: section.strings("allowed_outbound_hosts")?,
        key_value_stores: section.strings("key_value_stores")?,
        sqlite_databases: section.strings("sqlite_databases")?,
        ai_models: section.strings("ai_models")?,
        local_models: tool.local_models,
        dependencies: BTreeMap::new(),
        limits: tool.limits,
        instance: tool.instance,
        tick_ms: tool.tick_ms,
    };
    let dependencies = dependency::read(&mut section, root)?;
    // `build` is for whoever builds the component, not for the host.
    section.skip(&["description", "build"]);
    let mut draft = Draft {
        component,
        dependencies,
    };
    let has_profile = apply_profiles(&mut section, root, profile, &mut draft)?;
    section.finish()?;
    Ok(Selected { draft, has_profile })
}

/// Reads every profile, so that a mistake in one shows at once, and applies the selected one.
fn apply_profiles(
    section: &mut Section,
    root: &Path,
    selected: Option<&str>,
    draft: &mut Draft,
) -> Result<bool, Problem> {
    let mut applied = false;
    for (name, (key, value)) in section.entries("profile")? {
        let mut profile = Section::from_value(key, value)?;
        let source = read_source(&mut profile, root)?;
        let environment = profile.string_map("environment")?;
        let dependencies = dependency::read(&mut profile, root)?;
        profile.skip(&["build"]);
        profile.finish()?;
        if selected == Some(name.as_str()) {
            applied = true;
            if let Some(source) = source {
                draft.component.source = source;
            }
            draft.component.environment.extend(environment);
            dependency::extend(&mut draft.dependencies, dependencies)?;
        }
    }
    Ok(applied)
}

fn read_source(section: &mut Section, root: &Path) -> Result<Option<PathBuf>, Problem> {
    let key = section.key("source");
    match section.take("source") {
        None => Ok(None),
        Some(Value::String(path)) => Ok(Some(root.join(path))),
        Some(Value::Table(_)) => Err(Problem::unsupported(key)),
        Some(other) => Err(wrong_type(key, "the path of a component file", &other)),
    }
}

fn read_variables(section: &mut Section) -> Result<BTreeMap<String, String>, Problem> {
    let path = section.key("variables");
    let variables = section.string_map("variables")?;
    for name in variables.keys() {
        variable::check_name(name, &format!("{path}.{name}"))?;
    }
    Ok(variables)
}

fn read_files(section: &mut Section, root: &Path) -> Result<Vec<Mount>, Problem> {
    let key = section.key("files");
    let values = section.list("files")?;
    values
        .into_iter()
        .enumerate()
        .map(|(index, value)| read_mount(format!("{key}[{index}]"), value, root))
        .collect()
}

fn read_mount(key: String, value: Value, root: &Path) -> Result<Mount, Problem> {
    const HINT: &str = "write { source = \"folder\", destination = \"/folder\" }";
    if value.is_str() {
        return Err(Problem {
            hint: HINT.to_owned(),
            ..Problem::unsupported(key)
        });
    }
    let mut section = Section::from_value(key, value)?;
    let source = root.join(section.required_string("source", HINT)?);
    let key = section.key("destination");
    let destination = section
        .take("destination")
        .map(|value| as_string(key.clone(), value))
        .transpose()?;
    let destination = destination.ok_or_else(|| Problem::new(key.clone(), "missing", HINT))?;
    let inside = Path::new(&destination)
        .components()
        .all(|part| part != PathPart::ParentDir);
    if !destination.starts_with('/') || !inside {
        return Err(Problem::new(
            key,
            format!("`{destination}` is not an absolute path without `..`"),
            HINT,
        ));
    }
    section.finish()?;
    Ok(Mount { source, destination })
}
