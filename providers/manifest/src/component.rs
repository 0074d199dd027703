//! Components: what `[component.<id>]` says.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    build::{self, Build},
    dependency::{self, Dependency, Middleware, Written},
    error::Problem,
    limits::{InstancePolicy, Limits, Tool},
    mount::{self, Mount},
    name,
    section::Section,
    source::{self, Source, WrittenSource},
    target, variable,
};

/// A component with its grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its id, and its host name in `http://<id>.spin.internal`.
    pub id: String,
    /// Its component file.
    pub source: Source,
    /// Variables it may read: templates over the application's variables.
    pub variables: BTreeMap<String, String>,
    /// Its environment, as it is.
    pub environment: BTreeMap<String, String>,
    /// Folders and files it may read, each at a place of its own.
    pub files: Vec<Mount>,
    /// Patterns of files it may read, relative to `root`; they keep their path.
    pub file_patterns: Vec<String>,
    /// Patterns of files it may not read all the same, relative to `root`.
    pub exclude_files: Vec<String>,
    /// The folder of the manifest.
    pub root: PathBuf,
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
    /// The model of the models folder that it loads where the command line names none.
    pub default_model: Option<String>,
    /// Its leaves, by package (`gyre:inference`), interface or import.
    pub dependencies: BTreeMap<String, Dependency>,
    /// What gets its requests before it does, the outermost first.
    pub middleware: Vec<Middleware>,
    /// How it is built, if the manifest says so.
    pub build: Option<Build>,
    /// Bounds on one request.
    pub limits: Limits,
    /// How long its instances live.
    pub instance: InstancePolicy,
    /// How often its `POST /tick` is called, if it is.
    pub tick_ms: Option<u64>,
}

impl Component {
    /// A component that is granted nothing.
    #[must_use]
    pub fn new(id: &str, source: Source) -> Self {
        Self {
            id: id.to_owned(),
            source,
            variables: BTreeMap::new(),
            environment: BTreeMap::new(),
            files: Vec::new(),
            file_patterns: Vec::new(),
            exclude_files: Vec::new(),
            root: PathBuf::new(),
            allowed_outbound_hosts: Vec::new(),
            key_value_stores: Vec::new(),
            sqlite_databases: Vec::new(),
            ai_models: Vec::new(),
            local_models: false,
            default_model: None,
            dependencies: BTreeMap::new(),
            middleware: Vec::new(),
            build: None,
            limits: Limits::DEFAULT,
            instance: InstancePolicy::default(),
            tick_ms: None,
        }
    }
}

impl Component {
    /// Every source: its own, its leaves', its middleware's.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        let leaves = self.dependencies.values().map(|leaf| &leaf.source);
        let middleware = self.middleware.iter().map(|layer| &layer.source);
        std::iter::once(&self.source).chain(leaves).chain(middleware)
    }

    pub(crate) fn sources_mut(&mut self) -> impl Iterator<Item = &mut Source> {
        let leaves = self.dependencies.values_mut().map(|leaf| &mut leaf.source);
        let middleware = self.middleware.iter_mut().map(|layer| &mut layer.source);
        std::iter::once(&mut self.source).chain(leaves).chain(middleware)
    }
}

/// A component before references to others are resolved. The source of `component` is not the one to use yet.
pub(crate) struct Draft {
    pub(crate) component: Component,
    pub(crate) source_key: String,
    pub(crate) source: WrittenSource,
    pub(crate) dependencies: BTreeMap<String, Written>,
    /// `dependencies_inherit_configuration`, with its key.
    pub(crate) inherit_all: Option<(String, bool)>,
}

/// Whether a draft names the selected profile.
pub(crate) struct Selected {
    pub(crate) draft: Draft,
    pub(crate) has_profile: bool,
}

const SOURCE_HINT: &str = "source = \"path/to/component.wasm\"";

