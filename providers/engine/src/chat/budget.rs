//! What a completion may spend: tokens, money and time. Pure.

use std::time::{Duration, Instant, SystemTime};

use gyre_engine_ipc::{BudgetKind, EngineError, FinishReason, Price};

use super::request::Budget;

/// Prices are per so many tokens.
const PRICED_TOKENS: u128 = 1_000_000;

/// What is left for the completion of a prompt that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Tokens it may have.
    pub(crate) tokens_max: u32,
    /// Why it ends when it has them.
    pub(crate) reason: FinishReason,
}

/// When to give up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    /// An error then.
    deadline: Option<SystemTime>,
    /// An end then, with what there is.
    end: Option<Instant>,
}

/// What time said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expired {
    Deadline,
    /// The time budget, of so many ms.
    Budget,
}

impl Allowance {
    /// Refuses a prompt that alone exceeds a budget: at least one token must be left for the answer.
    pub(crate) fn of(
        budget: &Budget,
        prompt_tokens: usize,
        price: Option<Price>,
    ) -> Result<Self, EngineError> {
        let mut allowance = Self {
            tokens_max: budget.max_tokens.unwrap_or(u32::MAX),
            reason: FinishReason::Length,
        };
        let prompt = prompt_tokens as u64;
        if let Some(total) = budget.total_tokens {
            let left = u64::from(total).saturating_sub(prompt);
            allowance.lower(left, FinishReason::Length, BudgetKind::TotalTokens)?;
        }
        if let Some(micros) = budget.cost_micros_max {
            let price = price.ok_or_else(|| {
                EngineError::invalid(
                    "the request has a budget.cost_micros_max but the model has no price: give the host one, or leave \
                     the budget out",
                )
            })?;
            let all = u128::from(micros) * PRICED_TOKENS;
            let read = u128::from(prompt) * u128::from(price.prompt_micros);
            let left = match (all.checked_sub(read), u128::from(price.completion_micros)) {
                (None, _) => 0,
                (Some(_), 0) => u64::MAX,
                (Some(left), each) => u64::try_from(left / each).unwrap_or(u64::MAX),
            };
            allowance.lower(left, FinishReason::CostExhausted, BudgetKind::Cost)?;
        }
        Ok(allowance)
    }

    fn lower(&mut self, left: u64, reason: FinishReason, budget: BudgetKind) -> Result<(), EngineError> {
        if left == 0 {
            return Err(EngineError::BudgetExhausted { budget });
        }
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        if left < self.tokens_max {
            *self = Self {
                tokens_max: left,
                reason,
            };
        }
        Ok(())
    }
}

impl Times {
    pub(crate) fn of(budget: &Budget, arrived: Instant) -> Self {
        let spent = |ms| arrived.checked_add(Duration::from_millis(ms));
        Self {
            deadline: budget.deadline(),
            end: budget.time_ms_max.and_then(spent),
        }
    }

    pub(crate) fn expired(&self) -> Option<Expired> {
        if self
            .deadline
            .is_some_and(|deadline| SystemTime::now() >= deadline)
        {
            return Some(Expired::Deadline);
        }
        let over = self.end.is_some_and(|end| Instant::now() >= end);
        over.then_some(Expired::Budget)
    }
}

impl Expired {
    /// What who has nothing of an answer yet is told.
    pub(crate) fn error(self) -> EngineError {
        match self {
            Self::Deadline => EngineError::DeadlineExceeded,
            Self::Budget => EngineError::BudgetExhausted {
                budget: BudgetKind::Time,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A millionth for a token that is read, three for one that is written.
    const PRICE: Price = Price {
        prompt_micros: 1_000_000,
        completion_micros: 3_000_000,
    };

    fn check(json: &str, prompt: usize, expected: Result<(u32, FinishReason), BudgetKind>) {
        let budget = serde_json::from_str(json).expect("a budget");
        let found = match Allowance::of(&budget, prompt, Some(PRICE)) {
            Ok(allowance) => Ok((allowance.tokens_max, allowance.reason)),
            Err(EngineError::BudgetExhausted { budget }) => Err(budget),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found, expected, "{json} {prompt}");
    }

    #[test]
    fn the_tightest_budget_says_how_many_and_why() {
        use FinishReason::{CostExhausted, Length};
        check("{}", 10, Ok((u32::MAX, Length)));
        check(r#"{"max_tokens":5}"#, 10, Ok((5, Length)));
        check(r#"{"total_tokens":12}"#, 10, Ok((2, Length)));
        check(r#"{"total_tokens":12,"max_tokens":1}"#, 10, Ok((1, Length)));
        check(r#"{"cost_micros_max":16}"#, 10, Ok((2, CostExhausted)));
        check(r#"{"cost_micros_max":16,"max_tokens":2}"#, 10, Ok((2, Length)));
        check(
            r#"{"cost_micros_max":15,"max_tokens":2}"#,
            10,
            Ok((1, CostExhausted)),
        );
    }

    #[test]
    fn a_prompt_that_alone_is_too_much_is_refused() {
        check(r#"{"total_tokens":10}"#, 10, Err(BudgetKind::TotalTokens));
        check(r#"{"total_tokens":1}"#, 10, Err(BudgetKind::TotalTokens));
        check(r#"{"cost_micros_max":12}"#, 10, Err(BudgetKind::Cost));
        check(r#"{"cost_micros_max":0}"#, 10, Err(BudgetKind::Cost));
    }

    #[test]
    fn money_needs_a_price_and_may_buy_anything_that_is_free() {
        let budget: Budget = serde_json::from_str(r#"{"cost_micros_max":1}"#).expect("a budget");
        let error = Allowance::of(&budget, 1, None).expect_err("has no price");
        assert!(error.to_string().contains("no price"), "{error}");
        let free = Price {
            prompt_micros: 0,
            completion_micros: 0,
        };
        let allowance = Allowance::of(&budget, usize::MAX, Some(free)).expect("is free");
        assert_eq!(allowance.tokens_max, u32::MAX);
    }

    #[test]
    fn the_deadline_and_the_time_budget_are_told_apart() {
        let check = |json: &str, expected| {
            let budget = serde_json::from_str(json).expect("a budget");
            assert_eq!(Times::of(&budget, Instant::now()).expired(), expected, "{json}");
        };
        check(r#"{"time_ms_max":0}"#, Some(Expired::Budget));
        check(r#"{"time_ms_max":3600000}"#, None);
        check(r#"{"deadline_ms":1,"time_ms_max":0}"#, Some(Expired::Deadline));
        check("{}", None);
    }
}
