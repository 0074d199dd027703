//! Tools as services: the shell `mcp-server` over each leaf, spoken to as any MCP client speaks.

use crate::expect::{alive, list, text};
use anyhow::{Context, Result, ensure};
use gyre_agent_wire::run_token::{self, RunToken};
use gyre_test_support::{Server, Setup, guests, gyre, repository, tools};
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const VERSION: &str = "2026-07-28";
const MARK: &str = "# --- tool-calculator";
/// What the host runs at once.
const SANDBOXES_MAX: usize = 256;
/// The double hangs for ten minutes; a machine that does much else may take a while to start so many sandboxes.
const LONG: Duration = Duration::from_secs(60);

/// The repository's application with its tools on public routes, and the double beside them.
fn with_public_tools() -> Result<Setup> {
    with_double("")
}

/// The same; these are the limits of the double.
fn with_double(limits: &str) -> Result<Setup> {
    let root = repository()?;
    let double = format!(
        "[[trigger.http]]\ncomponent = \"tool-double\"\nroute = \"/double/mcp\"\n\n\
         [component.tool-double]\nsource = \"{folder}/mcp_server.wasm\"\n\
         files = [{{ source = \"{root}/components/target/tools\", destination = \"/tools\" }}]\n\
         variables = {{ tool = \"tool-double\" }}\n\
         dependencies = {{ \"gyre:tool\" = {{ path = \"{folder}/tool_double.wasm\" }} }}\n\
         {limits}\n\n{MARK}",
        folder = guests()?.display(),
        root = root.display(),
    );
    let private = |tool: &str| format!("component = \"tool-{tool}\"\nroute = {{ private = true }}");
    let public = |tool: &str| format!("component = \"tool-{tool}\"\nroute = \"/{tool}/mcp\"");
    ensure!(
        tools()?.join("tool-double.json").is_file(),
        "tool-double is not frozen; hint: `cargo xtask test` does"
    );
    Setup::new()?
        .replace(&private("calculator"), &public("calculator"))?
        .replace(&private("clock"), &public("clock"))?
        .replace(MARK, &double)
}

/// A request as a client of 2026-07-28 sends it, before a test spoils it.
fn request(server: &Server, tool: &str, method: &str, params: Value) -> reqwest::RequestBuilder {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": VERSION,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let name = params["name"].as_str().unwrap_or_default().to_owned();
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    server
        .http()
        .post(server.url(&format!("/{tool}/mcp")))
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", VERSION)
        .header("mcp-method", method)
        .header("mcp-name", name)
        .json(&body)
}

async fn answer(request: reqwest::RequestBuilder) -> Result<(u16, Value)> {
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    let text = answer.text().await?;
    let value = serde_json::from_str(&text).with_context(|| format!("{status}: not JSON: {text}"))?;
    Ok((status, value))
}

async fn result(server: &Server, tool: &str, method: &str, params: Value) -> Result<Value> {
    let (status, answer) = answer(request(server, tool, method, params)).await?;
    ensure!(status == 200 && answer["id"] == 7, "{status}: {answer}");
    ensure!(answer["result"]["resultType"] == "complete", "{answer}");
    Ok(answer["result"].clone())
}

async fn call(server: &Server, tool: &str, name: &str, arguments: Value) -> Result<Value> {
    result(
        server,
        tool,
        "tools/call",
        json!({ "name": name, "arguments": arguments }),
    )
    .await
}

fn refused(status: u16, answer: &Value, expected: (u16, i64), said: &str) -> Result<()> {
    ensure!(
        (status, answer["error"]["code"].as_i64()) == (expected.0, Some(expected.1)),
        "{status}: {answer}"
    );
    ensure!(
        text(answer, "/error/message")?.contains(said),
        "nothing about `{said}`: {answer}"
    );
    Ok(())
}

fn now_ms() -> Result<u64> {
    Ok(u64::try_from(
        SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis(),
    )?)
}

fn run_token(deadline_ms: u64) -> String {
    let (tenant, run) = ("acme".to_owned(), "run-1".to_owned());
    RunToken {
        tenant,
        run,
        deadline_ms,
    }
    .encode_unsigned()
}

