//! `gyre ingest`.

use crate::fake::{Answer, Fake};
use crate::{Ran, command, nowhere};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    folder
}

fn ingest(folder: &Path, url: &str, args: &[&str]) -> Ran {
    command(folder, &[&["ingest", "--url", url], args].concat())
        .output()
        .expect("gyre runs")
        .into()
}

/// What the server answers when it takes all of `sources`.
fn taken(sources: &[&str], status: &str) -> Answer {
    let documents: Vec<Value> = sources
        .iter()
        .map(|source| json!({"source": source, "status": status, "passages": 2}))
        .collect();
    let retrieval = json!({"mode": "hybrid", "embedding_model": "all-minilm-l6-v2", "reason": null});
    Answer::Whole(
        200,
        "application/json",
        json!({"documents": documents, "retrieval": retrieval}).to_string(),
    )
}

fn problem(status: u16, detail: &str) -> Answer {
    Answer::Whole(
        status,
        "application/problem+json",
        json!({"detail": detail, "hint": "do this"}).to_string(),
    )
}

#[test]
fn documents_are_sent_with_their_names_and_types() {
    let folder = folder(&[
        ("a.md", b"# A"),
        ("sub/b.html", b"<p>b"),
        ("c.rs", b"fn"),
        (".git/d.md", b"d"),
        ("e.txt", b"\xff"),
    ]);
    let fake = Fake::start(vec![taken(&["a.md", "sub/b.html"], "ingested")]);
    let ran = ingest(folder.path(), &fake.url, &["."]);
    assert_eq!(
        ran.stdout,
        "2 ingested, 0 unchanged, 0 failed, 4 passages; retrieval: hybrid with all-minilm-l6-v2\n"
    );
    assert_eq!(
        ran.stderr,
        "skipped .git: hidden\nskipped c.rs: not one of .md, .markdown, .txt, .html, .htm\n\
         skipped e.txt: not UTF-8 at byte 0; convert it, for example with iconv\n"
    );
    assert_eq!(ran.code, Some(0));
    let asked = fake.finish().remove(0);
    assert_eq!(asked.line, "POST /api/v1/documents");
    let expected = json!({"documents": [
        {"source": "a.md", "media_type": "text/markdown", "text": "# A"},
        {"source": "sub/b.html", "media_type": "text/html", "text": "<p>b"},
    ]});
    assert_eq!(
        serde_json::from_str::<Value>(&asked.body).expect("JSON"),
        expected
    );
}

#[test]
fn the_second_time_nothing_changes() {
    let folder = folder(&[("a.md", b"# A")]);
    let fake = Fake::start(vec![taken(&["a.md"], "unchanged")]);
    let ran = ingest(folder.path(), &fake.url, &["a.md", "--json"]);
    let told: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (&told["ingested"], &told["unchanged"], &told["passages"]),
        (&json!(0), &json!(1), &json!(2))
    );
    assert_eq!(
        (&told["failed"], &told["documents"][0]["status"]),
        (&json!([]), &json!("unchanged"))
    );
    assert_eq!(ran.code, Some(0));
    fake.finish();
}

#[test]
fn what_is_named_and_no_document_fails() {
    let folder = folder(&[
        ("a.md", b"# A"),
        ("bad.md", b"a\xff"),
        ("big.md", &vec![b'a'; 2 * 1024 * 1024 + 1]),
    ]);
    let fake = Fake::start(vec![taken(&["a.md"], "ingested")]);
    let ran = ingest(folder.path(), &fake.url, &["a.md", "bad.md", "big.md", "none.md"]);
    assert!(
        ran.stdout
            .starts_with("1 ingested, 0 unchanged, 3 failed, 2 passages"),
        "{}",
        ran.stdout
    );
    for expected in [
        "failed bad.md: not UTF-8",
        "failed big.md: larger than 2 MiB",
        "failed none.md: cannot be read",
    ] {
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
    assert_eq!(ran.code, Some(1));
    fake.finish();
}

#[test]
fn one_bad_document_keeps_no_other_out() {
    let folder = folder(&[("a.md", b"# A"), ("b.md", b"# B")]);
    let fake = Fake::start(vec![
        problem(422, "bad batch"),
        taken(&["a.md"], "ingested"),
        problem(422, "bad b"),
    ]);
    let ran = ingest(folder.path(), &fake.url, &["."]);
    assert!(
        ran.stdout
            .starts_with("1 ingested, 0 unchanged, 1 failed, 2 passages"),
        "{}",
        ran.stdout
    );
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (Some(1), "failed b.md: bad b; hint: do this\n")
    );
    assert_eq!(fake.finish().len(), 3);
}

#[test]
fn batches_are_bounded() {
    let names: Vec<String> = (10..30).map(|n| format!("{n}.md")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), b"text".as_slice()))
        .collect();
    let folder = folder(&files);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let fake = Fake::start(vec![
        taken(&names[..16], "ingested"),
        taken(&names[16..], "ingested"),
    ]);
    let ran = ingest(folder.path(), &fake.url, &["."]);
    assert!(
        ran.stdout
            .starts_with("20 ingested, 0 unchanged, 0 failed, 40 passages"),
        "{}",
        ran.stdout
    );
    assert_eq!(fake.finish().len(), 2);
}

#[test]
fn a_server_that_goes_away_leaves_the_rest_failed() {
    let names: Vec<String> = (10..30).map(|n| format!("{n}.md")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), b"text".as_slice()))
        .collect();
    let folder = folder(&files);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let fake = Fake::start(vec![taken(&names[..16], "ingested"), problem(503, "overloaded")]);
    let ran = ingest(folder.path(), &fake.url, &["."]);
    assert!(
        ran.stdout.starts_with("16 ingested, 0 unchanged, 4 failed"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stderr.ends_with("error: overloaded\nhint: do this\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.code, Some(69));
    fake.finish();
}

#[test]
fn no_server_is_the_only_thing_told() {
    let folder = folder(&[("a.md", b"# A")]);
    let url = nowhere();
    let ran = ingest(folder.path(), &url, &["."]);
    let expected =
        format!("error: no server at {url}\nhint: start one with `gyre up`, or name another with --url\n");
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr),
        (Some(69), "", expected)
    );
}

#[test]
fn no_documents_is_no_success() {
    let folder = folder(&[("a.rs", b"fn")]);
    let ran = ingest(folder.path(), &nowhere(), &["."]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(1), "0 ingested, 0 unchanged, 0 failed, 0 passages\n")
    );
    assert!(ran.stderr.contains("no documents found"), "{}", ran.stderr);
}
