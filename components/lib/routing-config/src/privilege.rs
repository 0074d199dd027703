//! The least that a configuration needs: which hosts, which secrets, which providers, and the manifest's lines for it.

use crate::address::split;
use crate::provider::Provider;
use crate::types::{Address, RoutingConfig};
use std::collections::BTreeSet;
use std::fmt::Write;

/// What one backend may reach, and with which secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Component id.
    pub component: String,
    /// What its server speaks.
    pub provider: Provider,
    /// Where that server is; `None` for a component that is in the manifest already.
    pub address: Option<Address>,
    /// Name of the secret variable.
    pub secret: Option<String>,
    /// The models it is asked for; empty where a wildcard asks for any.
    pub models: Vec<String>,
}

/// What a configuration needs in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Privileges {
    /// One for each backend, by component id.
    pub grants: Vec<Grant>,
}

/// The least privileges of a configuration.
#[must_use]
pub fn privileges(config: &RoutingConfig) -> Privileges {
    let grants = config.backends.iter().map(|(component, backend)| {
        let of_it = config.deployments.iter().filter(|it| it.backend == *component);
        let models: BTreeSet<&str> = of_it.map(|it| it.upstream_model.as_str()).collect();
        let any = models.iter().any(|model| model.contains('*'));
        Grant {
            component: component.clone(),
            provider: backend.provider,
            address: backend.address.clone(),
            secret: backend.key.clone(),
            models: models.into_iter().filter(|_| !any).map(str::to_owned).collect(),
        }
    });
    Privileges {
        grants: grants.collect(),
    }
}

impl Privileges {
    /// The origins that are reached; one that only a variable knows is its placeholder.
    #[must_use]
    pub fn hosts(&self) -> BTreeSet<String> {
        self.grants.iter().filter_map(Grant::host).collect()
    }

    /// The names of the secret variables, as the configuration has them.
    #[must_use]
    pub fn secrets(&self) -> BTreeSet<&str> {
        self.grants.iter().filter_map(|it| it.secret.as_deref()).collect()
    }

    /// What the servers speak.
    #[must_use]
    pub fn providers(&self) -> BTreeSet<Provider> {
        self.grants.iter().map(|it| it.provider).collect()
    }

    /// Lines for `spin.toml`: the variables, the router's edges, and a component for each upstream, which holds one
    /// key and reaches one host. A component without an address is taken to be there.
    #[must_use]
    pub fn manifest(&self) -> String {
        let mut text = String::new();
        let mut declared = BTreeSet::new();
        line(&mut text, "[variables]");
        for variable in self.grants.iter().flat_map(Grant::declarations) {
            if declared.insert(variable.clone()) {
                line(&mut text, &variable);
            }
        }
        line(
            &mut text,
            "\n# into [component.router]\nallowed_outbound_hosts = [",
        );
        for grant in &self.grants {
            line(
                &mut text,
                &format!("    \"http://{}.spin.internal\",", grant.component),
            );
        }
        let names: Vec<&str> = self.grants.iter().map(|it| it.component.as_str()).collect();
        line(&mut text, "]");
        line(&mut text, "# into [component.router.variables]");
        line(&mut text, &format!("backends = \"{}\"", names.join(",")));
        for grant in self.grants.iter().filter(|it| it.address.is_some()) {
            grant.component_lines(&mut text);
        }
        text
    }
}

impl Grant {
    fn host(&self) -> Option<String> {
        match self.address.as_ref()? {
            Address::Url(url) => split(url).map(|it| it.origin),
            Address::Variable(name) => Some(format!("{{{{ {}_origin }}}}", variable(name))),
        }
    }

    fn declarations(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(Address::Variable(name)) = &self.address {
            let own = variable(name);
            lines.push(format!(
                "{own}_origin = {{ required = true }} # {name} up to its path, as https://host"
            ));
            lines.push(format!(
                "{own}_path = {{ default = \"\" }} # and its path, as /v1"
            ));
        }
        if let Some(name) = &self.secret {
            let own = variable(name);
            let told = format!("{own} = {{ required = true, secret = true }} # the value of {name}");
            lines.push(told);
        }
        lines
    }

    fn component_lines(&self, text: &mut String) {
        let id = &self.component;
        let (Some(host), Some(address)) = (self.host(), &self.address) else {
            return;
        };
        let url = match address {
            Address::Url(url) => url.clone(),
            Address::Variable(name) => {
                let own = variable(name);
                format!("{{{{ {own}_origin }}}}{{{{ {own}_path }}}}")
            }
        };
        line(
            text,
            &format!("\n[[trigger.http]]\ncomponent = \"{id}\"\nroute = {{ private = true }}\n"),
        );
        line(text, &format!("[component.{id}]"));
        line(
            text,
            "source = \"components/target/wasm32-wasip2/debug/model.wasm\"",
        );
        line(text, &format!("allowed_outbound_hosts = [\"{host}\"]"));
        line(
            text,
            &format!("[component.{id}.variables]\nupstream_url = \"{url}\""),
        );
        if let Some(name) = &self.secret {
            line(text, &format!("upstream_key = \"{{{{ {} }}}}\"", variable(name)));
        }
        line(text, &format!("upstream_dialect = \"{}\"", self.provider.name()));
        if !self.models.is_empty() {
            let models = escaped(&self.models.join(","));
            line(text, &format!("upstream_models = \"{models}\""));
        }
        line(text, &format!("[component.{id}.dependencies]"));
        line(
            text,
            "\"gyre:inference\" = { path = \"components/target/wasm32-wasip2/debug/inference_http.wasm\", \
             inherit_configuration = [\"allowed_outbound_hosts\", \"variables\"] }",
        );
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

/// A text inside a TOML string that Spin takes for no template.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace("{{", "")
}

/// A Spin variable's name: small letters, digits, and single underscores between them.
fn variable(name: &str) -> String {
    let parts = name.split(|it: char| !it.is_ascii_alphanumeric());
    let parts: Vec<String> = parts
        .filter(|part| !part.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let joined = parts.join("_");
    if joined.starts_with(|it: char| it.is_ascii_alphabetic()) {
        joined
    } else {
        format!("v_{joined}")
    }
}
