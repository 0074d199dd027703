//! What spin.toml says, as far as the checks care, and the rules of the wiring itself.

use super::Findings;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};

/// The shell that takes the name of its leaf: an agent knows a tool by it.
const TOOL_SHELL: &str = "mcp-server";

/// The wiring of the app.
#[derive(Debug, Default)]
pub(super) struct Wiring {
    /// Spin components by id.
    pub(super) components: BTreeMap<String, Component>,
    /// The .wasm of every leaf.
    pub(super) leaves: BTreeSet<String>,
    /// Components whose trigger is public.
    public: Vec<String>,
}

/// One Spin component.
#[derive(Debug, Default)]
pub(super) struct Component {
    /// Its .wasm.
    pub(super) source: String,
    hosts: Vec<String>,
    /// The crates of its leaves, in every profile.
    leaves: Vec<String>,
}

impl Wiring {
    /// Reads a manifest; what the host would refuse is left to the host.
    pub(super) fn parse(manifest: &str) -> Result<Self> {
        let manifest: toml::Table = manifest.parse().context("spin.toml is not TOML")?;
        let mut wiring = Self::default();
        for trigger in array(&manifest, &["trigger", "http"]) {
            let private = trigger.get("route").and_then(|route| route.get("private"));
            let id = trigger.get("component").and_then(toml::Value::as_str);
            if private.and_then(toml::Value::as_bool) != Some(true) {
                wiring.public.push(id.unwrap_or("inline component").to_owned());
            }
        }
        let components = manifest.get("component").and_then(toml::Value::as_table);
        for (id, table) in components.into_iter().flatten() {
            let leaves = leaves_of(table);
            let hosts = strings(table.get("allowed_outbound_hosts"));
            let component = Component {
                source: string(table.get("source")),
                hosts: hosts.iter().map(|host| with_defaults(host, &manifest)).collect(),
                leaves: leaves.iter().map(|leaf| crate_of(leaf)).collect(),
            };
            wiring.leaves.extend(leaves);
            wiring.components.insert(id.clone(), component);
        }
        Ok(wiring)
    }

    /// Every .wasm that the app runs or composes.
    pub(super) fn binaries(&self) -> impl Iterator<Item = &str> {
        self.components
            .values()
            .map(|component| component.source.as_str())
            .chain(self.leaves.iter().map(String::as_str))
    }

    /// Rules: one public route, chained hosts exist, no socket grants beside leaves, ids agree with sources.
    pub(super) fn check(&self) -> Findings {
        let mut findings = Findings::new();
        if self.public != ["gateway"] {
            findings.push(format!(
                "spin.toml: only gateway may have a public route, not {:?}",
                self.public
            ));
        }
        for (id, component) in &self.components {
            let name = crate_of(&component.source);
            // The shell of tools has the names of its leaves.
            let of_leaf = name == TOOL_SHELL && component.leaves.contains(id);
            if *id != name && !id.starts_with(&format!("{name}-")) && !of_leaf {
                findings.push(format!(
                    "spin.toml: component {id} has source {name}; call it {name} or {name}-<what>"
                ));
            }
            for host in &component.hosts {
                let target = host
                    .strip_prefix("http://")
                    .and_then(|host| host.strip_suffix(".spin.internal"));
                if target.is_some_and(|target| !self.components.contains_key(target)) {
                    findings.push(format!("spin.toml: {id} may call {host}, which is no component"));
                }
                let is_http = host.starts_with("http://") || host.starts_with("https://");
                if !component.leaves.is_empty() && !is_http {
                    findings.push(format!(
                        "spin.toml: {id} has leaves, so it may not be granted {host} (sockets)"
                    ));
                }
            }
        }
        findings
    }
}

/// The crate that a .wasm is built from: cargo writes `-` as `_`.
pub(super) fn crate_of(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.trim_end_matches(".wasm").replace('_', "-")
}