#[tokio::test]
async fn tools_are_discovered_listed_and_called() -> Result<()> {
    let server = with_public_tools()?.start().await?;
    let found = result(&server, "calculator", "server/discover", json!({})).await?;
    ensure!(found["supportedVersions"] == json!([VERSION]), "{found}");
    ensure!(found["serverInfo"]["name"] == "tool-calculator", "{found}");

    let found = result(&server, "clock", "tools/list", json!({})).await?;
    let names: Vec<&Value> = list(&found, "/tools")?.iter().map(|tool| &tool["name"]).collect();
    ensure!(names == ["now", "date_difference"], "{found}");
    ensure!(
        found["tools"][0]["annotations"]["readOnlyHint"] == true,
        "{found}"
    );
    ensure!(
        found["tools"][1]["annotations"]["openWorldHint"] == false,
        "{found}"
    );
    ensure!(
        found["ttlMs"].is_u64() && found["cacheScope"] == "public",
        "{found}"
    );

    let found = call(
        &server,
        "calculator",
        "calculate",
        json!({ "expression": "(0.1 + 0.2) * 10" }),
    )
    .await?;
    ensure!(
        found["isError"] == false && found["structuredContent"] == json!({ "value": 3, "exact": true }),
        "{found}"
    );
    ensure!(
        found["content"] == json!([{ "type": "text", "text": "3" }]),
        "{found}"
    );

    let before = now_ms()?;
    let found = call(&server, "clock", "now", json!({ "time_zone": "Asia/Tokyo" })).await?;
    let told = found["structuredContent"]["unix_ms"]
        .as_u64()
        .with_context(|| found.to_string())?;
    ensure!((before..=now_ms()?).contains(&told), "{before} {found}");
    ensure!(
        text(&found, "/structuredContent/local")?.ends_with("+09:00"),
        "{found}"
    );

    let deadline_ms = now_ms()? + 60_000;
    let echo = json!({ "name": "echo", "arguments": { "a": [1] } });
    let echoed =
        request(&server, "double", "tools/call", echo).header(run_token::HEADER, run_token(deadline_ms));
    let (_, found) = answer(echoed).await?;
    let expected =
        json!({ "arguments": { "a": [1] }, "tenant": "acme", "run": "run-1", "deadline_ms": deadline_ms });
    ensure!(found["result"]["structuredContent"] == expected, "{found}");
    Ok(())
}

#[tokio::test]
async fn what_a_tool_does_wrong_is_a_result_for_the_model() -> Result<()> {
    let server = with_public_tools()?.start().await?;
    for (tool, name, arguments, said) in [
        (
            "calculator",
            "calculate",
            json!({ "expression": "1 / 0" }),
            "division by zero; hint: ",
        ),
        (
            "calculator",
            "calculate",
            json!({ "expr": "1" }),
            "unknown field `expr`",
        ),
        ("calculator", "calculate", json!({}), "missing field `expression`"),
        (
            "clock",
            "now",
            json!({ "time_zone": "Mars/Olympus" }),
            "no time zone `Mars/Olympus`",
        ),
        ("double", "fail", json!({}), "told to fail"),
        ("double", "junk", json!({}), "junk: JSON that is not an object"),
        (
            "double",
            "broken",
            json!({}),
            "junk: its structured answer is not JSON",
        ),
        ("double", "big", json!({}), "65536 are the most"),
    ] {
        let found = call(&server, tool, name, arguments)
            .await
            .with_context(|| name.to_owned())?;
        ensure!(
            found["isError"] == true && found.get("structuredContent").is_none(),
            "{name}: {found}"
        );
        let told = text(&found, "/content/0/text")?;
        ensure!(told.contains(said) && told.len() < 1000, "{name}: {told}");
    }
    alive(&server).await
}

#[tokio::test]
async fn what_a_client_does_wrong_is_refused() -> Result<()> {
    let server = with_public_tools()?.start().await?;
    let list = || request(&server, "calculator", "tools/list", json!({}));
    let unknown = json!({ "name": "launch", "arguments": {} });
    let unknown = request(&server, "calculator", "tools/call", unknown);
    let large = json!({ "name": "calculate", "arguments": { "expression": "1".repeat(2 << 20) } });
    let url = server.url("/calculator/mcp");
    for (request, expected, said) in [
        (unknown, (400, -32602), "there is calculate"),
        (
            request(&server, "calculator", "tools/run", json!({})),
            (404, -32601),
            "no such method",
        ),
        (
            request(&server, "calculator", "tools/call", large),
            (413, -32600),
            "1048576 bytes",
        ),
        (
            list().header("origin", "https://evil.example"),
            (403, -32600),
            "`Origin`",
        ),
        (server.http().get(&url), (405, -32600), "POST"),
        (server.http().delete(&url), (405, -32600), "POST"),
        (
            server.http().post(&url).body("hello"),
            (415, -32600),
            "content-type",
        ),
        (list().body("{"), (400, -32700), "not JSON"),
    ] {
        let (status, found) = answer(request).await?;
        refused(status, &found, expected, said)?;
    }
    let allowed = server.http().get(&url).send().await?;
    ensure!(
        allowed.headers().get("allow").is_some_and(|it| it == "POST"),
        "{:?}",
        allowed.headers()
    );
    let notification = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled" });
    let notified = list().json(&notification).send().await?;
    ensure!(
        notified.status() == 202 && notified.bytes().await?.is_empty(),
        "an answer to a notification"
    );
    alive(&server).await
}

