//! The Redis trigger, by a real server: messages in, what became of them in a list of the same server.

use crate::expect::refused;
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Redis, Server, Setup, gyre, repository};
use serde_json::{Value, json};
use std::time::Duration;

const WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

fn manifest(redis: &str) -> String {
    format!(
        r#"spin_manifest_version = 2
[application]
name = "channels"
[application.trigger.redis]
address = "{{{{ server }}}}"
[variables]
server = {{ default = "{redis}" }}
[[trigger.redis]]
channel = "orders"
component = "first"
[[trigger.redis]]
channel = "orders"
component = "second"
address = "{redis}"
[[trigger.http]]
route = "/..."
component = "databases"
[component.first]
source = "{{guests}}/fixture_channel.wasm"
allowed_outbound_hosts = ["{redis}"]
environment = {{ REDIS_URL = "{redis}", NAME = "first" }}
[component.second]
source = "{{guests}}/fixture_channel.wasm"
allowed_outbound_hosts = ["{redis}"]
environment = {{ REDIS_URL = "{redis}", NAME = "second" }}
[component.second.tool.gyre]
request_bytes_max = 10
[component.databases]
source = "{{guests}}/fixture_databases.wasm"
allowed_outbound_hosts = ["{redis}"]
"#
    )
}

async fn execute(server: &Server, redis: &Redis, command: &str, arguments: Value) -> Result<Value> {
    let order =
        json!({"address": redis.url(), "call": "execute", "command": command, "arguments": arguments});
    let (status, answer) = server.post("/redis", &order).await?;
    ensure!(
        status == 200 && answer.get("error").is_none(),
        "{status}: {answer}"
    );
    Ok(answer["value"].clone())
}

async fn publish(server: &Server, redis: &Redis, message: &str) -> Result<()> {
    let reached = execute(server, redis, "PUBLISH", json!(["orders", message])).await?;
    ensure!(reached == json!([1]), "{reached} are subscribed");
    Ok(())
}

