use super::{Mounts, sweep};
use gyre_manifest::{Component, Mount, Source};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// An application's folder with some files, and a component there.
fn app() -> (TempDir, Component) {
    let folder = tempfile::tempdir().expect("a folder");
    for file in [
        "one.txt",
        "data/a.txt",
        "data/a.md",
        "data/deep/b.txt",
        "data/.env",
        "[odd]/c.txt",
    ] {
        let path = folder.path().join("app").join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, file).expect("written");
    }
    let component = Component {
        root: folder.path().join("app"),
        ..Component::new("x", Source::File("x.wasm".into()))
    };
    (folder, component)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(str::to_owned).collect()
}

fn mount(component: &Component, source: &str, destination: &str) -> Mount {
    Mount {
        source: component.root.join(source),
        destination: destination.to_owned(),
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<String> {
    let all = glob::glob(&format!("{}/**/*", folder.display())).expect("a pattern");
    let files = all.flatten().filter(|path| path.is_file());
    let names = files.map(|path| path.strip_prefix(folder).expect("below").display().to_string());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn folders_are_given_as_they_are() {
    let (folder, mut component) = app();
    component.files = vec![mount(&component, "data", "/d")];
    let staged = folder.path().join("staged");
    let mounts = Mounts::prepare(&component, &staged).expect("there");
    let given: Vec<_> = mounts.folders().collect();
    assert_eq!(given, [(&component.root.join("data"), "/d")]);
    assert!(!staged.exists());
}

#[test]
fn files_patterns_and_exclusions_make_one_folder() {
    for (patterns, placed, excluded, expected) in [
        (&["one.txt"][..], &[][..], &[][..], &["one.txt"][..]),
        (&["*.txt", "one.txt"], &[], &[], &["one.txt"]),
        (&["data/*.txt"], &[], &[], &["data/a.txt"]),
        (&["data/**/*.txt"], &[], &[], &["data/a.txt", "data/deep/b.txt"]),
        (&["./data/*"], &[], &["**/*.md"], &["data/.env", "data/a.txt"]),
        (
            &["data"],
            &[],
            &["data/deep/*"],
            &["data/data/.env", "data/data/a.md", "data/data/a.txt"],
        ),
        (&["no/such/*"], &[], &[], &[]),
        (&[], &[("one.txt", "/d/two.txt")], &[], &["d/two.txt"]),
        (
            &[],
            &[("data", "/d")],
            &["data/.env", "**/*.md"],
            &["d/a.txt", "d/deep/b.txt"],
        ),
        (&["one.txt"], &[("[odd]", "/")], &[], &["c.txt", "one.txt"]),
        (&["[[]odd]/*"], &[], &[], &["[odd]/c.txt"]),
    ] {
        let (folder, mut component) = app();
        component.file_patterns = texts(patterns);
        component.exclude_files = texts(excluded);
        let placed = placed.iter();
        component.files = placed
            .map(|(source, destination)| mount(&component, source, destination))
            .collect();
        let mounts = Mounts::prepare(&component, &folder.path().join("staged"))
            .unwrap_or_else(|error| panic!("{patterns:?}: {error}"));
        let given: Vec<_> = mounts.folders().collect();
        assert_eq!((given.len(), given[0].1), (1, "/"));
        assert_eq!(files(given[0].0), expected, "{patterns:?}");
        let place = given[0].0.clone();
        drop(mounts);
        assert!(!place.exists(), "gone with its component");
    }
}

#[test]
fn what_cannot_be_given_is_refused() {
    for (patterns, placed, expected) in [
        (&["two.txt"][..], &[][..], "two.txt is not there"),
        (&[], &[("two.txt", "/t")], "two.txt is not there"),
        (&[], &[("one.txt", "/t/")], "/t/ is no name for the file"),
        (
            &["one.txt"],
            &[("data/a.txt", "/one.txt")],
            "would both be /one.txt",
        ),
        (&["out/*"], &[], "out/secret leads out of the folder"),
        (
            &["data/*"],
            &[("out", "/o")],
            "out/secret leads out of the folder",
        ),
    ] {
        let (folder, mut component) = app();
        fs::write(folder.path().join("secret"), "").expect("written");
        fs::create_dir(component.root.join("out")).expect("made");
        std::os::unix::fs::symlink(folder.path().join("secret"), component.root.join("out/secret"))
            .expect("linked");
        component.file_patterns = texts(patterns);
        let placed = placed.iter();
        component.files = placed
            .map(|(source, destination)| mount(&component, source, destination))
            .collect();
        let error = Mounts::prepare(&component, &folder.path().join("staged")).expect_err(expected);
        let error = error.to_string();
        assert!(error.contains(expected) && error.contains("hint: "), "{error}");
        assert_eq!(files(&folder.path().join("staged")), Vec::<String>::new());
    }
}

#[test]
fn leftovers_of_dead_processes_are_swept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (own, dead, other) = (format!("{}-a", std::process::id()), "4294967295-a", "note");
    for name in [own.as_str(), dead, other] {
        fs::create_dir(folder.path().join(name)).expect("made");
    }
    sweep(folder.path());
    let left = |name: &str| folder.path().join(name).exists();
    assert_eq!((left(&own), left(dead), left(other)), (true, false, true));
}
