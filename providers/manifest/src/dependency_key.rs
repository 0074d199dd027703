//! What a dependency's key names, and which imports it covers.

use crate::name;

/// A package or an interface: `ns:pkg`, `ns:pkg@1.0.0`, `ns:pkg/iface` or `ns:pkg/iface@1.0.0`.
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
        let parts = [Some(namespace), Some(package_name), interface.as_deref()];
        let valid = parts.into_iter().flatten().all(name::is_wit);
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

    /// Whether no import is covered by both: they differ in the interface, or in versions that are not compatible.
    fn is_disjoint(&self, other: &Self) -> bool {
        let differ = |one: Option<&str>, two: Option<&str>| one.zip(two).is_some_and(|(one, two)| one != two);
        self.package != other.package
            || differ(self.interface.as_deref(), other.interface.as_deref())
            || differ(
                self.version.as_deref().map(compatible),
                other.version.as_deref().map(compatible),
            )
    }
}

/// The part of a version that compatible ones share: `1`, `0.2` or `0.0.3`; all of a prerelease.
fn compatible(version: &str) -> &str {
    let version = version.split('+').next().unwrap_or(version);
    if version.contains('-') {
        return version;
    }
    let mut end = 0;
    for part in version.split('.') {
        end += part.len();
        if part != "0" {
            break;
        }
        end += 1;
    }
    version.get(..end).unwrap_or(version)
}

/// The key of a dependency: a package or an interface, or an import without a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DependencyName {
    /// `ns:pkg…`
    Package(DependencyKey),
    /// `some-import`
    Plain(String),
}

impl DependencyName {
    /// Reads a key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains([':', '/']) {
            return DependencyKey::parse(text).map(Self::Package);
        }
        name::is_kebab(text).then(|| Self::Plain(text.to_owned()))
    }

    /// Whether an import of this name is meant.
    #[must_use]
    pub fn covers(&self, import: &str) -> bool {
        match self {
            Self::Package(key) => key.covers(import),
            Self::Plain(name) => name == import,
        }
    }

    /// Whether both cannot cover one import.
    pub(crate) fn is_disjoint(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Package(one), Self::Package(two)) => one.is_disjoint(two),
            (one, two) => one != two,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_could_cover_one_import_are_told() {
        for (one, two, disjoint) in [
            ("a:b", "a:c", true),
            ("a:b", "a:b/c", false),
            ("a:b", "a:b@1.0.0", false),
            ("a:b/c", "a:b/d", true),
            ("a:b/c@1.0.0", "a:b/d@1.0.0", true),
            ("a:b@1.0.0", "a:b@1.2.0", false),
            ("a:b@1.0.0", "a:b@2.0.0", true),
            ("a:b@0.1.0", "a:b@0.2.0", true),
            ("a:b@0.1.0", "a:b@0.1.7", false),
            ("a:b@0.0.1", "a:b@0.0.2", true),
            ("a:b@1.0.0-rc1", "a:b@1.0.0", true),
            ("a:b@10.0.0", "a:b@1.0.0", true),
            ("a-b", "a-c", true),
            ("a-b", "a:b", true),
        ] {
            let parsed = [one, two].map(|key| DependencyName::parse(key).expect("a key"));
            assert_eq!(parsed[0].is_disjoint(&parsed[1]), disjoint, "{one} {two}");
            assert_eq!(parsed[1].is_disjoint(&parsed[0]), disjoint, "{two} {one}");
        }
        assert_eq!(DependencyName::parse("a_b"), None);
    }
}
