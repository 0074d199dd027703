//! Each WIT package is named as its folder and stands in the table of wit/README.md.

use super::{Files, Findings};

const TABLE: &str = "wit/README.md";

/// Checks wit/<package>/.
pub(super) fn check(files: &Files) -> Findings {
    let table = files.get(TABLE).map_or("", String::as_str);
    let mut findings = Findings::new();
    for (path, text) in files {
        let Some((folder, file)) = path.strip_prefix("wit/").and_then(|path| path.split_once('/')) else {
            continue;
        };
        if !file.ends_with(".wit") || folder == "deps" {
            continue;
        }
        let package = format!("gyre:{folder}");
        if !text.contains(&format!("package {package}@")) {
            findings.push(format!(
                "{path}: its folder asks for `package {package}@<version>`"
            ));
        }
        if !table.contains(&format!("`{package}`")) {
            findings.push(format!("{TABLE}: its table lacks `{package}`"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn packages_and_table_agree() {
        for (wit, table, expected) in [
            ("package gyre:vector@0.1.0;", "| `gyre:vector` |", None),
            (
                "package gyre:vectors@0.1.0;",
                "| `gyre:vector` |",
                Some("its folder asks for"),
            ),
            (
                "package gyre:vector@0.1.0;",
                "| nothing |",
                Some("its table lacks"),
            ),
        ] {
            let files = super::super::files(&[("wit/vector/vector.wit", wit), ("wit/README.md", table)]);
            let findings = check(&files);
            assert_eq!(findings.len(), usize::from(expected.is_some()), "{findings:?}");
            assert!(
                findings
                    .iter()
                    .all(|finding| finding.contains(expected.unwrap_or_default())),
                "{findings:?}"
            );
        }
    }
}
