//! Makes plans: the group that was asked for, then those to turn to.

use crate::chains;
use crate::draft::Draft;
use crate::eligible::View;
use crate::failure::Kind;
use crate::plan::{Plan, PlanError};
use crate::resolve::resolve;
use crate::state::State;
use crate::task::Task;
use gyre_routing_config::{RoutingConfig, TagFilter};

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The configuration.
    pub config: &'a RoutingConfig,
    /// What is known.
    pub state: &'a State,
    /// The request.
    pub task: &'a Task,
    /// The time.
    pub now_ms: u64,
    /// A random number; the same one makes the same plan.
    pub seed: u64,
}

impl<'a> Inputs<'a> {
    /// Tags that begin so forbid or demand; a router that took them for names would do neither.
    fn check_tags(&self) -> Result<(), PlanError> {
        let filtered = self.config.tag_filter != TagFilter::Off;
        let mut tags = self.task.tags.iter().filter(|_| filtered);
        let condition = tags.find(|tag| tag.starts_with(['!', '&']));
        condition.map_or(Ok(()), |tag| Err(PlanError::Tag(tag.chars().take(64).collect())))
    }

    fn view(&self) -> View<'a> {
        View {
            config: self.config,
            state: self.state,
            task: self.task,
            now_ms: self.now_ms,
        }
    }
}

/// Makes the plan of a request: its group, then the groups to turn to if that fails as an ordinary failure.
pub fn plan(inputs: &Inputs<'_>) -> Result<Plan, PlanError> {
    inputs.check_tags()?;
    let resolved = resolve(inputs.config, &inputs.task.model)?;
    let mut draft = Draft::new(inputs.view(), inputs.seed, &resolved.group);
    draft.add(&resolved.group, resolved.candidates);
    let kind = draft.unfit_kind();
    // Chains go by the name that was asked for, also where that is an alias, as LiteLLM's do.
    for group in chains::hops(inputs.config, &inputs.task.model, kind) {
        draft.add_group(&group);
    }
    draft.done(kind)
}

/// Makes the rest of a plan anew after a failure that has chains of its own: a prompt that did not fit, a content that
/// was refused. `asked` are the deployments that were asked so far.
pub fn replan(inputs: &Inputs<'_>, kind: Kind, asked: &[String]) -> Result<Plan, PlanError> {
    inputs.check_tags()?;
    let resolved = resolve(inputs.config, &inputs.task.model)?;
    let mut draft = Draft::new(inputs.view(), inputs.seed, &resolved.group);
    draft.skip(asked);
    for group in chains::hops(inputs.config, &inputs.task.model, Some(kind)) {
        draft.add_group(&group);
    }
    draft.done(Some(kind))
}
