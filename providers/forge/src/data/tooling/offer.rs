//! Which tools are offered together, and what is asked of them.

use super::spec::ToolSpec;
use super::{Asked, clock, invented, own, request, sums};
use crate::data::Tool;
use crate::data::pools::Pools;
use crate::data::random::Draw;

/// Something that a tool can do.
#[derive(Debug, Clone)]
pub(crate) enum Skill {
    /// Gyre's own search.
    Search,
    /// Gyre's calculator.
    Calculate,
    /// Gyre's clock.
    Now,
    /// Gyre's clock.
    Difference,
    /// A tool of the pools, or an invented one.
    Spec(ToolSpec),
}

impl Skill {
    /// As it is offered.
    pub(crate) fn tool(&self) -> Tool {
        match self {
            Self::Search => own::search(),
            Self::Calculate => own::calculate(),
            Self::Now => own::now(),
            Self::Difference => own::date_difference(),
            Self::Spec(spec) => spec.tool(),
        }
    }

    /// Asks for it; a search is asked for by whoever has texts to find.
    pub(crate) fn ask(&self, draw: &mut Draw, pools: &Pools) -> Option<Asked> {
        Some(match self {
            Self::Search => return None,
            Self::Calculate => sums::ask(draw, pools),
            Self::Now => clock::now(draw, pools),
            Self::Difference => clock::difference(draw, pools),
            Self::Spec(spec) => request::ask(spec, draw, pools),
        })
    }
}

/// What the persona `assistant` has, in its order.
pub(crate) fn own() -> Vec<Skill> {
    vec![Skill::Search, Skill::Calculate, Skill::Now, Skill::Difference]
}

/// So many tools, no two of one name.
pub(crate) fn several(count: usize, draw: &mut Draw, pools: &Pools) -> Vec<Skill> {
    let mut skills: Vec<Skill> = Vec::new();
    let deed = invented::deed(draw, pools);
    let mut deeds = Vec::new();
    let invents = draw.chance(45);
    while skills.len() < count {
        let skill = match draw.below(10) {
            0 => draw.pick(&own()).clone(),
            1 => Skill::Spec(draw.pick(&pools.tools).clone()),
            _ if !invents => Skill::Spec(draw.pick(&pools.tools).clone()),
            _ => {
                let next = match (deeds.is_empty(), draw.chance(55)) {
                    (true, _) => deed.clone(),
                    // What could be mistaken for another teaches most.
                    (false, true) => invented::near(&deed, draw, pools),
                    (false, false) => invented::deed(draw, pools),
                };
                if deeds.contains(&next) {
                    continue;
                }
                let tool = invented::tool(&next, draw, pools);
                deeds.push(next);
                Skill::Spec(tool)
            }
        };
        let tool = skill.tool();
        let same = |it: &Skill| {
            let known = it.tool();
            known.name == tool.name || known.description == tool.description
        };
        if !skills.iter().any(same) {
            skills.push(skill);
        }
    }
    draw.shuffle(&mut skills);
    skills
}

/// How a question begins, which a search might answer.
const ASKING: [&str; 12] = [
    "what", "how", "which", "is", "when", "who", "where", "do", "does", "show", "find", "look",
];

/// Something that none of these tools does, asked of one that is not offered; none where one of them might.
pub(crate) fn missing(offered: &[Skill], draw: &mut Draw, pools: &Pools) -> Option<Asked> {
    let other = draw.pick(&pools.tools);
    if offered.iter().any(|it| it.tool().name == other.name) {
        return None;
    }
    let asked = request::ask(other, draw, pools);
    let lower = asked.text.to_lowercase();
    let asking = lower.contains('?') || lower.split(' ').any(|word| ASKING.contains(&word));
    let searches = offered.iter().any(|it| matches!(it, Skill::Search));
    (!searches || !asking).then_some(asked)
}
