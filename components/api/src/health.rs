//! Whether all is well: what each check found, and the whole of it.

use std::collections::BTreeMap;

use serde::Serialize;

/// Whether something is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is.
    Ok,
    /// It is not, and the rest works on.
    Degraded,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Whether it is as it should be.
    pub status: Status,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The cure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The answer of `GET /health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The worst of the checks.
    pub status: Status,
    /// By name.
    pub checks: BTreeMap<&'static str, Check>,
}

impl Check {
    /// All is well.
    #[must_use]
    pub fn ok() -> Self {
        Self {
            status: Status::Ok,
            reason: None,
            hint: None,
        }
    }

    /// Something is wrong.
    pub fn degraded(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            status: Status::Degraded,
            reason: Some(reason.into()),
            hint: Some(hint.into()),
        }
    }
}

impl Health {
    /// The whole, from its parts.
    #[must_use]
    pub fn of(checks: BTreeMap<&'static str, Check>) -> Self {
        let status = checks.values().map(|c| c.status).max().unwrap_or(Status::Ok);
        Self { status, checks }
    }
}

/// Whether models of both kinds are there, from the abilities of those listed.
#[must_use]
pub fn models(listed: &[Vec<String>]) -> BTreeMap<&'static str, Check> {
    let has = |ability: &str| {
        listed
            .iter()
            .any(|abilities| abilities.iter().any(|a| a == ability))
    };
    let chat = if has("chat") {
        Check::ok()
    } else {
        Check::degraded(
            "no chat model is there",
            "see the log of `gyre up`; model-extractive should always be there",
        )
    };
    let embedding = if has("embedding") {
        Check::ok()
    } else {
        Check::degraded(
            "no embedding model is there, so documents are found by their words only (BM25)",
            "`gyre doctor` says what is missing; `cargo xtask up` fetches the default model; then ingest again",
        )
    };
    BTreeMap::from([("chat_model", chat), ("embedding_model", embedding)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_as_its_worst_part() {
        let good = Health::of(models(&[vec!["chat".into()], vec!["embedding".into()]]));
        assert_eq!(good.status, Status::Ok);
        let bad = Health::of(models(&[vec!["chat".into()]]));
        assert_eq!(bad.status, Status::Degraded);
        let json = serde_json::to_value(&bad).expect("JSON");
        assert_eq!(json["checks"]["chat_model"], serde_json::json!({"status": "ok"}));
        assert!(json["checks"]["embedding_model"]["hint"].is_string());
    }
}
