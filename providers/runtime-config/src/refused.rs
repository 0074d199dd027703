//! Keys that Spin reads and this host does not honour, each with the reason.

use gyre_manifest::{Problem, Section};

const REFUSED: [(&str, &str, &str); 8] = [
    (
        "log_dir",
        "what components write goes to the log of this host, not into files",
        "remove it, and keep what gyre writes to stderr",
    ),
    (
        "client_tls",
        "outgoing requests have no client certificates and no root certificates of their own",
        "remove it",
    ),
    ("outbound_networking", LIMITS, LIMITS_HINT),
    ("outbound_http", LIMITS, LIMITS_HINT),
    ("outbound_redis", LIMITS, LIMITS_HINT),
    ("outbound_pg", LIMITS, LIMITS_HINT),
    ("outbound_mysql", "there is no MySQL client here", "remove it"),
    ("outbound_mqtt", "there is no MQTT client here", "remove it"),
];

const LIMITS: &str = "limits of this host belong to one component";
const LIMITS_HINT: &str = "remove it, and set the limits in [component.<id>.tool.gyre]";

/// Refuses the first such key.
pub(crate) fn check(root: &Section) -> Result<(), Problem> {
    match REFUSED.iter().find(|(name, _, _)| root.has(name)) {
        None => Ok(()),
        Some((name, why, hint)) => Err(Problem::new(*name, format!("not supported: {why}"), *hint)),
    }
}
