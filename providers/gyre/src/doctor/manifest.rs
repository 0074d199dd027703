//! Checks of spin.toml: is it there, and are the files built that it names?
//! A light reading on purpose: `gyre up` says what is wrong with the manifest itself.

use super::Check;
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

const NAME: &str = "manifest";
const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;

/// One check for the manifest, and one for each file or folder that is missing.
pub(super) fn check(path: &Path, profile: &str) -> Vec<Check> {
    let manifest = match read(path) {
        Ok(manifest) => manifest,
        Err(message) => {
            let cure = "run it where spin.toml is, or name the file with --from";
            return vec![Check::fail(NAME, format!("{}: {message}", path.display()), cure)];
        }
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let named = named(&manifest, profile);
    let missing: Vec<Check> = named
        .iter()
        .filter(|(file, _)| !folder.join(file).exists())
        .map(|(file, component)| {
            Check::fail(
                NAME,
                format!("component {component}: {file} is not there"),
                "`cargo xtask build` makes it",
            )
        })
        .collect();
    if missing.is_empty() {
        return vec![Check::ok(
            NAME,
            format!("{}: the {} files it names are there", path.display(), named.len()),
        )];
    }
    missing
}

fn read(path: &Path) -> Result<Table, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MANIFEST_BYTES_MAX {
        return Err(format!("larger than {MANIFEST_BYTES_MAX} bytes"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    text.parse().map_err(|error: toml::de::Error| error.to_string())
}

/// Every local file or folder that a component needs under the profile, with the first component that does.
fn named(manifest: &Table, profile: &str) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for (id, component) in table(manifest.get("component")) {
        let over = component
            .get("profile")
            .and_then(|profiles| profiles.get(profile));
        let source = over
            .and_then(|over| over.get("source"))
            .or_else(|| component.get("source"));
        // A profile replaces the dependencies it names, and keeps the others.
        let mut dependencies: BTreeMap<_, _> = table(component.get("dependencies")).collect();
        dependencies.extend(table(over.and_then(|over| over.get("dependencies"))));
        let leaves = dependencies.into_values().filter_map(|leaf| leaf.get("path"));
        let mounts = component
            .get("files")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let mounts = mounts.filter_map(|mount| mount.get("source"));
        for file in source
            .into_iter()
            .chain(leaves)
            .chain(mounts)
            .filter_map(Value::as_str)
        {
            named.entry(file.to_owned()).or_insert_with(|| id.clone());
        }
    }
    named
}

fn table(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_table).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    const MANIFEST: &str = r#"
        [component.a]
        source = "a.wasm"
        files = [{ source = "mount", destination = "/m" }]
        [component.a.dependencies]
        "t:b" = { path = "stock.wasm" }
        "t:c" = { path = "kept.wasm" }
        [component.a.profile.gyre.dependencies]
        "t:b" = { path = "gyre.wasm" }
        [component.r]
        source = { url = "https://host/r.wasm", digest = "sha256:0" }
    "#;

    #[test]
    fn the_profile_chooses_the_leaves() {
        let manifest: Table = MANIFEST.parse().expect("a table");
        let files = |profile| named(&manifest, profile).into_keys().collect::<Vec<_>>();
        assert_eq!(files("gyre"), ["a.wasm", "gyre.wasm", "kept.wasm", "mount"]);
        assert_eq!(files("stock"), ["a.wasm", "kept.wasm", "mount", "stock.wasm"]);
    }

    #[test]
    fn what_is_not_built_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("spin.toml");
        let levels = || {
            check(&path, "gyre")
                .iter()
                .map(|check| check.level)
                .collect::<Vec<_>>()
        };
        assert_eq!(levels(), [Level::Fail], "no manifest");
        std::fs::write(&path, "[").expect("a file");
        assert_eq!(levels(), [Level::Fail], "no TOML");
        std::fs::write(&path, MANIFEST).expect("a file");
        assert_eq!(levels(), [Level::Fail; 4], "nothing built");
        for file in ["a.wasm", "gyre.wasm", "kept.wasm", "mount"] {
            std::fs::write(folder.path().join(file), "").expect("a file");
        }
        assert_eq!(levels(), [Level::Ok]);
    }
}
