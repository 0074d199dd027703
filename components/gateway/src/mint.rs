//! Making run tokens. Unsigned: on loopback everyone who can see a token could make one.

use gyre_agent_wire::RunToken;

use crate::bounds::REQUEST_TIME_MAX_MS;

/// On whose behalf runs on loopback are.
const LOCAL_TENANT: &str = "local";

/// A token for a run that begins now.
#[must_use]
pub fn mint(now_ms: u64, random: [u8; 10]) -> RunToken {
    let run = uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid();
    RunToken {
        tenant: LOCAL_TENANT.to_owned(),
        run: run.hyphenated().to_string(),
        deadline_ms: now_ms.saturating_add(REQUEST_TIME_MAX_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_sort_by_time() {
        let (early, late) = (mint(1_000, [255; 10]), mint(2_000, [0; 10]));
        assert!(early.run < late.run);
        assert_eq!(early.run.as_bytes()[14], b'7', "version 7");
        assert_eq!(early.deadline_ms, 1_000 + REQUEST_TIME_MAX_MS);
    }

    #[test]
    fn two_runs_at_once_differ() {
        assert_ne!(mint(1, [1; 10]).run, mint(1, [2; 10]).run);
    }
}