pub(crate) fn read(
    id: &str,
    mut section: Section,
    root: &Path,
    profile: Option<&str>,
) -> Result<Selected, Problem> {
    if !name::is_kebab(id) {
        let hint =
            "use words joined by `-`, each with a letter first and in one case, as in `agent-researcher`";
        return Err(Problem::new(section.path(), "not a name for a component", hint));
    }
    section.unsupported(
        "allowed_http_hosts",
        "it is deprecated, and says less than allowed_outbound_hosts",
        "write each host as allowed_outbound_hosts = [\"https://host\"]",
    )?;
    let source_key = section.key("source");
    let source =
        source::read(&mut section, root)?.ok_or_else(|| Problem::new(&source_key, "missing", SOURCE_HINT))?;
    let component = read_configuration(id, &mut section, root)?;
    let dependencies = dependency::read(&mut section, root)?;
    let key = section.key("dependencies_inherit_configuration");
    let inherit_all = section.bool("dependencies_inherit_configuration")?;
    section.string("description")?;
    target::check(&mut section)?;
    let mut draft = Draft {
        component,
        source_key,
        source,
        dependencies,
        inherit_all: inherit_all.map(|all| (key, all)),
    };
    let has_profile = apply_profiles(&mut section, root, profile, &mut draft)?;
    section.finish()?;
    Ok(Selected { draft, has_profile })
}

/// What a component has of its own: grants, limits, how it is built.
fn read_configuration(id: &str, section: &mut Section, root: &Path) -> Result<Component, Problem> {
    let tool = Tool::read(section)?;
    let files = mount::read(section, root)?;
    Ok(Component {
        root: root.to_owned(),
        variables: read_variables(section)?,
        environment: section.string_map("environment")?,
        files: files.mounts,
        file_patterns: files.patterns,
        exclude_files: mount::read_excluded(section)?,
        allowed_outbound_hosts: section.strings("allowed_outbound_hosts")?,
        key_value_stores: read_labels(section, "key_value_stores")?,
        sqlite_databases: read_labels(section, "sqlite_databases")?,
        ai_models: section.strings("ai_models")?,
        local_models: tool.local_models,
        default_model: tool.default_model,
        build: build::read(section, root)?,
        limits: tool.limits,
        instance: tool.instance,
        tick_ms: tool.tick_ms,
        // The source is put in when everything is known.
        ..Component::new(id, Source::File(PathBuf::new()))
    })
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
        let source_key = profile.key("source");
        let source = source::read(&mut profile, root)?;
        let environment = profile.string_map("environment")?;
        let dependencies = dependency::read(&mut profile, root)?;
        let commands = build::read_profile(&mut profile)?;
        profile.finish()?;
        if selected != Some(name.as_str()) {
            continue;
        }
        applied = true;
        if let Some(source) = source {
            (draft.source_key, draft.source) = (source_key, source);
        }
        draft.component.environment.extend(environment);
        draft.dependencies.extend(dependencies);
        if let Some(commands) = commands {
            let build = draft.component.build.get_or_insert_with(|| Build {
                commands: Vec::new(),
                folder: root.to_owned(),
                watch: Vec::new(),
            });
            build.commands = commands;
        }
    }
    Ok(applied)
}

fn read_variables(section: &mut Section) -> Result<BTreeMap<String, String>, Problem> {
    let path = section.key("variables");
    let variables = section.string_map("variables")?;
    for name in variables.keys() {
        variable::check_name(name, &format!("{path}.{name}"))?;
    }
    Ok(variables)
}

fn read_labels(section: &mut Section, table: &'static str) -> Result<Vec<String>, Problem> {
    let key = section.key(table);
    let labels = section.strings(table)?;
    match labels.iter().position(|label| !name::is_label(label)) {
        None => Ok(labels),
        Some(index) => Err(Problem::new(
            format!("{key}[{index}]"),
            format!("`{}` is not a name for a store", labels[index]),
            "use words joined by `-` or by `_`, each with a letter first and in one case",
        )),
    }
}
