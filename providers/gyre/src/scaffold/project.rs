//! A new application: a folder with one component.

use super::Made;
use super::component::{self, SHELLS, fill};
use super::error::Error;
use super::name;
use super::shell;
use super::staging::Staging;
use super::template::{GITIGNORE, MANIFEST};
use crate::cli::Template;
use clap::ValueEnum as _;
use std::path::Path;

/// Makes the application in a folder of its name under `parent`.
pub(super) fn make(parent: &Path, name: &str, template: Template) -> Result<Made, Error> {
    let names = name::check(name, template)?;
    let staging = Staging::begin(&parent.join(name))?;
    let route = template.route();
    let manifest = fill(MANIFEST, &names, &route) + &fill(template.wiring(), &names, &route);
    let mut files = Vec::new();
    for (path, text) in [
        ("spin.toml", manifest),
        ("README.md", fill(template.readme(), &names, &route)),
        (".gitignore", GITIGNORE.to_owned()),
    ] {
        staging.write(path, text.as_bytes())?;
        files.push(path.to_owned());
    }
    if let Some(shell) = template.shell() {
        let path = format!("{SHELLS}/{shell}");
        staging.write(&path, &shell::read(shell)?)?;
        files.push(path);
    }
    files.extend(component::write(
        &staging,
        &format!("{}/", names.id),
        template,
        &names,
    )?);
    staging.finish()?;
    Ok(Made {
        name: name.to_owned(),
        component: names.id,
        template: template_name(template),
        files: files.into_iter().map(|file| format!("{name}/{file}")).collect(),
        next: vec![format!("cd {name}"), template.run().to_owned()],
    })
}

/// As the command line names it.
pub(super) fn template_name(template: Template) -> String {
    template
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_a_manifest_that_can_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        for template in [Template::App, Template::Agent] {
            let name = format!("my-{}", template_name(template));
            let made = make(folder.path(), &name, template).expect("is made");
            for file in &made.files {
                let text = std::fs::read_to_string(folder.path().join(file)).expect("is there");
                assert!(
                    !text.contains('%') || file.ends_with(".wit"),
                    "{file} has a placeholder left: {text}"
                );
            }
            let manifest = folder.path().join(&name).join("spin.toml");
            let app = gyre_manifest::load(&manifest, Some("gyre")).expect("is a manifest");
            assert!(app.components.contains_key(&name));
        }
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_half_made_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("taken")).expect("a folder");
        let error = make(folder.path(), "taken", Template::App).expect_err("is refused");
        assert!(matches!(error, Error::Exists { .. }), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn readmes_are_short() {
        for template in Template::value_variants() {
            assert!(template.readme().lines().count() <= 30, "{template:?}");
        }
    }
}
