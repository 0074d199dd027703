//! What of a request the server understands beyond OpenAI's API. Pure.

use crate::bindings::exports::gyre::inference::types::{ChatRequest, Error};

/// Which extensions the server keeps to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// None. What cannot be kept is refused; an urgency and a tenant, which are asked for and not promised, stay here.
    #[default]
    Openai,
    /// Those of Gyre: `adapter`, `budget`, `tenant`, `service_tier`.
    Gyre,
}

impl Dialect {
    /// Reads `upstream_dialect`.
    pub(crate) fn read(name: &str) -> Result<Self, String> {
        match name {
            "" | "openai" => Ok(Self::Openai),
            "gyre" => Ok(Self::Gyre),
            _ => Err(
                "`upstream_dialect` is neither `openai` nor `gyre`; hint: leave it empty for `openai`".into(),
            ),
        }
    }

    /// Refuses by name what the server would leave out in silence.
    pub(crate) fn check(self, request: &ChatRequest) -> Result<(), Error> {
        let budget = &request.budget;
        let asked = [
            (request.adapter.is_some(), "adapter"),
            (budget.total_tokens.is_some(), "budget.total_tokens"),
            (budget.cost_micros_max.is_some(), "budget.cost_micros_max"),
            (budget.time_ms_max.is_some(), "budget.time_ms_max"),
        ];
        let asked = asked.iter().find(|(asked, _)| *asked);
        match (self, asked) {
            (Self::Gyre, _) | (_, None) => Ok(()),
            (Self::Openai, Some((_, name))) => Err(Error::Unsupported(format!(
                "OpenAI's API, which the model server speaks, has no `{name}`; hint: leave it out, or set \
                 `upstream_dialect` to `gyre` where that server is `gyre serve-model`"
            ))),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::bindings::exports::gyre::inference::types as port;

    /// A request with nothing in it.
    pub(crate) fn plain() -> ChatRequest {
        ChatRequest {
            model: "m".into(),
            messages: vec![],
            tools: vec![],
            tool_choice: port::ToolChoice::Auto,
            format: port::ResponseFormat::Text,
            sampling: port::Sampling {
                temperature: None,
                top_p: None,
                top_k: None,
                seed: None,
                min_p: None,
                frequency_penalty: None,
                presence_penalty: None,
                logit_bias: vec![],
                logprobs: None,
            },
            stop: vec![],
            budget: port::Budget {
                max_tokens: None,
                total_tokens: None,
                cost_micros_max: None,
                time_ms_max: None,
                deadline_ms: None,
            },
            adapter: None,
            tenant: None,
            priority: port::Priority::Normal,
        }
    }

    /// A request, and the field that only Gyre's dialect has.
    type Case = (ChatRequest, Option<&'static str>);

    fn cases() -> Vec<Case> {
        let with = |change: fn(&mut ChatRequest), name| {
            let mut request = plain();
            change(&mut request);
            (request, name)
        };
        vec![
            with(|it| it.adapter = Some("poet".into()), Some("`adapter`")),
            with(
                |it| it.budget.total_tokens = Some(1),
                Some("`budget.total_tokens`"),
            ),
            with(
                |it| it.budget.cost_micros_max = Some(1),
                Some("`budget.cost_micros_max`"),
            ),
            with(|it| it.budget.time_ms_max = Some(1), Some("`budget.time_ms_max`")),
            // Kept by the leaf itself, or wishes.
            with(|it| it.budget.deadline_ms = Some(1), None),
            with(|it| it.tenant = Some("acme".into()), None),
            with(|it| it.priority = port::Priority::High, None),
            with(|_| (), None),
        ]
    }

    #[test]
    fn what_a_server_would_leave_out_is_refused_by_name() {
        for (request, refused) in cases() {
            assert!(Dialect::Gyre.check(&request).is_ok());
            match (Dialect::Openai.check(&request), refused) {
                (Ok(()), None) => {}
                (Err(Error::Unsupported(text)), Some(name)) => {
                    assert!(text.contains(name) && text.contains("upstream_dialect"), "{text}");
                }
                (other, refused) => panic!("{other:?} for {refused:?}"),
            }
        }
    }

    #[test]
    fn names() {
        for (name, wanted) in [
            ("", Ok(Dialect::Openai)),
            ("openai", Ok(Dialect::Openai)),
            ("gyre", Ok(Dialect::Gyre)),
        ] {
            assert_eq!(Dialect::read(name), wanted, "{name}");
        }
        let error = Dialect::read("Gyre").expect_err("is none");
        assert!(
            error.contains("`upstream_dialect`") && error.contains("hint:"),
            "{error}"
        );
    }
}
