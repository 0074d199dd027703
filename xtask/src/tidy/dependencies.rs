//! Where crates come from, and under which licence. The rules of deny.toml that matter
//! most, checked without cargo-deny, which takes minutes to compile.

use super::{Findings, licence};
use anyhow::{Context, Result};
use std::collections::BTreeSet;

/// The licences that deny.toml allows.
pub(super) fn allowed_licences(deny: &str) -> Result<BTreeSet<String>> {
    let deny: toml::Table = deny.parse().context("deny.toml is not TOML")?;
    let allow = deny
        .get("licenses")
        .and_then(|table| table.get("allow"))
        .and_then(toml::Value::as_array);
    let allow = allow.context("deny.toml has no list licenses.allow")?;
    Ok(allow
        .iter()
        .filter_map(toml::Value::as_str)
        .map(String::from)
        .collect())
}

/// Checks the packages that `cargo metadata` lists.
pub(super) fn check(metadata: &serde_json::Value, allowed: &BTreeSet<String>) -> Findings {
    let packages = metadata["packages"].as_array();
    packages
        .into_iter()
        .flatten()
        .filter_map(|package| check_package(package, allowed))
        .collect()
}

fn check_package(package: &serde_json::Value, allowed: &BTreeSet<String>) -> Option<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let version = package["version"].as_str().unwrap_or_default();
    // Our own packages have no source.
    if let Some(source) = package["source"].as_str()
        && !source.starts_with("registry+")
    {
        return Some(format!(
            "{name} {version}: comes from {source}, not from the registry"
        ));
    }
    match package["license"].as_str() {
        None => Some(format!("{name} {version}: states no licence")),
        Some(expression) if !licence::permitted(expression, allowed) => {
            Some(format!("{name} {version}: deny.toml does not allow {expression}"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{allowed_licences, check};

    #[test]
    fn each_rule_has_a_failing_case() {
        let allowed = allowed_licences("[licenses]\nallow = [\"MIT\"]").expect("a list");
        assert!(allowed_licences("[licenses]").is_err());
        let registry = "registry+https://example.org/index";
        for (name, version, source, license, expected) in [
            ("a", "1.0.0", Some(registry), Some("MIT"), None),
            ("own", "0.1.0", None, Some("MIT"), None),
            (
                "a",
                "1.0.0",
                Some("git+https://example.org/a"),
                Some("MIT"),
                Some("not from the registry"),
            ),
            (
                "a",
                "1.0.0",
                Some(registry),
                Some("GPL-3.0-only"),
                Some("does not allow"),
            ),
            ("a", "1.0.0", Some(registry), None, Some("states no licence")),
        ] {
            let package =
                serde_json::json!({ "name": name, "version": version, "source": source, "license": license });
            let findings = check(&serde_json::json!({ "packages": [package] }), &allowed);
            assert_eq!(
                findings.len(),
                usize::from(expected.is_some()),
                "{name} {version}: {findings:?}"
            );
            assert!(
                findings
                    .iter()
                    .all(|finding| finding.contains(expected.unwrap_or_default())),
                "{findings:?}"
            );
        }
    }
}
