//! What a component is told of a request, what the host answers by itself, and how connections are kept.

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "http-test"
version = "1.2.3"

[[trigger.http]]
route = "/a/..."
component = "echo"

[[trigger.http]]
route = "/u/:user_id/x"
component = "echo"

[[trigger.http]]
route = "/reach/..."
component = "egress"

[[trigger.http]]
route = "/..."
static_response = { status_code = 404, headers = { "content-type" = "text/plain", "x-fixed" = "yes" }, body = "nothing here" }

[[trigger.http]]
route = { private = true }
component = "hidden"

[component.echo]
source = "{guests}/fixture_echo.wasm"

[component.hidden]
source = "{guests}/fixture_echo.wasm"

[component.egress]
source = "{guests}/fixture_egress.wasm"
"#;

async fn start() -> Result<Server> {
    Setup::app(APP)?.start().await
}

fn header<'a>(seen: &'a Value, name: &str) -> &'a str {
    seen["headers"][name].as_str().unwrap_or("(absent)")
}

#[tokio::test]
async fn a_component_is_told_how_it_was_reached_and_a_client_cannot_lie_about_it() -> Result<()> {
    let server = start().await?;
    let request = server
        .http()
        .get(server.url("/u/42/x?q=1"))
        .header("spin-client-addr", "6.6.6.6:6")
        .header("spin-path-match-admin", "yes")
        .header("x-own", "kept");
    let seen: Value = request.send().await?.json().await?;
    let origin = server.url("");
    for (name, expected) in [
        ("spin-path-info", ""),
        ("spin-full-url", format!("{origin}/u/42/x?q=1").as_str()),
        ("spin-matched-route", "/u/:user_id/x"),
        ("spin-base-path", "/"),
        ("spin-raw-component-route", "/u/:user_id/x"),
        ("spin-component-route", "/u/:user_id/x"),
        ("spin-path-match-user-id", "42"),
        ("spin-path-match-admin", "(absent)"),
        ("x-own", "kept"),
    ] {
        ensure!(header(&seen, name) == expected, "{name}: {seen}");
    }
    ensure!(
        header(&seen, "spin-client-addr").starts_with("127.0.0.1:"),
        "{seen}"
    );

    let (_, seen) = server.get("/a/b/c/").await?;
    for (name, expected) in [
        ("spin-path-info", "/b/c/"),
        ("spin-matched-route", "/a/..."),
        ("spin-component-route", "/a"),
    ] {
        ensure!(header(&seen, name) == expected, "{name}: {seen}");
    }
    Ok(())
}

#[tokio::test]
async fn the_host_answers_for_itself() -> Result<()> {
    let server = start().await?;
    let get = |path: &str| server.http().get(server.url(path)).send();
    let health = get("/.well-known/spin/health").await?;
    ensure!(
        health.status() == 200 && health.text().await? == "OK",
        "not healthy"
    );
    let (status, info) = server.get("/.well-known/spin/info").await?;
    ensure!(status == 200 && info["name"] == "http-test", "{info}");
    let other = get("/.well-known/spin/other").await?;
    ensure!(
        other.status() == 404 && !other.headers().contains_key("x-fixed"),
        "{other:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_fixed_answer_needs_no_component() -> Result<()> {
    let server = start().await?;
    for method in ["GET", "POST", "HEAD"] {
        let answer = server
            .http()
            .request(method.parse()?, server.url("/elsewhere"))
            .send()
            .await?;
        ensure!(answer.status() == 404, "{method}: {}", answer.status());
        let headers = answer.headers().clone();
        ensure!(
            headers["content-type"] == "text/plain" && headers["x-fixed"] == "yes",
            "{headers:?}"
        );
        ensure!(headers["content-length"] == "12", "{method}: {headers:?}");
        let expected = if method == "HEAD" { "" } else { "nothing here" };
        ensure!(answer.text().await? == expected, "{method}");
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_work_is_refused_at_start_by_name() -> Result<()> {
    for (part, by, expected) in [
        (
            "\"x-fixed\" = \"yes\"",
            "\"x fixed\" = \"yes\"",
            "`x fixed` is no name",
        ),
        (
            "\"x-fixed\" = \"yes\"",
            "\"content-length\" = \"1\"",
            "the server's to set",
        ),
        (
            "fixture_egress.wasm",
            "inference_double.wasm",
            "component.egress: it exports gyre:inference/",
        ),
        (
            "fixture_egress.wasm\"",
            "fixture_egress.wasm\"\nallowed_outbound_hosts = [\"http://{a,b}\"]",
            "has a list of hosts",
        ),
        (
            "fixture_egress.wasm\"",
            "fixture_egress.wasm\"\nallowed_outbound_hosts = [\"insecure:allow-all\"]",
            "`insecure:allow-all`: is no longer a grant",
        ),
    ] {
        let Err(refused) = Setup::app(APP)?.replace(part, by)?.start().await else {
            anyhow::bail!("it started with {by}");
        };
        let told = format!("{refused:#}");
        ensure!(told.contains(expected) && told.contains("hint:"), "{by}: {told}");
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_is_kept_and_a_request_without_one_host_is_refused() -> Result<()> {
    let server = start().await?;
    let mut connection = TcpStream::connect(server.address()).await?;
    for _ in 0..3 {
        let answer = ask(
            &mut connection,
            "GET /.well-known/spin/health HTTP/1.1\r\nhost: a\r\n\r\n",
        )
        .await?;
        ensure!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("OK"),
            "{answer}"
        );
    }
    for head in [
        "GET http://b/ HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a b\r\n\r\n",
    ] {
        let mut connection = TcpStream::connect(server.address()).await?;
        let answer = ask(&mut connection, head).await?;
        ensure!(answer.starts_with("HTTP/1.1 400"), "{head}: {answer}");
    }
    Ok(())
}

/// Sends a head and reads one small answer.
async fn ask(connection: &mut TcpStream, head: &str) -> Result<String> {
    connection.write_all(head.as_bytes()).await?;
    let mut bytes = vec![0; 4096];
    let count = connection.read(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes[..count]).into_owned())
}

#[tokio::test]
async fn http_2_is_spoken_to_who_begins_with_it() -> Result<()> {
    let server = start().await?;
    let mut connection = TcpStream::connect(server.address()).await?;
    let path = "/.well-known/spin/health";
    // :method GET, :scheme http, :path, :authority
    let mut fields = vec![0x82, 0x86, 0x04, u8::try_from(path.len())?];
    fields.extend(path.bytes());
    fields.extend([0x01, 1, b'a']);
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    bytes.extend([0, 0, u8::try_from(fields.len())?, 1, 0x5, 0, 0, 0, 1]);
    bytes.extend(fields);
    // In two parts, cut in the preface: it is waited for.
    connection.write_all(&bytes[..10]).await?;
    connection.flush().await?;
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    connection.write_all(&bytes[10..]).await?;
    loop {
        let mut head = [0; 9];
        connection
            .read_exact(&mut head)
            .await
            .context("no answer in HTTP/2")?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        connection.read_exact(&mut payload).await?;
        if head[3] == 0 {
            ensure!(payload == b"OK", "{payload:?}");
            return Ok(());
        }
        ensure!(
            head[3] != 3 && head[3] != 7,
            "reset or gone: {head:?} {payload:?}"
        );
    }
}
