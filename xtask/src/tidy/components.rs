//! One name in every place: folder, crate, world, .wasm in spin.toml; and a short README.

use super::wiring::{Wiring, crate_of};
use super::{Files, Findings};
use crate::repository::TEST_ONLY;
use std::collections::BTreeSet;

const README_LINES_MAX: usize = 30;

/// Checks every folder of components/ and of components/lib/.
pub(super) fn check(files: &Files, wiring: &Wiring) -> Findings {
    let mut findings = Findings::new();
    let mut known = BTreeSet::new();
    for (path, manifest) in files {
        let Some(folder) = path.strip_suffix("/Cargo.toml") else {
            continue;
        };
        let Some(place) = folder.strip_prefix("components/") else {
            continue;
        };
        if let Some(fixture) = place.strip_prefix("fixtures/") {
            check_name(&mut findings, path, manifest, &format!("fixture-{fixture}"));
            check_readme(&mut findings, files, folder);
            continue;
        }
        match place.strip_prefix("lib/") {
            Some(library) => check_name(&mut findings, path, manifest, &format!("gyre-{library}")),
            None if place == "fixtures" => {} // a workspace
            None => {
                known.insert(place.to_owned());
                check_name(&mut findings, path, manifest, place);
                check_world(&mut findings, files, place);
                check_readme(&mut findings, files, folder);
            }
        }
    }
    let wired: BTreeSet<String> = wiring.binaries().map(crate_of).collect();
    for name in known
        .difference(&wired)
        .filter(|name| !TEST_ONLY.contains(&name.as_str()))
    {
        findings.push(format!(
            "components/{name}: spin.toml does not use it, and it is not marked as for tests only"
        ));
    }
    for name in wired.difference(&known) {
        findings.push(format!(
            "spin.toml: names {name}.wasm, but there is no components/{name}"
        ));
    }
    findings
}

fn check_name(findings: &mut Findings, path: &str, manifest: &str, expected: &str) {
    let manifest: toml::Table = manifest.parse().unwrap_or_default();
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(toml::Value::as_str);
    if name != Some(expected) {
        findings.push(format!(
            "{path}: its folder asks for the crate name {expected}, it says {name:?}"
        ));
    }
}

fn check_world(findings: &mut Findings, files: &Files, name: &str) {
    let path = format!("components/{name}/wit/world.wit");
    let Some(world) = files.get(&path) else { return };
    for expected in [format!("package gyre:{name}"), format!("world {name} ")] {
        if !world.contains(&expected) {
            findings.push(format!("{path}: lacks `{}`", expected.trim_end()));
        }
    }
}

fn check_readme(findings: &mut Findings, files: &Files, folder: &str) {
    match files
        .get(&format!("{folder}/README.md"))
        .map(|readme| readme.lines().count())
    {
        None => findings.push(format!(
            "{folder}: has no README.md (purpose, imports and exports, config keys, limits)"
        )),
        Some(lines) if lines > README_LINES_MAX => {
            findings.push(format!(
                "{folder}/README.md: has {lines} lines, {README_LINES_MAX} are the most"
            ));
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{Files, Wiring, check};

    const GOOD: [(&str, &str); 5] = [
        ("components/api/Cargo.toml", "[package]\nname = \"api\""),
        ("components/api/README.md", "# api"),
        ("components/api/wit/world.wit", "package gyre:api;\nworld api {}"),
        (
            "components/lib/wire/Cargo.toml",
            "[package]\nname = \"gyre-wire\"",
        ),
        ("components/Cargo.toml", "[workspace]"),
    ];

    fn findings(change: impl FnOnce(&mut Files)) -> Vec<String> {
        let mut files = super::super::files(&GOOD);
        change(&mut files);
        let wiring = Wiring::parse("[component.api]\nsource = \"t/api.wasm\"").expect("a manifest");
        check(&files, &wiring)
    }

    #[test]
    fn a_tidy_component_passes() {
        assert_eq!(findings(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn each_rule_has_a_failing_case() {
        let put = |path: &'static str, text: &'static str| {
            move |files: &mut Files| {
                files.insert(path.to_owned(), text.to_owned());
            }
        };
        let mut long = findings(|files| {
            files.insert("components/api/README.md".to_owned(), "x\n".repeat(31));
        });
        assert!(long.pop().is_some_and(|finding| finding.contains("31 lines")));
        for (found, expected) in [
            (
                findings(put("components/api/Cargo.toml", "[package]\nname = \"door\"")),
                "asks for the crate name api",
            ),
            (
                findings(put("components/lib/wire/Cargo.toml", "")),
                "asks for the crate name gyre-wire",
            ),
            (
                findings(put(
                    "components/api/wit/world.wit",
                    "package gyre:api;\nworld door {}",
                )),
                "lacks `world api`",
            ),
            (
                findings(|files| drop(files.remove("components/api/README.md"))),
                "has no README.md",
            ),
            (
                findings(|files| files.retain(|path, _| !path.starts_with("components/api"))),
                "no components/api",
            ),
        ] {
            assert!(
                found.len() == 1 && found[0].contains(expected),
                "{expected}: {found:?}"
            );
        }
        let stray = findings(|files| {
            files.insert(
                "components/stray/Cargo.toml".to_owned(),
                "[package]\nname = \"stray\"".to_owned(),
            );
            files.insert("components/stray/README.md".to_owned(), "# stray".to_owned());
        });
        assert!(
            stray.len() == 1 && stray[0].contains("spin.toml does not use it"),
            "{stray:?}"
        );
    }
}
