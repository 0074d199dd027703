//! Documents name only what exists.

use super::{Files, Findings};

/// Checks the paths in backticks and the relative links of every Markdown file.
pub(super) fn check(files: &Files, exists: impl Fn(&str) -> bool) -> Findings {
    let mut findings = Findings::new();
    for (document, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in prose(text) {
            for path in paths_in_backticks(line, files) {
                if !exists(path) && !exists(&join(folder, path)) {
                    findings.push(format!(
                        "{document}:{number}: names `{path}`, which does not exist"
                    ));
                }
            }
            for link in links(line).filter(|link| !exists(&join(folder, link))) {
                findings.push(format!(
                    "{document}:{number}: links to {link}, which does not exist"
                ));
            }
        }
    }
    findings
}

/// The numbered lines outside code fences.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// Words in backticks that begin with a top-level folder and look like a path without placeholders.
fn paths_in_backticks<'line>(line: &'line str, files: &Files) -> impl Iterator<Item = &'line str> {
    let words = line.split('`').skip(1).step_by(2);
    words.filter(move |word| {
        let plain = word
            .chars()
            .all(|sign| sign.is_ascii_alphanumeric() || "._-/".contains(sign));
        let first = word.split_once('/').map(|(first, _)| first);
        let generated = word.starts_with("wit/deps") || word.contains("target/");
        let known = first.is_some_and(|first| {
            !first.is_empty()
                && files
                    .keys()
                    .any(|path| path.split_once('/').is_some_and(|(top, _)| top == first))
        });
        plain && known && !generated
    })
}

/// Targets of relative links, without anchors.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    let targets = targets.map(|target| target.split('#').next().unwrap_or_default());
    targets.filter(|target| !target.is_empty() && !target.contains(':'))
}

/// A path relative to a folder of the checkout; `..` goes up.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn finds_names_of_what_is_not_there() {
        for (line, expected) in [
            ("see `docs/cli.md` and [it](docs/cli.md#verbs)", 0),
            ("`docs/gone.md`", 1),
            ("[gone](docs/gone.md)", 1),
            ("[outside](https://example.org/x) and [here](#anchor)", 0),
            ("`docs/<name>.md`, `cargo xtask/x y`, `a/b`, `/docs/x`", 0),
            ("```\n`docs/gone.md`\n```", 0),
        ] {
            let files = super::super::files(&[("README.md", line), ("docs/cli.md", "[up](../README.md)")]);
            let findings = check(&files, |path| ["docs/cli.md", "README.md"].contains(&path));
            assert_eq!(findings.len(), expected, "{line}: {findings:?}");
        }
    }
}
