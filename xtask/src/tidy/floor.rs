//! How old wasmtime may be: no older than the repair of every critical advisory we know of. The build asks this first.

use super::{Files, Findings};
use anyhow::{Context, Result};
use serde::Deserialize;

const ADVISORIES: &str = "xtask/advisories.toml";
const LOCK: &str = "Cargo.lock";
const DENY: &str = "deny.toml";
/// The crates that are the sandbox. They are released together.
const SANDBOX: [&str; 3] = ["wasmtime", "wasmtime-wasi", "wasmtime-wasi-http"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advisories {
    advisory: Vec<Advisory>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advisory {
    id: String,
    floor: String,
    about: String,
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// Checks every lock file of the checkout, and that deny.toml bans the same.
pub(super) fn check(files: &Files) -> Findings {
    findings(files).unwrap_or_else(|error| vec![format!("{error:#}")])
}

fn findings(files: &Files) -> Result<Findings> {
    let text = |name: &str| files.get(name).with_context(|| format!("{name}: not there"));
    let advisories: Advisories = toml::from_str(text(ADVISORIES)?).context(ADVISORIES)?;
    let locks = files
        .iter()
        .filter(|(name, _)| name.rsplit('/').next() == Some(LOCK));
    let mut findings = Findings::new();
    for (name, lock) in locks {
        let lock: Lock = toml::from_str(lock).with_context(|| name.clone())?;
        for package in lock.package {
            findings.extend(check_package(name, &package, &advisories.advisory));
        }
    }
    findings.extend(check_ban(text(DENY)?, &advisories.advisory)?);
    Ok(findings)
}

fn check_package(lock: &str, package: &Package, advisories: &[Advisory]) -> Findings {
    if !SANDBOX.contains(&package.name.as_str()) {
        return Findings::new();
    }
    let (name, version) = (&package.name, &package.version);
    let below = advisories
        .iter()
        .filter(|advisory| numbers(version) < numbers(&advisory.floor));
    below
        .map(|Advisory { id, floor, about }| {
            format!("{lock}: {name} {version} has {id} ({about}); hint: take {floor} or later")
        })
        .collect()
}

/// cargo-deny bans what is below the highest floor.
fn check_ban(deny: &str, advisories: &[Advisory]) -> Result<Findings> {
    let highest = advisories.iter().max_by_key(|advisory| numbers(&advisory.floor));
    let highest = highest.with_context(|| format!("{ADVISORIES}: has no advisory"))?;
    let wanted = format!("wasmtime@<{}", highest.floor);
    let deny: toml::Table = deny.parse().context("deny.toml is not TOML")?;
    let bans = deny.get("bans").and_then(|bans| bans.get("deny")?.as_array());
    let banned = bans
        .into_iter()
        .flatten()
        .any(|ban| ban.get("crate").and_then(toml::Value::as_str) == Some(wanted.as_str()));
    let finding = format!("{DENY}: does not ban `{wanted}`, the highest floor of {ADVISORIES}");
    Ok(if banned { Findings::new() } else { vec![finding] })
}

/// The three numbers of a version; what is none counts as 0, which is below every floor.
fn numbers(version: &str) -> [u64; 3] {
    let mut parts = version
        .split(['.', '-', '+'])
        .map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::{ADVISORIES, DENY, check};

    const TWO: &str = "[[advisory]]\nid = \"A-1\"\nfloor = \"48.0.4\"\nabout = \"a hole\"\n\
                       [[advisory]]\nid = \"A-2\"\nfloor = \"43.0.1\"\nabout = \"another\"\n";

    fn found(name: &str, version: &str, ban: &str) -> Vec<String> {
        let lock = format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        let deny = format!("[[bans.deny]]\ncrate = \"{ban}\"\n");
        check(&files(&[
            ("a/Cargo.lock", &lock),
            (DENY, &deny),
            (ADVISORIES, TWO),
        ]))
    }

    #[test]
    fn a_sandbox_with_a_known_hole_is_refused_by_the_name_of_the_hole() {
        let ban = "wasmtime@<48.0.4";
        for (name, version, advisories) in [
            ("wasmtime", "48.0.4", &[][..]),
            ("wasmtime", "48.0.10", &[]),
            ("wasmtime", "50.0.0", &[]),
            ("wasmtime", "48.0.3", &["A-1"]),
            ("wasmtime-wasi", "48.0.3", &["A-1"]),
            ("wasmtime", "47.9.9", &["A-1"]),
            ("wasmtime", "43.0.0", &["A-1", "A-2"]),
            ("wasmtime", "none", &["A-1", "A-2"]),
            ("wasmparser", "1.0.0", &[]),
        ] {
            let findings = found(name, version, ban);
            assert_eq!(findings.len(), advisories.len(), "{name} {version}: {findings:?}");
            for (finding, advisory) in findings.iter().zip(advisories) {
                assert!(
                    finding.contains(advisory) && finding.contains("hint:"),
                    "{finding}"
                );
            }
        }
    }

    #[test]
    fn cargo_deny_and_the_list_agree() {
        assert_eq!(found("wasmtime", "48.0.8", "wasmtime@<48.0.4").len(), 0);
        for other in ["wasmtime@<43.0.1", "wasmtime", "serde@<48.0.4"] {
            let findings = found("wasmtime", "48.0.8", other);
            assert!(
                findings.len() == 1 && findings[0].contains("does not ban"),
                "{findings:?}"
            );
        }
        assert_eq!(check(&files(&[])).len(), 1, "nothing to check is a finding");
    }

    /// What the repository builds with; the build itself asks the same.
    #[test]
    fn this_build_has_none() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let read = |name: &str| std::fs::read_to_string(root.join(name)).expect(name);
        let (lock, deny, advisories) = (read("Cargo.lock"), read(DENY), read(ADVISORIES));
        let files = files(&[("Cargo.lock", &lock), (DENY, &deny), (ADVISORIES, &advisories)]);
        assert_eq!(check(&files), Vec::<String>::new());
        assert!(lock.contains("name = \"wasmtime\""), "nothing was checked");
    }
}
