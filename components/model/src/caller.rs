//! On whose behalf a request is, from the token that the gateway made. Pure.

use gyre_agent_wire::run_token::{self, RunToken};
use gyre_chat_wire::{ApiError, ChatRequest, Priority};
use spin_sdk::http::HeaderMap;

/// What the token of a run says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    tenant: String,
    deadline_ms: u64,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller(Option<Run>);

impl Caller {
    /// Reads the token. None is no run; a broken one is refused.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let Some(token) = headers.get(run_token::HEADER) else {
            return Ok(Self(None));
        };
        let run = token
            .to_str()
            .ok()
            .and_then(|token| RunToken::decode_unsigned(token).ok())
            .and_then(|token| {
                Some(Run {
                    tenant: token.tenant_name()?.to_owned(),
                    deadline_ms: token.deadline_ms,
                })
            });
        let refused = || {
            let message = "the header `gyre-run` is no run token; hint: call through the gateway";
            ApiError::new(400, "invalid_run", message)
        };
        run.map(|run| Self(Some(run))).ok_or_else(refused)
    }

    /// Puts into a request what the token says, which no body can change.
    ///
    /// In a run the tenant is the token's, so naming one is refused: another tenant's prompts could be told by their
    /// time. The earlier deadline counts. A run may be less urgent than others and not more: who may is for the gateway
    /// to say, and its token has no word for it yet.
    pub(crate) fn vouch(self, request: &mut ChatRequest) -> Result<(), ApiError> {
        let Some(run) = self.0 else {
            return Ok(());
        };
        if request.tenant.is_some() {
            let message = "`tenant` is the run token's to name; hint: leave it out";
            return Err(ApiError::new(403, "not_permitted", message).with_param("tenant"));
        }
        request.tenant = Some(run.tenant);
        let deadline_ms = &mut request.budget.deadline_ms;
        *deadline_ms = Some(deadline_ms.map_or(run.deadline_ms, |own| own.min(run.deadline_ms)));
        request.priority = request.priority.min(Priority::Normal);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(token: &str) -> Result<Caller, u16> {
        let mut headers = HeaderMap::new();
        headers.insert(run_token::HEADER, token.parse().expect("a header"));
        Caller::of(&headers).map_err(|error| error.status)
    }

    fn token(tenant: &str) -> String {
        RunToken {
            tenant: tenant.into(),
            run: "r".into(),
            deadline_ms: 7,
        }
        .encode_unsigned()
    }

    fn run(tenant: &str) -> Caller {
        Caller(Some(Run {
            tenant: tenant.into(),
            deadline_ms: 7,
        }))
    }

    #[test]
    fn tokens() {
        assert_eq!(Caller::of(&HeaderMap::new()), Ok(Caller(None)));
        assert_eq!(read(&token("local")), Ok(run("local")));
        let signed = format!("{}signed", token("local"));
        for broken in ["nonsense!", "", &signed, &token(""), &token("a/b")] {
            assert_eq!(read(broken), Err(400), "{broken}");
        }
    }

    #[test]
    fn a_run_s_tenant_deadline_and_urgency_are_not_the_body_s_to_say() {
        let mut request = ChatRequest::new("m", vec![]);
        request.priority = Priority::High;
        run("acme").vouch(&mut request).expect("is right");
        assert_eq!(request.tenant.as_deref(), Some("acme"));
        assert_eq!(request.budget.deadline_ms, Some(7));
        assert_eq!(request.priority, Priority::Normal);

        for (own, counts) in [(5, 5), (9, 7)] {
            let mut request = ChatRequest::new("m", vec![]);
            request.budget.deadline_ms = Some(own);
            request.priority = Priority::Low;
            run("acme").vouch(&mut request).expect("is right");
            assert_eq!(request.budget.deadline_ms, Some(counts));
            assert_eq!(request.priority, Priority::Low);
        }

        let mut request = ChatRequest::new("m", vec![]);
        request.tenant = Some("acme".into());
        let refused = run("acme").vouch(&mut request).expect_err("is refused");
        assert_eq!((refused.status, refused.param.as_deref()), (403, Some("tenant")));
    }

    #[test]
    fn who_is_in_no_run_speaks_for_itself() {
        let mut request = ChatRequest::new("m", vec![]);
        request.tenant = Some("acme".into());
        request.priority = Priority::High;
        let asked = request.clone();
        Caller(None).vouch(&mut request).expect("is right");
        assert_eq!(request, asked);
    }
}
