//! What a component can reach: what it was granted, and nothing else, in no spelling.

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const APP: &str = r#"
spin_manifest_version = 2
[application]
name = "egress-test"

[variables]
nothing = { default = "" }

[[trigger.http]]
route = "/03/..."
component = "egress"

[[trigger.http]]
route = "/02/..."
component = "proxy"

[[trigger.http]]
route = "/seen"
component = "proxy"

[[trigger.http]]
route = "/fixed"
static_response = { body = "a fixed answer" }

[component.egress]
source = "{guests}/fixture_egress.wasm"
allowed_outbound_hosts = [GRANTS]

[component.proxy]
source = "{guests}/fixture_http02.wasm"
allowed_outbound_hosts = [GRANTS]
"#;

async fn start(grants: &str) -> Result<Server> {
    Setup::app(&APP.replace("GRANTS", grants))?.start().await
}

/// What a guest says on `path` with an address to reach.
async fn told(server: &Server, path: &str, header: &str, address: &str) -> Result<Value> {
    let request = server.http().get(server.url(path)).header(header, address);
    Ok(request.send().await?.json().await?)
}

async fn fetch(server: &Server, url: &str) -> Result<Value> {
    told(server, "/03/fetch", "x-url", url).await
}

/// A server that counts who comes, and points elsewhere when it is asked to.
struct Upstream {
    port: u16,
    asked: Arc<AtomicUsize>,
}

impl Upstream {
    async fn start(location: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (port, asked) = (listener.local_addr()?.port(), Arc::new(AtomicUsize::new(0)));
        let (count, location) = (Arc::clone(&asked), location.to_owned());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut head = vec![0; 4096];
                let read = stream.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..read]).into_owned();
                let answer = if head.starts_with("GET /elsewhere ") {
                    format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
                } else {
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{head}", head.len())
                };
                // Who has hung up needs no answer.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Ok(Self { port, asked })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn one_port_of_one_host_is_all_that_is_reached() -> Result<()> {
    let other = Upstream::start("/").await?;
    let upstream = Upstream::start(&format!("http://127.0.0.1:{}/", other.port)).await?;
    let (port, closed) = (upstream.port, other.port);
    let server = start(&format!(
        "\"http://localhost:{port}\", \"http://{{{{ nothing }}}}\""
    ))
    .await?;
    for url in [
        format!("http://localhost:{port}/x?q=1"),
        format!("http://LOCALHOST:{port}/x?q=1"),
    ] {
        let answer = fetch(&server, &url).await?;
        let head = answer["body"].as_str().context("no body")?;
        ensure!(
            answer["status"] == 200 && head.starts_with("GET /x?q=1 HTTP/1.1"),
            "{url}: {answer}"
        );
        let host = format!("host: localhost:{port}");
        ensure!(head.to_ascii_lowercase().contains(&host), "{url}: {answer}");
    }
    let reached = upstream.asked();
    for url in [
        format!("http://localhost:{closed}/"),
        format!("https://localhost:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("http://127.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://localhost:{port}@127.0.0.1:{closed}/"),
        format!("http://sub.localhost:{port}/"),
        "http://localhost/".to_owned(),
        "http://self.alt/fixed".to_owned(),
    ] {
        let answer = fetch(&server, &url).await?;
        ensure!(answer["error"].is_string(), "{url}: {answer}");
    }
    ensure!(
        upstream.asked() == reached && other.asked() == 0,
        "somebody was reached"
    );
    // A redirect is an answer, which nobody follows.
    let answer = fetch(&server, &format!("http://localhost:{port}/elsewhere")).await?;
    ensure!(answer["status"] == 302 && other.asked() == 0, "{answer}");
    Ok(())
}

#[tokio::test]
async fn networks_are_granted_as_networks_and_metadata_services_by_their_address_only() -> Result<()> {
    let upstream = Upstream::start("/").await?;
    let port = upstream.port;
    let server = start("\"http://127.0.0.0/8:*\"").await?;
    let answer = fetch(&server, &format!("http://127.0.0.1:{port}/")).await?;
    ensure!(answer["status"] == 200, "{answer}");
    let answer = fetch(&server, &format!("http://localhost:{port}/")).await?;
    ensure!(answer["error"].is_string(), "{answer}");
    drop(server);
    let server = start("\"*://*:*\"").await?;
    let answer = fetch(&server, &format!("http://localhost:{port}/")).await?;
    ensure!(answer["status"] == 200, "{answer}");
    for url in [
        "http://169.254.169.254/latest/",
        "http://[::ffff:169.254.169.254]/",
        "http://2852039166/",
    ] {
        let answer = fetch(&server, url).await?;
        let error = answer["error"].as_str().context("reached")?;
        ensure!(error.contains("DestinationIpProhibited"), "{url}: {answer}");
    }
    ensure!(
        server.logs("outbound connection denied").await,
        "{}",
        server.stderr()
    );
    Ok(())
}

#[tokio::test]
async fn an_application_calls_its_own_routes_where_it_is_granted_self() -> Result<()> {
    let server = start("\"http://self\"").await?;
    let answer = fetch(&server, "http://self.alt/fixed").await?;
    ensure!(
        answer["status"] == 200 && answer["body"] == "a fixed answer",
        "{answer}"
    );
    let answer = fetch(&server, "http://self.alt/seen?q=1").await?;
    let seen = &answer["json"];
    let url = server.url("/seen?q=1");
    ensure!(seen["headers"]["spin-full-url"] == url.as_str(), "{seen}");
    let answer = fetch(&server, "http://proxy.spin.internal/").await?;
    ensure!(answer["error"].is_string(), "{answer}");
    Ok(())
}

#[tokio::test]
async fn sockets_reach_what_is_granted_for_tcp_and_never_listen() -> Result<()> {
    let (upstream, other) = (Upstream::start("/").await?, Upstream::start("/").await?);
    let granted = format!("127.0.0.1:{}", upstream.port);
    let closed = format!("127.0.0.1:{}", other.port);
    let server = start(&format!("\"tcp://{granted}\", \"http://{closed}\"")).await?;
    for (wasi, fixture) in [("02", "http02"), ("03", "egress")] {
        for (address, expected) in [(&granted, true), (&closed, false)] {
            let answer = told(&server, &format!("/{wasi}/tcp"), "x-address", address).await?;
            ensure!(
                answer["fixture"] == fixture && answer["connected"] == expected,
                "{address}: {answer}"
            );
        }
    }
    for address in ["127.0.0.1:0", "0.0.0.0:0"] {
        let answer = told(&server, "/03/listen", "x-address", address).await?;
        ensure!(answer["listening"] == false, "{address}: {answer}");
    }
    for (path, name) in [("/02/lookup", "localhost:80"), ("/03/lookup", "localhost")] {
        let answer = told(&server, path, "x-address", name).await?;
        ensure!(!answer["addresses"].is_null(), "{path}: {answer}");
    }
    drop(server);
    // A grant for HTTP opens no socket and answers no name.
    let server = start(&format!("\"http://{granted}\"")).await?;
    for path in ["/02/tcp", "/03/tcp"] {
        let answer = told(&server, path, "x-address", &granted).await?;
        ensure!(answer["error"].is_string(), "{path}: {answer}");
    }
    for (path, name) in [("/02/lookup", "localhost:80"), ("/03/lookup", "localhost")] {
        let answer = told(&server, path, "x-address", name).await?;
        ensure!(answer["addresses"].is_null(), "{path}: {answer}");
    }
    Ok(())
}