#[tokio::test]
async fn a_tool_that_is_not_the_frozen_one_is_not_called() -> Result<()> {
    let setup = with_public_tools()?;
    let folder = setup.folder().join("tools");
    std::fs::create_dir(&folder)?;
    let mounted = format!("{}/components/target/tools", repository()?.display());
    let mut frozen: Value = serde_json::from_slice(&std::fs::read(tools()?.join("tool-calculator.json"))?)?;
    frozen["tools"][0]["description"] = json!("Adds two numbers.");
    std::fs::write(folder.join("tool-calculator.json"), frozen.to_string())?;
    let server = setup
        .replace(&mounted, &folder.to_string_lossy())?
        .start()
        .await?;

    let told = result(&server, "calculator", "tools/list", json!({})).await?;
    ensure!(told["tools"][0]["description"] == "Adds two numbers.", "{told}");
    let params = json!({ "name": "calculate", "arguments": { "expression": "1" } });
    let (status, found) = answer(request(&server, "calculator", "tools/call", params)).await?;
    refused(status, &found, (500, -32603), "not what was frozen")?;
    refused(status, &found, (500, -32603), "hint: run `cargo xtask build`")?;
    let (status, found) = answer(request(&server, "clock", "tools/list", json!({}))).await?;
    refused(
        status,
        &found,
        (500, -32603),
        "no frozen file /tools/tool-clock.json",
    )
}

#[tokio::test]
async fn a_tool_that_hangs_ends_with_its_run_and_frees_its_sandbox() -> Result<()> {
    let server = with_public_tools()?.start().await?;
    let hang = || {
        request(
            &server,
            "double",
            "tools/call",
            json!({ "name": "hang", "arguments": {} }),
        )
    };
    let begun = Instant::now();
    // As many as there may be sandboxes: were one kept, the call after them would be refused.
    let deadline = run_token(now_ms()? + 2_000);
    let hanging =
        (0..SANDBOXES_MAX).map(|_| tokio::spawn(answer(hang().header(run_token::HEADER, &deadline))));
    for ended in hanging.collect::<Vec<_>>() {
        let (status, found) = ended.await??;
        ensure!(
            status == 200 && found["result"]["isError"] == true,
            "{status}: {found}"
        );
        ensure!(
            text(&found, "/result/content/0/text")?.contains("deadline of the run"),
            "{found}"
        );
    }
    ensure!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
    let found = call(&server, "double", "echo", json!({})).await?;
    ensure!(found["isError"] == false, "{found}");

    let past = hang().header(run_token::HEADER, run_token(1));
    let (_, found) = answer(past).await?;
    ensure!(found["result"]["isError"] == true, "{found}");
    alive(&server).await
}

#[tokio::test]
async fn a_tool_that_hangs_outside_of_a_run_ends_with_the_limit_of_its_component() -> Result<()> {
    let server = with_double("tool.gyre = { request_ms_max = 1000 }")?
        .start()
        .await?;
    let hang = json!({ "name": "hang", "arguments": {} });
    let (status, found) = answer(request(&server, "double", "tools/call", hang)).await?;
    ensure!(
        status == 504 && found["type"] == "urn:gyre:error:timeout",
        "{status}: {found}"
    );
    ensure!(text(&found, "/hint")?.contains("request_ms_max"), "{found}");
    alive(&server).await
}

#[tokio::test]
async fn the_command_line_describes_what_is_frozen() -> Result<()> {
    let folder = guests()?;
    let frozen: Value = serde_json::from_slice(&std::fs::read(tools()?.join("tool-clock.json"))?)?;
    let told = gyre(&folder, &["tool", "describe", "tool_clock.wasm", "--json"]).await?;
    ensure!(told.code == 0 && told.json()? == frozen, "{told:?}");
    let told = gyre(&folder, &["tool", "describe", "tool_clock.wasm"]).await?;
    ensure!(
        told.stdout.contains("date_difference  pure    from, to"),
        "{told:?}"
    );
    let told = gyre(&folder, &["tool", "describe", "model.wasm"]).await?;
    ensure!(
        told.code == 64 && told.stderr.contains("hint: a tool exports"),
        "{told:?}"
    );
    Ok(())
}
