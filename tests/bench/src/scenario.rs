//! Applications whose runs wait.

use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// One application, and how a run of it is started.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Sandboxes of one waiting run.
    pub(crate) sandboxes: usize,
    pub(crate) path: &'static str,
    pub(crate) body: &'static str,
    manifest: fn(guests: &str) -> Result<String>,
}

/// A model shell with its leaf: two memories.
pub(crate) const MODEL: Scenario = Scenario {
    name: "model + leaf",
    sandboxes: 1,
    path: "/v1/chat/completions",
    body: r#"{"model":"double","stream":true,"messages":[{"role":"user","content":"double: hang"}]}"#,
    manifest: model,
};

/// An agent that waits for such a model.
pub(crate) const AGENT: Scenario = Scenario {
    name: "agent, model + leaf",
    sandboxes: 2,
    path: "/run",
    body: r#"{"input":"double: hang","model":"double"}"#,
    manifest: agent,
};

/// An agent whose model is not in the host's process, by way of a relay that ends: nothing but the agent waits in there.
/// The application's variable `upstream` is where that model is.
pub(crate) const AGENT_ALONE: Scenario = Scenario {
    name: "agent, model elsewhere",
    // And a few that relay, for a moment.
    sandboxes: 1,
    path: "/run",
    body: r#"{"input":"hello","model":"double"}"#,
    manifest: agent_alone,
};

/// The whole way: gateway, api, agent, router, model and its leaf.
pub(crate) const RUN: Scenario = Scenario {
    name: "whole run",
    // And one that journals, for a moment.
    sandboxes: 6,
    path: "/api/v1/agents/assistant/chat",
    body: r#"{"input":"double: hang","model":"double","stream":true}"#,
    manifest: run,
};

impl Scenario {
    /// Writes its manifest.
    pub(crate) fn write(&self, folder: &Path, guests: &Path) -> Result<PathBuf> {
        let guests = guests
            .canonicalize()
            .with_context(|| format!("there are no components in {}", guests.display()))?;
        let file = folder.join("spin.toml");
        std::fs::write(&file, (self.manifest)(&guests.to_string_lossy())?)?;
        Ok(file)
    }

    /// A request that starts a run.
    pub(crate) fn request(&self, address: SocketAddr) -> String {
        format!(
            "POST {} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
            self.path,
            self.body.len(),
            self.body
        )
    }
}

const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = \"waiting\"\n";
/// No run ends by itself while it is measured, and none is one too many.
const LIMITS: &str = "request_ms_max = 3600000\ncalls_max = 100000\n";

fn shell(id: &str, route: &str, guests: &str) -> String {
    format!(
        "[[trigger.http]]\ncomponent = \"{id}\"\nroute = {route}\n\
         [component.{id}]\nsource = \"{guests}/model.wasm\"\n\
         [component.{id}.tool.gyre]\n{LIMITS}\
         [component.{id}.dependencies]\n\"gyre:inference\" = {{ path = \"{guests}/inference_double.wasm\" }}\n"
    )
}

fn model(guests: &str) -> Result<String> {
    Ok(format!("{HEAD}{}", shell("model-double", "\"/...\"", guests)))
}

fn agent(guests: &str) -> Result<String> {
    Ok(format!(
        "{HEAD}{}{}",
        assistant(guests)?,
        shell("router", "{ private = true }", guests)
    ))
}

fn agent_alone(guests: &str) -> Result<String> {
    Ok(format!(
        "{HEAD}[variables]\nupstream = {{ required = true }}\n{}\
         [[trigger.http]]\ncomponent = \"router\"\nroute = {{ private = true }}\n\
         [component.router]\nsource = \"{guests}/fixture_relay.wasm\"\n\
         allowed_outbound_hosts = [\"http://{{{{ upstream }}}}\"]\n\
         variables = {{ upstream = \"{{{{ upstream }}}}\" }}\n\
         [component.router.tool.gyre]\n{LIMITS}",
        assistant(guests)?
    ))
}

/// The component of an agent, which asks `router` for its model.
fn assistant(guests: &str) -> Result<String> {
    let personas = std::env::current_dir()?.join("components/agent/personas/assistant");
    ensure!(
        personas.is_dir(),
        "{} is not there; hint: run in the repository",
        personas.display()
    );
    let tools = Path::new(guests).join("../../tools");
    Ok(format!(
        "[[trigger.http]]\ncomponent = \"agent-assistant\"\nroute = \"/...\"\n\
         [component.agent-assistant]\nsource = \"{guests}/agent.wasm\"\n\
         files = [{{ source = \"{}\", destination = \"/persona\" }}, {{ source = \"{}\", destination = \"/tools\" }}]\n\
         allowed_outbound_hosts = [\"http://router.spin.internal\"]\nvariables = {{ chat_model = \"double\" }}\n\
         [component.agent-assistant.tool.gyre]\n{LIMITS}",
        personas.display(),
        tools.display()
    ))
}

/// The repository's own application, with one more backend.
fn run(guests: &str) -> Result<String> {
    let root = std::env::current_dir()?;
    let mut text = std::fs::read_to_string(root.join("spin.toml")).context("hint: run in the repository")?;
    for (from, to) in [
        ("\"components/", format!("\"{}/components/", root.display())),
        (
            "model-extractive,model-local",
            "model-extractive,model-local,model-double".to_owned(),
        ),
        (
            "    \"http://model-local.spin.internal\",\n",
            "    \"http://model-local.spin.internal\",\n    \"http://model-double.spin.internal\",\n"
                .to_owned(),
        ),
    ] {
        ensure!(
            text.contains(from),
            "spin.toml has no `{from}` any more; hint: change this bench with it"
        );
        text = text.replace(from, &to);
    }
    for id in ["gateway", "api", "agent-assistant", "router"] {
        text.push_str(&format!("\n[component.{id}.tool.gyre]\n{LIMITS}"));
    }
    Ok(format!(
        "{text}\n{}",
        shell("model-double", "{ private = true }", guests)
    ))
}
