//! Asking the neighbours how they are.

use std::collections::BTreeMap;

use gyre_chain::CallContext;
use gyre_chain::send::Call;
use gyre_chat_wire::parse_models;

use crate::health::{Check, Health, models};

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

pub(crate) async fn probe(context: &CallContext) -> Health {
    let (mut checks, retrieval, runs, memory) = futures::join!(
        router(context),
        answers("retrieval", "/documents", context),
        answers("runs", "/runs?limit=1", context),
        answers("memory", "/sessions?limit=1", context),
    );
    checks.extend([("retrieval", retrieval), ("runs", runs), ("memory", memory)]);
    Health::of(checks)
}

async fn answers(service: &str, path: &str, context: &CallContext) -> Check {
    match Call::get(service, path).fetch(context, ANSWER_BYTES_MAX).await {
        Ok((200, _)) => Check::ok(),
        Ok((status, _)) => no_service(&format!("{service} answered with status {status}")),
        Err(error) => no_service(&error.to_string()),
    }
}

async fn router(context: &CallContext) -> BTreeMap<&'static str, Check> {
    let failed = |reason: &str| BTreeMap::from([("router", no_service(reason))]);
    match Call::get("router", "/v1/models")
        .fetch(context, ANSWER_BYTES_MAX)
        .await
    {
        Ok((200, body)) => match parse_models(&body) {
            Ok(listed) => {
                let abilities: Vec<_> = listed.into_iter().map(|m| m.abilities).collect();
                let mut checks = models(&abilities);
                checks.insert("router", Check::ok());
                checks
            }
            Err(error) => failed(&error.to_string()),
        },
        Ok((status, _)) => failed(&format!("router answered with status {status}")),
        Err(error) => failed(&error.to_string()),
    }
}

fn no_service(reason: &str) -> Check {
    Check::degraded(reason, "see the log of `gyre up`, and run `gyre doctor`")
}
