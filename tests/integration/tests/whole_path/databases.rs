//! Redis and PostgreSQL from a sandbox, by real servers.

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Postgres, Redis, Server, Setup};
use serde_json::{Value, json};

/// An application whose component reaches `hosts` and nothing else.
async fn server(hosts: &[String]) -> Result<Server> {
    let app = format!(
        r#"spin_manifest_version = 2
[application]
name = "databases"
[[trigger.http]]
route = "/..."
component = "databases"
[component.databases]
source = "{{guests}}/fixture_databases.wasm"
allowed_outbound_hosts = {hosts:?}
"#
    );
    Setup::app(&app)?.start().await
}

/// Runs an order with these members added, and gives its answer.
async fn ask(server: &Server, path: &str, address: &str, order: Value) -> Result<Value> {
    let mut order = order;
    order["address"] = json!(address);
    let (status, answer) = server.post(path, &order).await?;
    ensure!(status == 200, "{status}: {answer}; {}", server.stderr());
    Ok(answer)
}

async fn statement(server: &Server, address: &str, statement: &str) -> Result<Value> {
    ask(server, "/postgres", address, json!({"statement": statement})).await
}

#[tokio::test]
async fn redis_does_what_it_is_told() -> Result<()> {
    let redis = Redis::start()?;
    let server = server(&[redis.url()]).await?;
    let cases = [
        (json!({"call": "get", "key": "a"}), json!(null)),
        (json!({"call": "set", "key": "a", "value": "one"}), json!(null)),
        (json!({"call": "get", "key": "a"}), json!("one")),
        (json!({"call": "incr", "key": "n"}), json!(1)),
        (json!({"call": "incr", "key": "n"}), json!(2)),
        (
            json!({"call": "sadd", "key": "s", "values": ["x", "y", "x"]}),
            json!(2),
        ),
        (json!({"call": "smembers", "key": "s"}), json!(["x", "y"])),
        (
            json!({"call": "srem", "key": "s", "values": ["x", "z"]}),
            json!(1),
        ),
        (json!({"call": "del", "values": ["a", "n", "none"]}), json!(2)),
        (json!({"call": "publish", "key": "c", "value": "m"}), json!(null)),
        (
            json!({"call": "execute", "command": "RPUSH", "arguments": ["l", "a", 7]}),
            json!([2]),
        ),
        (
            json!({"call": "execute", "command": "LRANGE", "arguments": ["l", 0, -1]}),
            json!(["a", "7"]),
        ),
        (
            json!({"call": "execute", "command": "PING", "arguments": []}),
            json!([{"status": "PONG"}]),
        ),
        (
            json!({"call": "execute", "command": "GET", "arguments": ["none"]}),
            json!([null]),
        ),
        // A sandbox may hold so many connections.
        (json!({"call": "open-many"}), json!(16)),
    ];
    for (order, value) in cases {
        let answer = ask(&server, "/redis", &redis.url(), order.clone()).await?;
        ensure!(answer["value"] == value, "{order}: {answer}");
    }
    Ok(())
}

