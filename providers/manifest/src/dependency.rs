//! Leaves: what `[component.<id>.dependencies]` says.

use std::{collections::BTreeMap, path::Path};

use toml::Value;

use crate::{
    category::{self, Inherit},
    dependency_key::DependencyName,
    error::Problem,
    section::Section,
    source::{self, Source, WrittenSource},
};

/// A leaf composed under a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The leaf's component.
    pub source: Source,
    /// The export that serves the import, where it has another name.
    pub export: Option<String>,
    /// What of its parent's grants it shares.
    pub inherit: Inherit,
}

/// A component before another one: it gets the request first, and may hand it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Middleware {
    /// Its component.
    pub source: Source,
    /// What of the grants of the component behind it it shares.
    pub inherit: Inherit,
}

/// A dependency as written: `component = "id"` is resolved when all components are known.
pub(crate) struct Written {
    pub(crate) key: String,
    pub(crate) source: WrittenLeaf,
    pub(crate) export: Option<String>,
    /// `None` where nothing is said: the component may say it for all.
    pub(crate) inherit: Option<Inherit>,
}

pub(crate) enum WrittenLeaf {
    Source(WrittenSource),
    Component(String),
}

const FORMS: &str =
    "write { path = \"leaf.wasm\" }, { component = \"<id>\" } or { url = \"…\", digest = \"sha256:…\" }";

/// Reads a `dependencies` table.
pub(crate) fn read(section: &mut Section, root: &Path) -> Result<BTreeMap<String, Written>, Problem> {
    let mut found: BTreeMap<String, Written> = BTreeMap::new();
    for (name, (key, value)) in section.entries("dependencies")? {
        let Some(parsed) = DependencyName::parse(&name) else {
            return Err(Problem::new(
                key,
                "not the name of a package, an interface or an import",
                "write \"ns:package\", \"ns:package@1.2.3\", \"ns:package/interface@1.2.3\" or \"import-name\"",
            ));
        };
        let written = match value {
            Value::String(version) => of_version(key, &parsed, version)?,
            value => read_one(key, value, root, Some(&parsed))?,
        };
        found.insert(name, written);
    }
    Ok(found)
}

/// Reads one entry that has no key of its own: middleware.
pub(crate) fn read_unnamed(key: String, value: Value, root: &Path) -> Result<Written, Problem> {
    read_one(key, value, root, None)
}

/// Refuses keys that would both serve one import, of all profiles that are in effect.
pub(crate) fn check_disjoint(dependencies: &BTreeMap<String, Written>) -> Result<(), Problem> {
    let mut seen: Vec<(&String, DependencyName)> = Vec::new();
    for (name, written) in dependencies {
        let Some(parsed) = DependencyName::parse(name) else {
            continue;
        };
        if let Some((twin, _)) = seen.iter().find(|(_, other)| !other.is_disjoint(&parsed)) {
            return Err(Problem::new(
                &written.key,
                format!("it and \"{twin}\" could serve the same import"),
                "name different interfaces or incompatible versions, or use one key alone",
            ));
        }
        seen.push((name, parsed));
    }
    Ok(())
}

/// `"ns:package" = "1.0"`: that version of the package that the key names.
fn of_version(key: String, name: &DependencyName, version: String) -> Result<Written, Problem> {
    Ok(Written {
        source: WrittenLeaf::Source(WrittenSource::Registry {
            package: package_of(&key, name)?,
            version,
        }),
        key,
        export: None,
        inherit: None,
    })
}

fn package_of(key: &str, name: &DependencyName) -> Result<String, Problem> {
    match name {
        DependencyName::Package(name) => Ok(name.package.clone()),
        DependencyName::Plain(_) => Err(Problem::new(key, "it names no package", FORMS)),
    }
}

fn read_one(
    key: String,
    value: Value,
    root: &Path,
    name: Option<&DependencyName>,
) -> Result<Written, Problem> {
    let mut section = Section::from_value(key.clone(), value)?;
    let path = section.string("path")?.map(|path| Source::File(root.join(path)));
    let remote = source::read_url(&mut section)?.map(Source::Url);
    let component = section.string("component")?.map(WrittenLeaf::Component);
    let package = read_package(&mut section, &key, name)?;
    let export = match name {
        Some(name) => read_export(&mut section, name)?,
        None => None,
    };
    let inherit = category::read(&mut section)?;
    section.finish()?;
    let known = |source| WrittenLeaf::Source(WrittenSource::Known(source));
    let forms = [
        path.map(known),
        remote.map(known),
        component,
        package.map(WrittenLeaf::Source),
    ];
    let mut forms = forms.into_iter().flatten();
    match (forms.next(), forms.next()) {
        (Some(source), None) => Ok(Written {
            key,
            source,
            export,
            inherit,
        }),
        _ => Err(Problem::new(
            key,
            "must have one of `path`, `component` and `url`",
            FORMS,
        )),
    }
}

fn read_package(
    section: &mut Section,
    key: &str,
    name: Option<&DependencyName>,
) -> Result<Option<WrittenSource>, Problem> {
    let version = section.string("version")?;
    let (registry, package) = (section.string("registry")?, section.string("package")?);
    let Some(version) = version else {
        return if registry.is_some() || package.is_some() {
            Err(Problem::new(section.key("version"), "missing", FORMS))
        } else {
            Ok(None)
        };
    };
    let package = match (package, name) {
        (Some(package), _) => package,
        (None, Some(name)) => package_of(key, name)?,
        (None, None) => return Err(Problem::new(section.key("package"), "missing", FORMS)),
    };
    Ok(Some(WrittenSource::Registry { package, version }))
}

fn read_export(section: &mut Section, name: &DependencyName) -> Result<Option<String>, Problem> {
    let key = section.key("export");
    let export = section.string("export")?;
    let whole_package = matches!(name, DependencyName::Package(name) if name.interface.is_none());
    if export.is_some() && whole_package {
        let what = "one export cannot serve a whole package";
        return Err(Problem::new(
            key,
            what,
            "name one interface: \"ns:package/interface\"",
        ));
    }
    Ok(export)
}
