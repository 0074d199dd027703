//! A stream that was handed on: the sandbox that did it is gone, and its limits hold all the same.

use super::socket::Socket;
use anyhow::{Context, Result, ensure};
use gyre_test_support::Setup;
use std::time::{Duration, Instant};

/// Much less than a neighbour without limits of its own would take.
const CUT_WAIT: Duration = Duration::from_secs(15);

fn app(router: &str, model: &str) -> Result<Setup> {
    Setup::app(&format!(
        r#"
spin_manifest_version = 2
[application]
name = "relay"

[[trigger.http]]
route = "/..."
component = "router"
[component.router]
source = "{{guests}}/router.wasm"
variables = {{ backends = "model-double" }}
allowed_outbound_hosts = ["http://model-double.spin.internal"]
[component.router.tool.gyre]
{router}

[[trigger.http]]
route = {{ private = true }}
component = "model-double"
[component.model-double]
source = "{{guests}}/model.wasm"
[component.model-double.tool.gyre]
{model}
[component.model-double.dependencies]
"gyre:inference" = {{ path = "{{guests}}/inference_double.wasm" }}
"#
    ))
}

fn ask(order: &str) -> String {
    let body = format!(
        r#"{{"model":"double","stream":true,"messages":[{{"role":"user","content":"double: {order}"}}]}}"#
    );
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_stream_that_was_handed_on_is_whole_or_cut() -> Result<()> {
    for (case, order, router, model, logged) in [
        ("whole", "3 tokens 300 ms", "", "", None),
        (
            "the time of who handed it on",
            "hang",
            "request_ms_max = 1500",
            "",
            Some("`router` did not finish within 1500 ms"),
        ),
        (
            "the bytes of who handed it on",
            "500 tokens 5 ms",
            "response_bytes_max = 2000",
            "",
            Some("`router` answered with more than 2000 bytes"),
        ),
        (
            "a failure of who makes it",
            "hang",
            "",
            "request_ms_max = 1500",
            Some("`model-double` did not finish within 1500 ms"),
        ),
    ] {
        let server = app(router, model)?.start().await?;
        let began = Instant::now();
        let heard = Socket::ask(&server, &ask(order)).await?.heard().await?;
        let text = heard.text();
        ensure!(
            heard.status() == Some(200) && text.contains("double"),
            "{case}: {text}"
        );
        ensure!(heard.is_whole() == logged.is_none(), "{case}: {text}");
        ensure!(
            began.elapsed() < CUT_WAIT,
            "{case}: it took {:?}",
            began.elapsed()
        );
        if let Some(logged) = logged {
            ensure!(server.logs(logged).await, "{case}: {}", server.stderr());
        } else {
            ensure!(text.contains("token-3"), "{case}: {text}");
        }
        server
            .get("/v1/models")
            .await
            .with_context(|| format!("after {case}"))?;
    }
    Ok(())
}
