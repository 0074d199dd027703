//! Rules for the text of files.

use super::{Files, Findings};

const LINES_MAX: usize = 600;

/// Files that people read from top to bottom.
const BOUNDED: [&str; 5] = [".rs", ".md", ".sh", ".toml", ".wit"];

/// Hosts of package registries: which one is used is each machine's own business.
const REGISTRY_HOSTS: [&str; 9] = [
    concat!("crates", ".io/"),
    concat!("static.", "crates", ".io"),
    concat!("index.", "crates", ".io"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("registry.", "npmjs"),
    concat!("deb.", "debian.org"),
    concat!("static.rust-", "lang.org"),
    concat!("ghcr", ".io"),
];

/// Checks every text file but the locks, which cargo writes.
pub(super) fn check(files: &Files) -> Findings {
    let mut findings = Findings::new();
    for (path, text) in files.iter().filter(|(path, _)| !path.ends_with("Cargo.lock")) {
        let lines = text.lines().count();
        if lines > LINES_MAX && BOUNDED.iter().any(|end| path.ends_with(end)) {
            findings.push(format!(
                "{path}: has {lines} lines, {LINES_MAX} are the most; split it"
            ));
        }
        for (index, line) in text.lines().enumerate() {
            if let Some(problem) = problem(path, line) {
                findings.push(format!("{path}:{}: {problem}", index + 1));
            }
        }
    }
    findings
}

fn problem(path: &str, line: &str) -> Option<String> {
    if let Some(host) = REGISTRY_HOSTS.iter().find(|host| line.contains(**host)) {
        return Some(format!("names the registry host {host}"));
    }
    let bare_allow = [concat!("#[", "allow("), concat!("#![", "allow(")];
    if path.ends_with(".rs")
        && bare_allow
            .iter()
            .any(|allow| line.trim_start().starts_with(allow))
    {
        return Some("use #[expect(…, reason = \"…\")] instead of allow".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn each_rule_has_a_failing_case() {
        let long = "x\n".repeat(601);
        for (path, text, expected) in [
            ("a.rs", "fn main() {}", 0),
            ("a.rs", long.as_str(), 1),
            ("LICENSE", long.as_str(), 0),
            ("a.rs", concat!("    #[", "allow(dead_code)]"), 1),
            ("a.rs", concat!("#![", "allow(dead_code)]"), 1),
            ("a.rs", "#[expect(dead_code, reason = \"used by macro\")]", 0),
            ("a.md", concat!("see https://", "crates", ".io/x"), 1),
            ("Cargo.lock", concat!("https://", "crates", ".io/"), 0),
        ] {
            let findings = check(&super::super::files(&[(path, text)]));
            assert_eq!(findings.len(), expected, "{path}: {findings:?}");
        }
    }
}
