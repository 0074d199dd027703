//! Leaves: what `[component.<id>.dependencies]` says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
};

use toml::Value;

use crate::{
    error::Problem,
    section::{Section, as_string, wrong_type},
};

/// A leaf composed under a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The leaf's component file.
    pub source: PathBuf,
    /// What of its parent's grants it shares.
    pub inherit: Inherit,
}

/// A kind of configuration that a leaf may share with its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// `ai_models`
    AiModels,
    /// `allowed_outbound_hosts`
    AllowedOutboundHosts,
    /// `environment`
    Environment,
    /// `files`
    Files,
    /// `key_value_stores`
    KeyValueStores,
    /// `sqlite_databases`
    SqliteDatabases,
    /// `variables`
    Variables,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 7] = [
        Self::AiModels,
        Self::AllowedOutboundHosts,
        Self::Environment,
        Self::Files,
        Self::KeyValueStores,
        Self::SqliteDatabases,
        Self::Variables,
    ];

    /// The name used in `inherit_configuration`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AiModels => "ai_models",
            Self::AllowedOutboundHosts => "allowed_outbound_hosts",
            Self::Environment => "environment",
            Self::Files => "files",
            Self::KeyValueStores => "key_value_stores",
            Self::SqliteDatabases => "sqlite_databases",
            Self::Variables => "variables",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The categories a leaf shares; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inherit(BTreeSet<Category>);

impl Inherit {
    /// Everything its parent has.
    #[must_use]
    pub fn all() -> Self {
        Category::ALL.into_iter().collect()
    }

    /// Whether a category is shared.
    #[must_use]
    pub fn contains(&self, category: Category) -> bool {
        self.0.contains(&category)
    }
}

impl FromIterator<Category> for Inherit {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        Self(categories.into_iter().collect())
    }
}

/// What a dependency's key names: `ns:pkg`, `ns:pkg@1.0.0`, `ns:pkg/iface` or `ns:pkg/iface@1.0.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DependencyKey {
    /// `ns:pkg`
    pub package: String,
    /// `iface`; absent for all interfaces of the package.
    pub interface: Option<String>,
    /// Must equal the import's version exactly; absent matches any.
    pub version: Option<String>,
}

impl DependencyKey {
    /// Reads a key or the name of an import.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) if !version.is_empty() => (name, Some(version.to_owned())),
            Some(_) => return None,
            None => (text, None),
        };
        let (package, interface) = match name.split_once('/') {
            Some((package, interface)) => (package, Some(interface.to_owned())),
            None => (name, None),
        };
        let (namespace, package_name) = package.split_once(':')?;
        let kebab = [Some(namespace), Some(package_name), interface.as_deref()];
        let valid = kebab.into_iter().flatten().all(is_kebab);
        valid.then(|| Self {
            package: package.to_owned(),
            interface,
            version,
        })
    }

    /// Whether an import or export of this name (`ns:pkg/iface@ver`) is meant.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        let Some(other) = Self::parse(name) else {
            return false;
        };
        self.package == other.package
            && (self.interface.is_none() || self.interface == other.interface)
            && (self.version.is_none() || self.version == other.version)
    }
}

pub(crate) fn is_kebab(text: &str) -> bool {
    text.split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// A dependency as written: `component = "id"` is resolved when all components are known.
pub(crate) struct Written {
    pub(crate) key: String,
    pub(crate) source: WrittenSource,
    pub(crate) inherit: Inherit,
}

pub(crate) enum WrittenSource {
    Path(PathBuf),
    Component(String),
}

/// Reads a `dependencies` table.
pub(crate) fn read(section: &mut Section, root: &Path) -> Result<BTreeMap<String, Written>, Problem> {
    let mut found: BTreeMap<String, Written> = BTreeMap::new();
    for (name, (key, value)) in section.entries("dependencies")? {
        let Some(parsed) = DependencyKey::parse(&name) else {
            return Err(Problem::new(
                key,
                "not the name of a package or interface",
                "write \"ns:package\", \"ns:package@1.2.3\" or \"ns:package/interface@1.2.3\"",
            ));
        };
        check_alone(&key, &name, &parsed, found.keys())?;
        found.insert(name, read_one(key, value, root)?);
    }
    Ok(found)
}

/// Adds the entries of a profile; the same key replaces.
pub(crate) fn extend(
    base: &mut BTreeMap<String, Written>,
    profile: BTreeMap<String, Written>,
) -> Result<(), Problem> {
    for (name, written) in profile {
        if let Some(parsed) = DependencyKey::parse(&name) {
            check_alone(&written.key, &name, &parsed, base.keys())?;
        }
        base.insert(name, written);
    }
    Ok(())
}

/// One leaf serves a package: a second, differing key for it would be a second instance.
fn check_alone<'a>(
    path: &str,
    name: &str,
    parsed: &DependencyKey,
    mut others: impl Iterator<Item = &'a String>,
) -> Result<(), Problem> {
    let same = |other: &&String| {
        *other != name && DependencyKey::parse(other).is_some_and(|other| other.package == parsed.package)
    };
    match others.find(same) {
        None => Ok(()),
        Some(twin) => Err(Problem::new(
            path,
            format!("a second entry for package {}, beside \"{twin}\"", parsed.package),
            format!(
                "one leaf serves a package: use the key \"{}\" alone",
                parsed.package
            ),
        )),
    }
}

fn read_one(key: String, value: Value, root: &Path) -> Result<Written, Problem> {
    if value.is_str() {
        return Err(Problem::unsupported(key));
    }
    let mut section = Section::from_value(key.clone(), value)?;
    section.unsupported(&["version", "registry", "package", "url", "digest", "export"])?;
    let path = section.string("path")?;
    let component = section.string("component")?;
    let inherit = read_inherit(&mut section)?;
    section.finish()?;
    let source = match (path, component) {
        (Some(path), None) => WrittenSource::Path(root.join(path)),
        (None, Some(id)) => WrittenSource::Component(id),
        _ => {
            return Err(Problem::new(
                key,
                "must have either `path` or `component`",
                "write { path = \"leaf.wasm\" } or { component = \"<id>\" }",
            ));
        }
    };
    Ok(Written { key, source, inherit })
}

fn read_inherit(section: &mut Section) -> Result<Inherit, Problem> {
    let key = section.key("inherit_configuration");
    match section.take("inherit_configuration") {
        None | Some(Value::Boolean(false)) => Ok(Inherit::default()),
        Some(Value::Boolean(true)) => Ok(Inherit::all()),
        Some(Value::Array(names)) => names.into_iter().map(|name| category(&key, name)).collect(),
        Some(other) => Err(wrong_type(key, "true, false or a list of names", &other)),
    }
}

fn category(key: &str, name: Value) -> Result<Category, Problem> {
    let name = as_string(key.to_owned(), name)?;
    Category::ALL
        .into_iter()
        .find(|known| known.name() == name)
        .ok_or_else(|| {
            let known = Category::ALL.map(Category::name).join(", ");
            Problem::new(
                key,
                format!("`{name}` is not something to inherit"),
                format!("known: {known}"),
            )
        })
}
