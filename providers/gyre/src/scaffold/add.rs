//! One more component in an application that is there.

use super::component::{self, SHELLS, fill};
use super::error::Error;
use super::name::{self, Names};
use super::project::template_name;
use super::staging::{self, Staging, failed};
use super::taken::refuse_taken;
use super::{Made, persona, shell};
use crate::cli::Template;
use std::path::Path;
use toml_edit::DocumentMut;

const MANIFEST: &str = "spin.toml";

/// Adds a component to the application in `folder`.
pub(super) fn to(folder: &Path, name: &str, template: Template) -> Result<Made, Error> {
    let names = name::check(name, template)?;
    let path = folder.join(MANIFEST);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::NoManifest {
                folder: folder.to_owned(),
            });
        }
        Err(source) => return Err(failed("read", &path, source)),
    };
    let document = parse(&path, &text)?;
    if template == Template::Agent
        && let Some(app) = persona::roster(&document)
    {
        return persona::add(folder, &app, document, &names);
    }
    refuse_taken(&path, &document, &names.id)?;
    let route = template.route_beside(&names.id);
    let with = joined(&text, &fill(template.wiring(), &names, &route));
    // The appended tables must fit what stands there.
    parse(&path, &with)?;
    let mut files = files(folder, template, &names)?;
    staging::replace(&path, &with)?;
    files.push(MANIFEST.to_owned());
    Ok(Made {
        name: name.to_owned(),
        component: names.id,
        template: template_name(template),
        files,
        next: vec![template.run().to_owned()],
    })
}

/// Writes the component's folder, and the shell it needs where that is not there yet.
fn files(folder: &Path, template: Template, names: &Names) -> Result<Vec<String>, Error> {
    let staging = Staging::begin(&folder.join(&names.id))?;
    let written = component::write(&staging, "", template, names)?;
    let mut files: Vec<_> = written
        .into_iter()
        .map(|file| format!("{}/{file}", names.id))
        .collect();
    if let Some(shell) = template.shell() {
        let path = folder.join(SHELLS).join(shell);
        if !path.exists() {
            let bytes = shell::read(shell)?;
            std::fs::create_dir_all(folder.join(SHELLS))
                .and_then(|()| std::fs::write(&path, bytes))
                .map_err(|source| failed("write", &path, source))?;
            files.push(format!("{SHELLS}/{shell}"));
        }
    }
    staging.finish()?;
    Ok(files)
}

fn parse(path: &Path, text: &str) -> Result<DocumentMut, Error> {
    text.parse()
        .map_err(|error: toml_edit::TomlError| Error::Manifest {
            path: path.to_owned(),
            problem: error.to_string(),
            cure: "write its triggers and components as tables of their own, such as [component.a]",
        })
}

fn joined(text: &str, wiring: &str) -> String {
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{text}{end}{wiring}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "spin_manifest_version = 2 # kept\n\n[application]\nname = \"a\"\nversion = \"1.0.0\"\n\n\
        [[trigger.http]]\ncomponent = \"first\"\nroute = \"/...\"\n\n[component.first]\nsource = \"first.wasm\"";

    #[test]
    fn a_component_is_appended_and_the_rest_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(MANIFEST);
        std::fs::write(&path, APP).expect("writes");
        to(folder.path(), "second", Template::App).expect("is added");
        let text = std::fs::read_to_string(&path).expect("is there");
        assert!(text.starts_with(APP), "{text}");
        let app = gyre_manifest::load(&path, Some("gyre")).expect("is a manifest");
        assert!(app.components.contains_key("first") && app.components.contains_key("second"));
        assert!(folder.path().join("second/src/lib.rs").is_file());
        let again = to(folder.path(), "second", Template::App).expect_err("is refused");
        assert!(matches!(again, Error::Taken { .. }), "{again}");
    }

    #[test]
    fn what_cannot_be_added_changes_nothing() {
        let inline = "spin_manifest_version = 2\ntrigger = { http = [] }\n";
        for (text, part) in [
            (Some(inline), "tables of their own"),
            (Some("a = "), "cannot take"),
            (None, "gyre new"),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join(MANIFEST);
            if let Some(text) = text {
                std::fs::write(&path, text).expect("writes");
            }
            let message = to(folder.path(), "second", Template::App)
                .expect_err("is refused")
                .to_string();
            assert!(message.contains(part), "{message}");
            let left = std::fs::read_dir(folder.path()).expect("a folder").count();
            assert_eq!(left, usize::from(text.is_some()), "{message}");
        }
    }
}
