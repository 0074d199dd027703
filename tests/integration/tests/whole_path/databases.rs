//! Redis and PostgreSQL from a sandbox, by real servers.

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Redis, Server, Setup};
use serde_json::{Value, json};

/// An application whose component reaches `hosts` and nothing else.
pub(crate) async fn server(hosts: &[String]) -> Result<Server> {
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
pub(crate) async fn ask(server: &Server, path: &str, address: &str, order: Value) -> Result<Value> {
    let mut order = order;
    order["address"] = json!(address);
    let (status, answer) = server.post(path, &order).await?;
    ensure!(status == 200, "{status}: {answer}; {}", server.stderr());
    Ok(answer)
}

pub(crate) async fn statement(server: &Server, address: &str, statement: &str) -> Result<Value> {
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
