//! An agent where the shell `agent.wasm` and the service `api` are: a persona, its component, and its place in the
//! roster.

use super::Made;
use super::error::Error;
use super::name::Names;
use super::staging::{self, Staging};
use super::taken::refuse_taken;
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item, Table, Value, value};

const MANIFEST: &str = "spin.toml";
/// The shell's file, and where it reads its persona.
const SHELL: &str = "agent.wasm";
const PERSONA: &str = "/persona";
/// The service that keeps the roster, and its variable.
const API: &str = "api";
const ROSTER: &str = "agents";

/// What a new agent takes over from one that is there.
pub(super) struct Model {
    /// Its shell.
    source: String,
    /// The folder of the personas.
    personas: PathBuf,
    /// What it reaches.
    hosts: Vec<String>,
}

/// The agent to follow, where the application has a roster and one that has a persona of its own.
pub(super) fn roster(document: &DocumentMut) -> Option<Model> {
    let components = document.get("component")?.as_table_like()?;
    components.get(API)?.get("variables")?.get(ROSTER)?.as_str()?;
    components.get(API)?.get("allowed_outbound_hosts")?.as_array()?;
    components.iter().find_map(|(_, component)| model(component))
}

fn model(component: &Item) -> Option<Model> {
    let source = component.get("source")?.as_str()?;
    if Path::new(source).file_name()? != SHELL {
        return None;
    }
    let mounts = component.get("files")?.as_array()?;
    let persona = mounts
        .iter()
        .filter_map(Value::as_inline_table)
        .find_map(|mount| {
            let is_persona = mount.get("destination")?.as_str()? == PERSONA;
            is_persona.then(|| mount.get("source")?.as_str()).flatten()
        })?;
    let hosts = component.get("allowed_outbound_hosts")?.as_array()?;
    Some(Model {
        source: source.to_owned(),
        personas: Path::new(persona).parent()?.to_owned(),
        hosts: hosts
            .iter()
            .filter_map(Value::as_str)
            // Tools are granted one by one.
            .filter(|host| !host.contains("://tool-"))
            .map(str::to_owned)
            .collect(),
    })
}

/// Writes the persona and its wiring.
pub(super) fn add(
    folder: &Path,
    model: &Model,
    mut document: DocumentMut,
    names: &Names,
) -> Result<Made, Error> {
    let manifest = folder.join(MANIFEST);
    let id = format!("agent-{}", names.name);
    refuse_taken(&manifest, &document, &id)?;
    let personas = model.personas.join(&names.name);
    enlist(&mut document, &names.name, &id).ok_or_else(|| Error::Manifest {
        path: manifest.clone(),
        problem: "its roster cannot be extended".to_owned(),
        cure: "write component.api with tables of its own",
    })?;
    let wiring = wiring(model, &personas, &id);
    let text = document.to_string() + &wiring;
    text.parse::<DocumentMut>().map_err(|error| Error::Manifest {
        path: manifest.clone(),
        problem: error.to_string(),
        cure: "write its triggers and components as tables of their own, such as [component.a]",
    })?;
    let staging = Staging::begin(&folder.join(&personas))?;
    let persona = serde_json::json!({
        "id": names.name,
        "description": "What it is for, in one line.",
        "system": "You are a helpful agent. You answer in a few plain sentences.",
        "knowledge": false,
        "memory": true,
    });
    staging.write("persona.json", format!("{persona:#}\n").as_bytes())?;
    staging.finish()?;
    staging::replace(&manifest, &text)?;
    Ok(Made {
        name: names.name.clone(),
        component: id,
        template: "agent".to_owned(),
        files: vec![
            format!("{}/persona.json", personas.display()),
            MANIFEST.to_owned(),
        ],
        next: vec!["gyre up".to_owned(), format!("gyre chat {}", names.name)],
    })
}

/// Puts the agent into the roster, and lets `api` reach it.
fn enlist(document: &mut DocumentMut, name: &str, id: &str) -> Option<()> {
    let api = document.get_mut("component")?.get_mut(API)?;
    let roster = api
        .get_mut("variables")?
        .as_table_like_mut()?
        .get_mut(ROSTER)?
        .as_value_mut()?;
    let agents = roster.as_str()?;
    let longer = if agents.is_empty() {
        name.to_owned()
    } else {
        format!("{agents},{name}")
    };
    let decor = roster.decor().clone();
    *roster = Value::from(longer);
    *roster.decor_mut() = decor;
    let hosts = api.get_mut("allowed_outbound_hosts")?.as_array_mut()?;
    // Before the others: what follows the last of them may be its comment.
    let mut host = Value::from(format!("http://{id}.spin.internal"));
    if let Some(first) = hosts.get(0) {
        *host.decor_mut() = first.decor().clone();
    }
    hosts.insert(0, host);
    Some(())
}

/// The component's tables.
fn wiring(model: &Model, persona: &Path, id: &str) -> String {
    let mut component = Table::new();
    component.insert("source", value(&model.source));
    let mut mount = toml_edit::InlineTable::new();
    mount.insert("source", persona.to_string_lossy().into_owned().into());
    mount.insert("destination", PERSONA.into());
    component.insert("files", value(toml_edit::Array::from_iter([mount])));
    component.insert(
        "allowed_outbound_hosts",
        value(toml_edit::Array::from_iter(&model.hosts)),
    );
    format!(
        "\n# --- {id}: an agent\n[[trigger.http]]\ncomponent = \"{id}\"\nroute = {{ private = true }}\n\n\
         [component.{id}]\n{component}[component.{id}.variables]\nchat_model = \"{{{{ chat_model }}}}\"\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Template;
    use crate::scaffold::{add as adding, name};

    /// This repository's own manifest.
    const GYRE: &str = include_str!("../../../../spin.toml");

    #[test]
    fn an_agent_of_this_application_is_wired_like_the_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(MANIFEST);
        std::fs::write(&path, GYRE).expect("writes");
        let made = adding::to(folder.path(), "poet", Template::Agent).expect("is added");
        assert_eq!(made.component, "agent-poet");
        let app = gyre_manifest::load(&path, Some("gyre")).expect("is a manifest");
        let api = &app.components["api"];
        assert!(
            api.allowed_outbound_hosts
                .contains(&"http://agent-poet.spin.internal".to_owned())
        );
        assert_eq!(api.variables["agents"], "researcher,assistant,poet");
        let agent = &app.components["agent-poet"];
        assert!(
            agent
                .allowed_outbound_hosts
                .contains(&"http://router.spin.internal".to_owned())
        );
        assert!(
            folder
                .path()
                .join("components/agent/personas/poet/persona.json")
                .is_file()
        );
        let text = std::fs::read_to_string(&path).expect("is there");
        for line in GYRE.lines().filter(|line| !line.starts_with("agents = ")) {
            assert!(text.contains(line), "lost: {line}");
        }
        let again = adding::to(folder.path(), "poet", Template::Agent).expect_err("is refused");
        assert!(matches!(again, Error::Taken { .. }), "{again}");
    }

    #[test]
    fn an_application_without_a_roster_has_no_shell_to_follow() {
        let document: DocumentMut = "[component.a]\nsource = \"agent.wasm\"\n".parse().expect("TOML");
        assert!(roster(&document).is_none());
        assert!(name::check("poet", Template::Agent).is_ok());
    }
}