/// Paths of the dependencies of a component and of all its profiles.
fn leaves_of(component: &toml::Value) -> Vec<String> {
    let profiles = component.get("profile").and_then(toml::Value::as_table);
    let variants = profiles
        .into_iter()
        .flat_map(toml::Table::values)
        .chain([component]);
    let dependencies = variants.filter_map(|variant| variant.get("dependencies")?.as_table());
    let paths = dependencies
        .flat_map(toml::Table::values)
        .map(|dependency| string(dependency.get("path")));
    paths.filter(|path| !path.is_empty()).collect()
}

/// A host that is a template, as it is where no variable is set.
fn with_defaults(host: &str, manifest: &toml::Table) -> String {
    let Some((before, (name, after))) = host
        .split_once("{{")
        .and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
    else {
        return host.to_owned();
    };
    let variable = manifest
        .get("variables")
        .and_then(|variables| variables.get(name.trim()));
    let default = string(variable.and_then(|variable| variable.get("default")));
    format!("{before}{default}{}", with_defaults(after, manifest))
}

fn array<'toml>(table: &'toml toml::Table, keys: &[&str; 2]) -> &'toml [toml::Value] {
    let array = table
        .get(keys[0])
        .and_then(|inner| inner.get(keys[1]))
        .and_then(toml::Value::as_array);
    array.map_or(&[], Vec::as_slice)
}

fn string(value: Option<&toml::Value>) -> String {
    value.and_then(toml::Value::as_str).unwrap_or_default().to_owned()
}

fn strings(value: Option<&toml::Value>) -> Vec<String> {
    let array = value.and_then(toml::Value::as_array);
    array
        .into_iter()
        .flatten()
        .map(|item| string(Some(item)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Wiring;

    const GOOD: &str = r#"
        [variables]
        server = { default = "http://127.0.0.1:3001" }
        [[trigger.http]]
        component = "gateway"
        route = "/..."
        [[trigger.http]]
        component = "model-local"
        route = { private = true }
        [component.gateway]
        source = "t/gateway.wasm"
        allowed_outbound_hosts = ["http://model-local.spin.internal"]
        [component.model-local]
        source = "t/model.wasm"
        allowed_outbound_hosts = ["{{ server }}"]
        [component.model-local.dependencies]
        "a:b" = { path = "t/leaf_one.wasm" }
        [component.model-local.profile.gyre.dependencies]
        "a:b" = { path = "t/leaf_two.wasm" }
        [component.tool-sum]
        source = "t/mcp_server.wasm"
        [component.tool-sum.dependencies]
        "a:c" = { path = "t/tool_sum.wasm" }
    "#;

    #[test]
    fn reads_leaves_of_every_profile() {
        let wiring = Wiring::parse(GOOD).expect("a manifest");
        assert_eq!(
            wiring.leaves.iter().collect::<Vec<_>>(),
            ["t/leaf_one.wasm", "t/leaf_two.wasm", "t/tool_sum.wasm"]
        );
        assert_eq!(wiring.binaries().count(), 6);
        assert!(Wiring::parse("= 1").is_err());
    }

    #[test]
    fn each_rule_has_a_failing_case() {
        for (from, to, expected) in [
            ("", "", None),
            ("{ private = true }", "\"/model\"", Some("only gateway")),
            (
                "http://model-local.spin",
                "http://model-remote.spin",
                Some("which is no component"),
            ),
            (
                "source = \"t/gateway.wasm\"",
                "source = \"t/door.wasm\"",
                Some("component gateway has source door"),
            ),
            (
                "t/tool_sum.wasm",
                "t/tool_product.wasm",
                Some("component tool-sum has source mcp-server"),
            ),
            (
                "[\"{{ server }}\"]",
                "[\"*://*\"]",
                Some("may not be granted *://*"),
            ),
            (
                "{{ server }}",
                "{{ no_such_variable }}",
                Some("model-local has leaves"),
            ),
        ] {
            let findings = Wiring::parse(&GOOD.replacen(from, to, 1))
                .expect("a manifest")
                .check();
            match expected {
                None => assert!(findings.is_empty(), "{findings:?}"),
                Some(expected) => {
                    assert_eq!(findings.len(), 1, "{expected}: {findings:?}");
                    assert!(findings[0].contains(expected), "{expected}: {findings:?}");
                }
            }
        }
    }
}
