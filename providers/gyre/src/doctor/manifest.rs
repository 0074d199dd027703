//! Checks of spin.toml: can it be read, and are the files there that it names?

use super::Check;
use crate::chosen_models::defaults;
use crate::cli::UpArgs;
use gyre_manifest::{App, Source as ComponentSource};
use gyre_oci::Source;
use std::collections::BTreeMap;
use std::path::Path;

const NAME: &str = "manifest";

/// One check for the manifest, and one for each file or folder that is missing.
pub(super) fn check(args: &UpArgs) -> Vec<Check> {
    match Source::find(&args.from) {
        // Nothing is fetched to be checked: `gyre up` checks it.
        Ok(Source::Registry(reference)) => vec![Check::ok(NAME, format!("{reference}, in a registry"))],
        Ok(Source::Manifest(path)) => check_file(&path, &args.profile),
        // It is told as a file that cannot be read.
        Err(_) => check_file(&args.from, &args.profile),
    }
}

/// The models that answer by default; none where the manifest cannot be read, which is a check of its own.
pub(super) fn default_models(args: &UpArgs) -> Vec<String> {
    let Ok(Source::Manifest(path)) = Source::find(&args.from) else {
        return Vec::new();
    };
    gyre_manifest::load(&path, Some(&args.profile))
        .map(|manifest| defaults(&manifest))
        .unwrap_or_default()
}

fn check_file(path: &Path, profile: &str) -> Vec<Check> {
    let manifest = match gyre_manifest::load(path, Some(profile)) {
        Ok(manifest) => manifest,
        Err(error) => {
            let message = error.to_string();
            let cure = "run it where spin.toml is, or name the file with --from";
            let (message, cure) = message.split_once("\nhint: ").unwrap_or((&message, cure));
            return vec![Check::fail(NAME, message, cure)];
        }
    };
    let named = named(&manifest);
    let missing: Vec<Check> = named
        .iter()
        .filter(|(file, _)| !file.exists())
        .map(|(file, component)| {
            let message = format!("component {component}: {} is not there", file.display());
            Check::fail(NAME, message, "`cargo xtask build` makes it")
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

/// Every file or folder that a component needs, with the first component that does.
fn named(manifest: &App) -> BTreeMap<&Path, &str> {
    let mut named = BTreeMap::new();
    for (id, component) in &manifest.components {
        // What is fetched by URL need not be there before.
        let sources = component.sources().filter_map(ComponentSource::file);
        let mounts = component.files.iter().map(|mount| mount.source.as_path());
        for file in sources.chain(mounts) {
            named.entry(file).or_insert(id.as_str());
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    const MANIFEST: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "test"
        [[trigger.http]]
        route = "/..."
        component = "a"
        [component.a]
        source = "a.wasm"
        files = [{ source = "mount", destination = "/m" }]
        [component.a.dependencies]
        "t:b" = { path = "stock.wasm" }
        [component.a.profile.gyre.dependencies]
        "t:b" = { path = "gyre.wasm" }
    "#;

    #[test]
    fn what_is_not_built_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("spin.toml");
        let levels = || {
            check_file(&path, "gyre")
                .iter()
                .map(|check| check.level)
                .collect::<Vec<_>>()
        };
        assert_eq!(levels(), [Level::Fail], "no manifest");
        std::fs::write(&path, "[").expect("a file");
        assert_eq!(levels(), [Level::Fail], "no TOML");
        std::fs::write(&path, MANIFEST).expect("a file");
        assert_eq!(levels(), [Level::Fail; 3], "nothing built");
        for file in ["a.wasm", "gyre.wasm", "mount"] {
            std::fs::write(folder.path().join(file), "").expect("a file");
        }
        assert_eq!(
            check_file(&path, "gyre")
                .iter()
                .map(|check| check.level)
                .collect::<Vec<_>>(),
            [Level::Ok]
        );
    }

    #[test]
    fn a_refused_manifest_keeps_its_own_cure() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("spin.toml");
        std::fs::write(&path, format!("{MANIFEST}\n[unknown]\n")).expect("a file");
        let checks = check_file(&path, "gyre");
        assert!(checks[0].message.contains("unknown"), "{checks:?}");
        assert!(
            checks[0]
                .cure
                .as_deref()
                .is_some_and(|cure| !cure.contains("--from")),
            "{checks:?}"
        );
    }
}
