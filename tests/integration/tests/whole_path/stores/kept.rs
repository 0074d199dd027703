//! Where things are kept, and for how long.

use super::{GRANTS, app, check, check_refused, configured, told};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Hrana, Redis, Server};
use serde_json::json;

#[tokio::test]
async fn what_is_kept_by_default_survives_a_restart_and_is_seen_by_both_interfaces() -> Result<()> {
    let mut server = app(GRANTS)?.start().await?;
    let create = "CREATE TABLE t (n INTEGER, s TEXT)\nINSERT INTO t VALUES (7, 'seven')";
    check(
        &server,
        &[
            ("/key-value/default/set?a", "1", json!(null)),
            ("/wasi-keyvalue/default/get?a", "", json!("1")),
            ("/wasi-keyvalue/default/set?b", "2", json!(null)),
            ("/key-value/default/get?b", "", json!("2")),
            ("/key-value/default/exists?none", "", json!(false)),
            (
                "/sqlite/default",
                create,
                json!({"last": {"columns": [], "rows": []}, "rowid": 1, "changes": 1}),
            ),
        ],
    )
    .await?;
    server.restart().await?;
    let select = "SELECT n, s FROM t";
    let rows = json!({"last": {"columns": ["n", "s"], "rows": [[7, "seven"]]}, "rowid": 0, "changes": 0});
    check(
        &server,
        &[
            ("/key-value/default/keys", "", json!(["a", "b"])),
            ("/wasi-keyvalue/default/keys", "", json!(["a", "b"])),
            ("/wasi-keyvalue/default/delete?a", "", json!(null)),
            ("/key-value/default/get?a", "", json!(null)),
            ("/sqlite/default", select, rows),
        ],
    )
    .await
}

/// What every store must do, wherever it is kept; `store` is its label.
async fn check_store(server: &Server, store: &str) -> Result<()> {
    let paths = ["set?k", "get?k", "exists?k", "delete?k", "keys"];
    let spin: Vec<String> = paths
        .iter()
        .map(|path| format!("/key-value/{store}/{path}"))
        .collect();
    let wasi = |path: &str| format!("/wasi-keyvalue/{store}/{path}");
    let swapped = json!({
        "seen": null,
        "quiet": true,
        "raced": { "current": "interfered", "again": true },
        "at_last": "again",
    });
    check(
        server,
        &[
            (&spin[0], "v", json!(null)),
            (&spin[1], "", json!("v")),
            (&spin[2], "", json!(true)),
            (&spin[3], "", json!(null)),
            (&spin[1], "", json!(null)),
            (&wasi("increment?n"), "5", json!(5)),
            (&wasi("increment?n"), "-7", json!(-2)),
            (
                &wasi("batch"),
                "",
                json!({ "before": 2, "one": false, "two": true }),
            ),
            (&wasi("swap?s"), "first", swapped),
            (&spin[4], "", json!(["n", "s", "two"])),
        ],
    )
    .await
}

#[tokio::test]
async fn stores_are_kept_where_the_runtime_configuration_says() -> Result<()> {
    let redis = Redis::start()?;
    let grants = r#"key_value_stores = ["default", "file", "memory", "redis"]"#;
    let config = format!(
        "[key_value_store.file]\ntype = \"spin\"\npath = \"kept/file.db\"\n\
         [key_value_store.memory]\ntype = \"spin\"\n\
         [key_value_store.redis]\ntype = \"redis\"\nurl = \"{}\"\n",
        redis.url()
    );
    let mut server = configured(grants, &config)?.start().await?;
    for store in ["default", "file", "memory", "redis"] {
        check_store(&server, store)
            .await
            .with_context(|| store.to_owned())?;
    }
    let file = server.setup.folder().join("kept/file.db");
    ensure!(file.is_file(), "{} is not there", file.display());
    server.restart().await?;
    let kept = json!(["n", "s", "two"]);
    check(
        &server,
        &[
            ("/key-value/file/keys", "", kept.clone()),
            ("/key-value/redis/keys", "", kept),
            ("/key-value/memory/keys", "", json!([])),
        ],
    )
    .await?;
    drop(redis);
    check_refused(&server, &[("/key-value/redis/get?n", "", "hint:")]).await
}

#[tokio::test]
async fn databases_are_kept_where_the_runtime_configuration_says() -> Result<()> {
    let hrana = Hrana::start().await?;
    let grants = r#"sqlite_databases = ["file", "memory", "far"]"#;
    let config = format!(
        "[sqlite_database.file]\ntype = \"spin\"\npath = \"{{folder}}/new/file.db\"\n\
         [sqlite_database.memory]\ntype = \"spin\"\n\
         [sqlite_database.far]\ntype = \"libsql\"\nurl = \"{}\"\ntoken = \"{}\"\n",
        hrana.url(),
        Hrana::TOKEN
    );
    let server = configured(grants, &config)?.start().await?;
    let statements = "CREATE TABLE t (n)\nBEGIN\nINSERT INTO t VALUES (1)\nINSERT INTO t VALUES (2)\nCOMMIT\n\
         UPDATE t SET n = n + 1\nSELECT n FROM t ORDER BY n";
    let rows = json!({"last": {"columns": ["n"], "rows": [[2], [3]]}, "rowid": 2, "changes": 2});
    for database in ["file", "memory", "far"] {
        check(
            &server,
            &[(&format!("/sqlite/{database}"), statements, rows.clone())],
        )
        .await?;
    }
    let file = server.setup.folder().join("new/file.db");
    ensure!(file.is_file(), "{} is not there", file.display());
    // What was begun and not committed is rolled back when the sandbox ends, at a server too.
    for database in ["file", "far"] {
        let path = format!("/sqlite/{database}");
        told(&server, &path, "BEGIN\nDELETE FROM t").await?;
        let count = json!({"last": {"columns": ["n"], "rows": [[2]]}, "rowid": 0, "changes": 0});
        check(&server, &[(&path, "SELECT count(*) AS n FROM t", count)]).await?;
    }
    check_refused(&server, &[("/sqlite/memory", "SELECT n FROM t", "no such table")]).await
}
