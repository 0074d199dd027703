//! How many requests a sandbox may send while it answers one.

/// What is left of a bound on requests.
#[derive(Debug, Clone)]
pub struct Budget {
    requests_max: u32,
    requests_left: u32,
    told: bool,
}

impl Budget {
    /// All of it.
    pub fn new(requests_max: u32) -> Self {
        Self {
            requests_max,
            requests_left: requests_max,
            told: false,
        }
    }

    /// Begins again, for the next request that an instance answers.
    pub fn renew(&mut self) {
        *self = Self::new(self.requests_max);
    }

    /// Spends one request; says whether there was one. The log has the first that was not, and the cure.
    pub(crate) fn spend(&mut self, component: &str) -> bool {
        if let Some(left) = self.requests_left.checked_sub(1) {
            self.requests_left = left;
            return true;
        }
        if !std::mem::replace(&mut self.told, true) {
            tracing::warn!(
                component,
                "outbound request denied: it sent {} already while it answered one; raise outbound_requests_max in [component.{component}.tool.gyre] if it should send more",
                self.requests_max,
            );
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn a_budget_ends_and_begins_again_for_the_next_request() {
        let mut budget = Budget::new(2);
        let spent = |budget: &mut Budget| [0; 4].map(|_| budget.spend("a"));
        assert_eq!(spent(&mut budget), [true, true, false, false]);
        budget.renew();
        assert_eq!(spent(&mut budget), [true, true, false, false]);
    }
}
