//! What an application is made of on disk.

use super::Part;
use gyre_manifest::App as Manifest;

/// What every component is made of: its files, those of its leaves, its mounts, and what it is built from.
pub(super) fn of(manifest: &Manifest) -> Vec<Part> {
    let mut parts = Vec::new();
    for (id, component) in &manifest.components {
        parts.extend(component.watched().into_iter().map(|watched| Part {
            component: id.clone(),
            watched,
        }));
    }
    parts
}

/// What of a new manifest needs another start, with the cure.
pub(super) fn unchangeable(old: &Manifest, new: &Manifest) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if old.redis_triggers != new.redis_triggers {
        notes.push("Redis triggers stay as they were; hint: restart gyre");
    }
    let models = |manifest: &Manifest| manifest.components.values().any(|c| !c.ai_models.is_empty());
    if models(new) && !models(old) {
        notes.push("no model runs, for none was granted at the start; hint: restart gyre");
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> Manifest {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("spin.toml");
        let head = "spin_manifest_version = 2\n[application]\nname = \"a\"\n";
        std::fs::write(&path, format!("{head}{text}")).expect("written");
        gyre_manifest::load(&path, None).expect("a manifest")
    }

    const COMPONENT: &str =
        "[[trigger.http]]\ncomponent = \"a\"\nroute = \"/a\"\n[component.a]\nsource = \"a.wasm\"\n";

    #[test]
    fn a_component_is_its_file_its_leaves_its_mounts_and_its_sources() {
        let manifest = manifest(&format!(
            "{COMPONENT}files = [{{ source = \"data\", destination = \"/data\" }}]\n\
             [component.a.dependencies]\n\"b:c\" = {{ path = \"leaf.wasm\" }}\n\
             [component.a.build]\ncommand = \"make\"\nwatch = [\"src/**/*.rs\"]\n"
        ));
        let parts: Vec<_> = of(&manifest)
            .into_iter()
            .map(|part| {
                let name = part.watched.path.file_name();
                let name = name.map(|name| name.to_string_lossy().into_owned());
                (
                    part.component,
                    name.unwrap_or_default(),
                    part.watched.is_built_from,
                )
            })
            .collect();
        let part = |name: &str, is_built_from| ("a".to_owned(), name.to_owned(), is_built_from);
        assert_eq!(
            parts,
            [
                part("a.wasm", false),
                part("leaf.wasm", false),
                part("data", false),
                part("src", true)
            ]
        );
    }

    #[test]
    fn what_needs_a_restart_is_said() {
        let without = manifest(COMPONENT);
        let with = manifest(&format!("{COMPONENT}ai_models = [\"m\"]\n"));
        assert_eq!(unchangeable(&without, &without), Vec::<&str>::new());
        assert_eq!(unchangeable(&with, &without), Vec::<&str>::new());
        assert!(unchangeable(&without, &with)[0].contains("restart"));
    }
}
