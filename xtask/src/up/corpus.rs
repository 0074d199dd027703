//! The first corpus: what this repository says about itself.

use crate::process;
use crate::repository::Repository;
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

/// Ingests the documents. Doing so again changes nothing, because the server knows each by its content.
pub(super) fn ingest(repository: &Repository, gyre: &Path, url: &str) -> Result<()> {
    let documents = documents(&repository.root)?;
    process::run(
        Command::new(gyre)
            .current_dir(&repository.root)
            .args(["ingest", "--url", url])
            .args(documents),
    )
}

/// Relative paths, so that a citation names the document as the repository does.
fn documents(root: &Path) -> Result<Vec<String>> {
    let fixed = ["README.md", "ARCHITECTURE.md", "docs", "wit/README.md"];
    let mut documents: Vec<String> = fixed
        .into_iter()
        .filter(|path| root.join(path).exists())
        .map(String::from)
        .collect();
    let mut readmes = Vec::new();
    for parent in ["components", "components/lib"] {
        let folder = root.join(parent);
        let entries =
            std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let name = entry?.file_name();
            let readme = format!("{parent}/{}/README.md", name.to_string_lossy());
            readmes.extend(root.join(&readme).is_file().then_some(readme));
        }
    }
    readmes.sort();
    documents.append(&mut readmes);
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::documents;

    #[test]
    fn lists_what_is_there_and_nothing_else() {
        let root = tempfile::tempdir().expect("a temporary folder");
        for folder in [
            "docs",
            "components/b",
            "components/a",
            "components/lib/c",
            "components/d",
        ] {
            std::fs::create_dir_all(root.path().join(folder)).expect("a folder");
        }
        for file in [
            "README.md",
            "components/b/README.md",
            "components/a/README.md",
            "components/lib/c/README.md",
        ] {
            std::fs::write(root.path().join(file), "x").expect("a file");
        }
        let expected = [
            "README.md",
            "docs",
            "components/a/README.md",
            "components/b/README.md",
            "components/lib/c/README.md",
        ];
        assert_eq!(documents(root.path()).expect("a list"), expected);
    }
}