/// The list of a component, once it ends with `last`.
async fn kept(server: &Server, redis: &Redis, name: &str, last: &str) -> Result<Vec<String>> {
    let looking = async {
        loop {
            let list = execute(server, redis, "LRANGE", json!([name, 0, -1])).await?;
            let lines = list.as_array().context("no list")?.iter();
            let lines: Vec<String> = lines
                .filter_map(|line| {
                    line.as_str()?
                        .strip_prefix("fixture channel: ")
                        .map(str::to_owned)
                })
                .collect();
            if lines.last().is_some_and(|line| line == last) {
                return Ok(lines);
            }
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(WAIT, looking)
        .await
        .with_context(|| format!("`{last}` was not kept: {}", server.stderr()))?
}

async fn subscribed(redis: &Redis) -> Result<Server> {
    let server = Setup::app(&manifest(&redis.url()))?.start().await?;
    ensure!(server.logs("subscribed").await, "{}", server.stderr());
    let said = format!("first gets the messages of channel orders on {}", redis.url());
    ensure!(server.logs(&said).await, "{}", server.stderr());
    Ok(server)
}

#[tokio::test]
async fn messages_reach_each_component_in_order() -> Result<()> {
    let redis = Redis::start()?;
    let server = subscribed(&redis).await?;
    let messages: Vec<String> = (0..30).map(|number| format!("m{number}")).collect();
    for message in &messages {
        publish(&server, &redis, message).await?;
    }
    for name in ["first", "second"] {
        let lines = kept(&server, &redis, name, "m29").await?;
        ensure!(lines == messages, "{name}: {lines:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_message_that_fails_stops_nothing_and_tells_nothing() -> Result<()> {
    let redis = Redis::start()?;
    let server = subscribed(&redis).await?;
    for message in ["fail", "trap", "more than ten bytes", "after"] {
        publish(&server, &redis, message).await?;
    }
    let lines = kept(&server, &redis, "first", "after").await?;
    ensure!(lines == ["more than ten bytes", "after"], "{lines:?}");
    let lines = kept(&server, &redis, "second", "after").await?;
    ensure!(lines == ["after"], "{lines:?}");
    for said in [
        "component `first` refused a message with the error `other`",
        "component `first` failed",
        "component `second` takes requests of 10 bytes at most",
    ] {
        ensure!(server.logs(said).await, "{said}: {}", server.stderr());
    }
    // What the guest itself wrote to its stderr is its own; the host adds nothing to it.
    let host_lines = server.stderr();
    let repeated = host_lines
        .lines()
        .filter(|line| line.contains("a secret of the guest"));
    ensure!(
        repeated.clone().all(|line| !line.contains("ERROR")),
        "{host_lines}"
    );
    Ok(())
}

#[tokio::test]
async fn a_connection_that_is_lost_is_made_again() -> Result<()> {
    let redis = Redis::start()?;
    let server = subscribed(&redis).await?;
    execute(&server, &redis, "CLIENT", json!(["KILL", "TYPE", "pubsub"])).await?;
    ensure!(
        server.logs("the connection to Redis is lost").await,
        "{}",
        server.stderr()
    );
    let again = async {
        while server.stderr().matches("subscribed").count() < 2 {
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(WAIT, again)
        .await
        .context("not subscribed again")?;
    publish(&server, &redis, "again").await?;
    let lines = kept(&server, &redis, "first", "again").await?;
    ensure!(lines == ["again"], "{lines:?}");
    Ok(())
}

#[tokio::test]
async fn messages_under_way_are_handled_before_the_end() -> Result<()> {
    let redis = Redis::start()?;
    let server = subscribed(&redis).await?;
    publish(&server, &redis, "wait 1500").await?;
    publish(&server, &redis, "behind").await?;
    // It has begun, and ends after the signal.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let stopped = std::process::Command::new("kill")
        .args(["-TERM", &server.pid().to_string()])
        .status();
    ensure!(stopped.context("cannot stop it")?.success());
    ensure!(server.logs("gyre: stopped").await, "{}", server.stderr());
    let other = Setup::app(&manifest(&redis.url()))?.start().await?;
    let lines = kept(&other, &redis, "first", "behind").await?;
    ensure!(lines == ["wait 1500", "behind"], "{lines:?}");
    Ok(())
}

#[tokio::test]
async fn what_cannot_get_messages_is_refused_at_start() -> Result<()> {
    let app = manifest("redis://127.0.0.1:1");
    let cases = [
        (
            "fixture_channel.wasm",
            "fixture_echo.wasm",
            "spin:redis/inbound-redis@3.0.0",
        ),
        (
            "fixture_databases.wasm",
            "fixture_channel.wasm",
            "wasi:http/handler@0.3.0",
        ),
        (
            "default = \"redis://",
            "default = \"http://:topsecret@",
            "trigger.redis[0].address",
        ),
    ];
    for (part, by, said) in cases {
        let setup = Setup::app(&app.replace(part, by))?;
        let arguments = setup.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let finished = gyre(&repository()?, &arguments).await?;
        refused(&finished, 64, said)?;
        ensure!(!format!("{finished:?}").contains("topsecret"), "{finished:?}");
    }
    Ok(())
}

#[tokio::test]
async fn interfaces_that_are_not_here_are_refused_by_name() -> Result<()> {
    for (import, said) in [
        ("spin:mysql/mysql@3.0.0", "no MySQL"),
        ("fermyon:spin/mysql@2.0.0", "no MySQL"),
        ("spin:mqtt/mqtt@3.0.0", "no MQTT"),
    ] {
        let setup = Setup::app(&manifest("redis://127.0.0.1:1"))?;
        let guest = setup.folder().join("guest.wasm");
        let text = format!("(component (import \"{import}\" (instance)))");
        std::fs::write(&guest, wat::parse_str(&text)?).context("cannot write the guest")?;
        let source = std::fs::read_to_string(setup.manifest())?;
        let from = source
            .lines()
            .find(|line| line.contains("fixture_databases.wasm"));
        let by = format!("source = {:?}", guest.display().to_string());
        let setup = setup.replace(from.context("no source")?, &by)?;
        let arguments = setup.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let finished = gyre(&repository()?, &arguments).await?;
        refused(&finished, 64, import)?;
        refused(&finished, 64, said)?;
    }
    Ok(())
}