#[tokio::test]
async fn errors_of_redis_are_those_of_the_interface() -> Result<()> {
    let redis = Redis::start()?;
    let server = server(&[redis.url(), "redis://127.0.0.1:1".to_owned()]).await?;
    let set = json!({"call": "set", "key": "text", "value": "a"});
    ask(&server, "/redis", &redis.url(), set).await?;
    let large = json!({"call": "execute", "command": "SETRANGE", "arguments": ["large", 34_000_000, "x"]});
    ask(&server, "/redis", &redis.url(), large).await?;
    let with_password = redis.url().replace("//", "//user:topsecret@");
    let cases = [
        (
            redis.url(),
            json!({"call": "incr", "key": "text"}),
            "type-error",
            "",
        ),
        (
            redis.url(),
            json!({"call": "smembers", "key": "text"}),
            "type-error",
            "",
        ),
        (
            redis.url(),
            json!({"call": "execute", "command": "NOSUCH"}),
            "other",
            "NOSUCH",
        ),
        (
            redis.url(),
            json!({"call": "get-length", "key": "large"}),
            "other",
            "more than 33554432 bytes",
        ),
        (
            "redis://127.0.0.1:1".to_owned(),
            json!({"call": "get"}),
            "other",
            "hint:",
        ),
        (
            "nowhere".to_owned(),
            json!({"call": "get"}),
            "invalid-address",
            "",
        ),
        (
            "unix:///run/redis.sock".to_owned(),
            json!({"call": "get"}),
            "invalid-address",
            "",
        ),
        (with_password, json!({"call": "get"}), "other", "refused"),
    ];
    for (address, order, error, said) in cases {
        let answer = ask(&server, "/redis", &address, order.clone()).await?;
        ensure!(answer["error"] == error, "{order}: {answer}");
        let text = answer["text"].as_str().unwrap_or_default();
        ensure!(text.contains(said) && !text.contains("topsecret"), "{answer}");
    }
    ensure!(!server.stderr().contains("topsecret"), "{}", server.stderr());
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_not_granted_is_not_reached() -> Result<()> {
    let redis = Redis::start()?;
    let server = server(&["redis://127.0.0.1:1".to_owned()]).await?;
    let address = redis.url().replace("//", "//:topsecret@");
    let answer = ask(&server, "/redis", &address, json!({"call": "get", "key": "a"})).await?;
    ensure!(answer["error"] == "invalid-address", "{answer}");
    let cure = format!(
        "add \"{}\" to allowed_outbound_hosts of [component.databases]",
        redis.url()
    );
    ensure!(
        server.logs(&cure).await,
        "no cure in the log: {}",
        server.stderr()
    );

    let address = "postgres://user:topsecret@localhost:5432/db";
    let answer = statement(&server, address, "SELECT 1").await?;
    ensure!(answer["error"] == "connection-failed", "{answer}");
    let text = answer["text"].as_str().context("no text")?;
    ensure!(
        text.contains("add \"postgres://localhost:5432\" to allowed_outbound_hosts"),
        "{text}"
    );
    ensure!(server.logs("postgres://localhost:5432 is not permitted").await);
    ensure!(!text.contains("topsecret") && !server.stderr().contains("topsecret"));
    Ok(())
}

/// A type, its values as parameters, and as they come back.
fn values() -> Vec<(&'static str, &'static str, Value, Value)> {
    let same = |ty, name, value: Value| (ty, name, value.clone(), value);
    vec![
        same("bool", "Boolean", json!({"boolean": true})),
        same("\"char\"", "Int8", json!({"int8": -7})),
        same("int2", "Int16", json!({"int16": -32768})),
        same("int4", "Int32", json!({"int32": 2147483647})),
        same("int8", "Int64", json!({"int64": -9223372036854775808i64})),
        same("float4", "Floating32", json!({"floating32": 1.5})),
        same("float8", "Floating64", json!({"floating64": -0.1})),
        same("text", "Str", json!({"str": "grüße"})),
        same("varchar", "Str", json!({"str": ""})),
        same("bytea", "Binary", json!({"binary": [0, 255]})),
        same("date", "Date", json!({"date": [1969, 12, 31]})),
        same("time", "Time", json!({"time": [23, 59, 59, 999999000]})),
        same(
            "timestamp",
            "Datetime",
            json!({"datetime": [2024, 2, 29, 1, 2, 3, 4000]}),
        ),
        same(
            "timestamptz",
            "Datetime",
            json!({"datetime": [1899, 1, 1, 0, 0, 0, 0]}),
        ),
        (
            "timestamptz",
            "Datetime",
            json!({"timestamp": 86_400}),
            json!({"datetime": [1970, 1, 2, 0, 0, 0, 0]}),
        ),
        same(
            "uuid",
            "Uuid",
            json!({"uuid": "0198c0de-0000-7000-8000-00000000000a"}),
        ),
        same("jsonb", "Jsonb", json!({"jsonb": {"a": [1, null, "x"]}})),
        same("numeric", "Decimal", json!({"decimal": "-12.340"})),
        same(
            "numeric",
            "Decimal",
            json!({"decimal": "123456789012345678901234567890.000000000000000000000000000001"}),
        ),
        same("numeric", "Decimal", json!({"decimal": "NaN"})),
        same("numeric", "Decimal", json!({"decimal": "0.00000005"})),
        same(
            "int4range",
            "RangeInt32",
            json!({"range-int32": [[1, "inclusive"], [5, "exclusive"]]}),
        ),
        (
            "int4range",
            "RangeInt32",
            json!({"range-int32": [[1, "exclusive"], [5, "inclusive"]]}),
            json!({"range-int32": [[2, "inclusive"], [6, "exclusive"]]}),
        ),
        same(
            "int8range",
            "RangeInt64",
            json!({"range-int64": [null, [7, "exclusive"]]}),
        ),
        // The empty range.
        same(
            "int8range",
            "RangeInt64",
            json!({"range-int64": [[0, "exclusive"], [0, "exclusive"]]}),
        ),
        same(
            "numrange",
            "RangeDecimal",
            json!({"range-decimal": [["0.5", "exclusive"], ["7", "inclusive"]]}),
        ),
        same("numrange", "RangeDecimal", json!({"range-decimal": [null, null]})),
        same("int4[]", "ArrayInt32", json!({"array-int32": [1, null, 3]})),
        same("int8[]", "ArrayInt64", json!({"array-int64": []})),
        same(
            "numeric[]",
            "ArrayDecimal",
            json!({"array-decimal": ["1.50", null]}),
        ),
        same("text[]", "ArrayStr", json!({"array-str": ["a,b", null, "\"}"]})),
        same("interval", "Interval", json!({"interval": [-1, 2, 3]})),
        same("inet", "other inet", json!(null)),
    ]
}

#[tokio::test]
async fn every_value_is_there_and_back() -> Result<()> {
    let postgres = Postgres::start()?;
    let server = server(&[postgres.host()]).await?;
    for (ty, name, parameter, expected) in values() {
        for call in ["query", "query-async"] {
            let order = json!({
                "call": call,
                "blocking": call == "query",
                "statement": format!("SELECT $1::{ty} AS v"),
                "parameters": [parameter],
            });
            let answer = ask(&server, "/postgres", &postgres.url(), order).await?;
            let told = format!("{call} {ty} {parameter}: {answer}");
            ensure!(
                answer["columns"] == json!([{"name": "v", "type": name}]),
                "{told}"
            );
            ensure!(answer["rows"] == json!([[expected]]), "{told}");
        }
        let null = json!({"statement": format!("SELECT $1::{ty} AS v"), "parameters": [null]});
        let answer = ask(&server, "/postgres", &postgres.url(), null).await?;
        ensure!(answer["rows"] == json!([[null]]), "{ty}: {answer}");
    }
    let answer = statement(&server, &postgres.url(), "SELECT '::1'::inet, 1 AS n").await?;
    ensure!(answer["rows"][0][0]["unsupported"].is_array(), "{answer}");
    // No rows have columns, too.
    let answer = statement(&server, &postgres.url(), "SELECT 1 AS n WHERE false").await?;
    ensure!(
        answer["columns"][0]["name"] == "n" && answer["rows"] == json!([]),
        "{answer}"
    );
    Ok(())
}

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
            now() = statement_timestamp(), (SELECT count(*) FROM pg_stat_activity WHERE usename IS NOT NULL AND backend_type = 'client backend')";
        let answer = statement(&server, &address, seen).await?;
        let row = &answer["rows"][0];
        let clean = json!([
            {"str": "\"$user\", public"}, {"boolean": true}, {"int64": 0}, {"int64": 0}, {"str": "1min"},
            {"boolean": true}, {"int64": 1}
        ]);
        ensure!(*row == clean, "after {left}: {answer}");
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
