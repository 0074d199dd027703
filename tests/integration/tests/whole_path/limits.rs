//! What holds a sandbox, a client and the server in their bounds.

mod calls;
mod clients;
mod cut;
mod flood;
mod harm;
mod relay;
mod reuse;
mod socket;
mod spin;
mod stop;

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::Value;
use std::time::Duration;

/// Longer than any limit of these applications, so that a sandbox that stays is a leak and no delay.
const GONE_WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// An application of the fixture `hostile`, once under the limits given and once, as `quiet`, without any.
fn app(limits: &str) -> Result<Setup> {
    Setup::app(&format!(
        r#"
spin_manifest_version = 2
[application]
name = "limits"
version = "1.0.0"

[[trigger.http]]
route = "/hostile/..."
component = "hostile"
[component.hostile]
source = "{{guests}}/fixture_hostile.wasm"
allowed_outbound_hosts = ["http://quiet.spin.internal", "http://circle.spin.internal"]
[component.hostile.tool.gyre]
{limits}

[[trigger.http]]
route = "/circle/..."
component = "circle"
[component.circle]
source = "{{guests}}/fixture_hostile.wasm"
allowed_outbound_hosts = ["http://circle.spin.internal"]
[component.circle.tool.gyre]
hops_max = 3

[[trigger.http]]
route = "/quiet/..."
component = "quiet"
[component.quiet]
source = "{{guests}}/fixture_hostile.wasm"
"#
    ))
}

/// A component that answers one call at a time answers again: the sandbox before is gone, whatever became of it.
async fn is_free(server: &Server) -> Result<()> {
    let answered = async {
        loop {
            let (status, answer) = server.get("/hostile/ok").await?;
            match status {
                200 => return anyhow::Ok(()),
                429 => tokio::time::sleep(POLL).await,
                _ => anyhow::bail!("{status}: {answer}"),
            }
        }
    };
    let freed = tokio::time::timeout(GONE_WAIT, answered).await;
    freed.with_context(|| format!("a sandbox leaks; stderr:\n{}", server.stderr()))??;
    quiet_answers(server).await
}

/// Nobody else is disturbed.
async fn quiet_answers(server: &Server) -> Result<()> {
    let (status, answer) = server.get("/quiet/ok").await?;
    ensure!(
        status == 200 && answer["fixture"] == "hostile",
        "{status}: {answer}"
    );
    Ok(())
}

/// A failure that the host itself reports: of this kind, with an id that the log has too.
async fn failure(server: &Server, answer: &Value, status: u16, kind: &str) -> Result<()> {
    ensure!(answer["status"] == status, "not {status}: {answer}");
    ensure!(
        answer["type"] == format!("urn:gyre:error:{kind}"),
        "not {kind}: {answer}"
    );
    for member in ["title", "detail", "hint"] {
        let text = answer[member].as_str();
        ensure!(text.is_some_and(|text| !text.is_empty()), "no {member}: {answer}");
    }
    let id = answer["error_id"].as_str().context("no id")?;
    ensure!(server.logs(id).await, "the log has no {id}:\n{}", server.stderr());
    Ok(())
}
