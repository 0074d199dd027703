//! Statements, streams, pools and TLS, by real PostgreSQL servers.

use crate::databases::{ask, server, statement};
use anyhow::{Result, ensure};
use gyre_test_support::Postgres;
use serde_json::json;

#[tokio::test]
async fn statements_change_and_fail_as_the_server_says() -> Result<()> {
    let postgres = Postgres::start()?;
    let server = server(&[postgres.host()]).await?;
    let address = postgres.url();
    let execute = |call: &str, statement: &str| json!({"call": call, "statement": statement});
    for (call, statement, changed) in [
        ("execute", "CREATE TABLE t (n int PRIMARY KEY)", 0),
        ("execute-async", "INSERT INTO t SELECT generate_series(1, 3)", 3),
        ("execute", "DELETE FROM t WHERE n < 3", 2),
    ] {
        let answer = ask(&server, "/postgres", &address, execute(call, statement)).await?;
        ensure!(answer["changed"] == changed, "{statement}: {answer}");
    }
    let answer = ask(
        &server,
        "/postgres",
        &address,
        execute("execute", "INSERT INTO t VALUES (3)"),
    )
    .await?;
    ensure!(
        answer["error"] == "db-error" && answer["code"] == "23505",
        "{answer}"
    );
    ensure!(
        answer["severity"] == "ERROR" && answer["extras"]["constraint"] == "t_pkey",
        "{answer}"
    );
    Ok(())
}

#[tokio::test]
async fn what_a_statement_lacks_is_told_without_its_values() -> Result<()> {
    let postgres = Postgres::start()?;
    let server = server(&[postgres.host()]).await?;
    let address = postgres.url();
    let cases = [
        (json!({"statement": "SELEC 1"}), "db-error", "syntax error"),
        (
            json!({"statement": "SELECT $1::int4"}),
            "bad-parameter",
            "1 parameters and 0 are given",
        ),
        (
            json!({"statement": "SELECT $1::int4", "parameters": [{"str": "topsecret"}]}),
            "bad-parameter",
            "wants int4 and got str",
        ),
        (
            json!({"statement": "SELECT $1::uuid", "parameters": [{"uuid": "topsecret"}]}),
            "bad-parameter",
            "no UUID",
        ),
        (
            json!({"statement": "SELECT 'infinity'::date"}),
            "value-conversion-failed",
            "infinite",
        ),
        (
            json!({"call": "query", "statement": "SELECT repeat('x', 1000000) FROM generate_series(1, 40)"}),
            "query-failed",
            "more than 33554432 bytes",
        ),
        (
            json!({"statement": "SELECT 1/(n - 900) FROM generate_series(1, 1000) n"}),
            "db-error",
            "division by zero",
        ),
    ];
    for (order, error, said) in cases {
        let answer = ask(&server, "/postgres", &address, order.clone()).await?;
        let text = answer["text"].as_str().unwrap_or_default();
        ensure!(
            answer["error"] == error && text.contains(said),
            "{order}: {answer}"
        );
        ensure!(!text.contains("topsecret"), "{answer}");
    }
    let wrong = address.replace(postgres.password(), "topsecret");
    let answer = statement(&server, &wrong, "SELECT 1").await?;
    let text = answer["text"].as_str().unwrap_or_default();
    ensure!(
        answer["error"] == "connection-failed" && text.contains("password authentication failed"),
        "{answer}"
    );
    ensure!(!text.contains("topsecret") && !server.stderr().contains("topsecret"));
    Ok(())
}

#[tokio::test]
async fn rows_stream_and_a_reader_may_leave() -> Result<()> {
    let postgres = Postgres::start()?;
    let server = server(&[postgres.host()]).await?;
    let address = postgres.url();
    // More than a query may give at once.
    let many = "SELECT n, repeat('x', 4000) FROM generate_series(1, 10000) n";
    let answer = statement(&server, &address, many).await?;
    ensure!(answer["count"] == 10_000, "{}", answer["count"]);
    for _ in 0..40 {
        let order = json!({"call": "first", "statement": "SELECT n FROM generate_series(1, 100000) n"});
        let answer = ask(&server, "/postgres", &address, order).await?;
        ensure!(answer["row"] == json!([{"int32": 1}]), "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_hands_nothing_over_to_the_next_sandbox() -> Result<()> {
    let postgres = Postgres::start()?;
    let server = server(&[postgres.host()]).await?;
    let address = postgres.url();
    for left in [
        "BEGIN",
        "SET search_path = nowhere",
        "CREATE TEMPORARY TABLE left_over (n int)",
        "PREPARE left_over AS SELECT 1",
        "SELECT pg_advisory_lock(7)",
        "SET statement_timeout = 0",
    ] {
        let answer = statement(&server, &address, left).await?;
        ensure!(answer.get("error").is_none(), "{left}: {answer}");
        let seen = "SELECT current_setting('search_path'), to_regclass('pg_temp.left_over') IS NULL, \
            (SELECT count(*) FROM pg_prepared_statements WHERE from_sql), \
            (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), current_setting('statement_timeout'), \
            (SELECT count(*) FROM pg_stat_activity WHERE usename IS NOT NULL AND backend_type = 'client backend')";
        let answer = statement(&server, &address, seen).await?;
        let row = &answer["rows"][0];
        let clean = json!([
            {"str": "\"$user\", public"}, {"boolean": true}, {"int64": 0}, {"int64": 0}, {"str": "1min"},
            {"int64": 1}
        ]);
        ensure!(*row == clean, "after {left}: {answer}");
        let outside = statement(&server, &address, "SAVEPOINT here").await?;
        ensure!(
            outside["code"] == "25P01",
            "in a transaction after {left}: {outside}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn tls_trusts_the_authority_that_the_guest_names() -> Result<()> {
    let postgres = Postgres::start_with_tls()?;
    let server = server(&[postgres.host()]).await?;
    let seen = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    for blocking in [true, false] {
        let order = json!({"call": "query", "statement": seen, "ca": postgres.ca(), "blocking": blocking});
        let answer = ask(&server, "/postgres", &postgres.url(), order).await?;
        ensure!(answer["rows"] == json!([[{"boolean": true}]]), "{answer}");
    }
    let unknown = statement(&server, &postgres.url(), seen).await?;
    let text = unknown["text"].as_str().unwrap_or_default();
    ensure!(
        unknown["error"] == "connection-failed" && text.contains("UnknownIssuer"),
        "{unknown}"
    );
    let order = json!({"statement": seen, "ca": "no certificate"});
    let answer = ask(&server, "/postgres", &postgres.url(), order).await?;
    ensure!(answer["error"] == "bad-parameter", "{answer}");
    // A server without TLS is none that a guest with an authority wants.
    let plain = Postgres::start()?;
    let server = self::server(&[plain.host()]).await?;
    let order = json!({"statement": "SELECT 1", "ca": postgres.ca()});
    let answer = ask(&server, "/postgres", &plain.url(), order).await?;
    ensure!(answer["error"] == "connection-failed", "{answer}");
    Ok(())
}
