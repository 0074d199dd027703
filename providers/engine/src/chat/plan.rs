//! Which tokens go into the next batch. Pure.

use super::fair::{Candidate, Classes, Fair};
use super::place::Place;

/// What a sequence could put into a batch now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Nothing: its reader is behind.
    Nothing,
    /// The token sampled last.
    Token,
    /// So many tokens of its prompt, or of what must be computed again.
    Prompt(usize),
}

/// A sequence that wants something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanting<'a> {
    pub(crate) slot: usize,
    pub(crate) want: Want,
    pub(crate) place: &'a Place,
    pub(crate) arrived: u64,
}

/// What a batch may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) batch_tokens: usize,
    /// Tokens of prompts beside sampled ones.
    pub(crate) prefill_tokens: usize,
    /// Others decode by turns with this batch: they wait for it as those in it do.
    pub(crate) others_decode: bool,
}

/// What tenants owe, and which urgency of prompts was passed over.
#[derive(Default)]
pub(crate) struct Turns {
    pub(crate) fair: Fair,
    prompts: Classes,
}

/// Slots and how many tokens each gives; what they give is charged.
///
/// Sampled tokens go first, so that nobody who is answered waits for somebody's prompt. Beside them prompts get few
/// tokens together, so that the step costs little more than without; alone they fill the batch, and many short ones get
/// their [share](share) of it. Among prompts the urgent go first, then tenants by turn, then who came first.
pub(crate) fn batch(wanting: &[Wanting<'_>], bounds: Bounds, turns: &mut Turns) -> Vec<(usize, usize)> {
    let mut chunks = Vec::new();
    for it in wanting.iter().filter(|it| it.want == Want::Token) {
        if chunks.len() < bounds.batch_tokens {
            chunks.push((it.slot, 1));
            turns.fair.charge(&it.place.tenant, 1);
        }
    }
    let mut left = bounds.batch_tokens - chunks.len();
    if bounds.others_decode {
        left = left.min(bounds.prefill_tokens);
    } else if !chunks.is_empty() {
        left = left.min(bounds.prefill_tokens.max(share(wanting, bounds)));
    }
    let prompt = |it: &Wanting<'_>| matches!(it.want, Want::Prompt(1..));
    let mut prompts: Vec<_> = wanting.iter().copied().filter(prompt).collect();
    while left > 0
        && let Some(at) = next(&prompts, turns)
    {
        let Wanting {
            slot, want, place, ..
        } = prompts.swap_remove(at);
        let wanted = match want {
            Want::Prompt(tokens) => tokens,
            Want::Token | Want::Nothing => 0,
        };
        let tokens = wanted.min(left);
        left -= tokens;
        chunks.push((slot, tokens));
        turns.fair.charge(&place.tenant, tokens as u64);
    }
    chunks
}

/// What short prompts together may take of a batch: as much of it as those who wait are of all, less one.
///
/// Callers that come at once would else be answered one after another: each step would end few of their prompts, and cost
/// nearly as much as one that decodes for all. One alone, and long ones, get no more than they would.
fn share(wanting: &[Wanting<'_>], bounds: Bounds) -> usize {
    let count = |is: fn(Want, usize) -> bool| {
        let all = wanting.iter().filter(|it| is(it.want, bounds.prefill_tokens));
        all.count()
    };
    let short = count(|want, most| matches!(want, Want::Prompt(tokens) if (1..=most).contains(&tokens)));
    let answered = count(|want, _| want == Want::Token);
    bounds.batch_tokens * short.saturating_sub(1) / (short + answered).max(1)
}

/// Whose prompt is fed next.
fn next(prompts: &[Wanting<'_>], turns: &mut Turns) -> Option<usize> {
    let of = |priority| {
        let all = prompts.iter().enumerate();
        all.filter(move |(_, it)| it.place.priority == priority)
    };
    let priority = turns.prompts.pick(|priority| of(priority).next().is_some())?;
    let (places, candidates): (Vec<_>, Vec<_>) = of(priority)
        .map(|(at, it)| {
            let candidate = Candidate {
                tenant: &it.place.tenant,
                arrived: it.arrived,
            };
            (at, candidate)
        })
        .unzip();
    // Who is fed stays until its quantum is spent: prompts that advance together all end late.
    let picked = turns.fair.pick(&candidates, |_| 0)?;
    places.get(picked).copied()
}

#[cfg(test)]
mod tests {
    use super::super::place::Priority::{self, High, Low, Normal};
    use super::super::place::Tenant;
    use super::Want::{Nothing, Prompt, Token};
    use super::*;
    use proptest::prelude::*;

    const BOUNDS: Bounds = Bounds {
        batch_tokens: 8,
        prefill_tokens: 3,
        others_decode: false,
    };

    fn places(of: &[(&str, Priority, Want)]) -> Vec<Place> {
        of.iter()
            .map(|(tenant, priority, _)| Place {
                priority: *priority,
                tenant: Tenant::new(tenant, None),
            })
            .collect()
    }

    fn wanting<'a>(of: &[(&str, Priority, Want)], places: &'a [Place]) -> Vec<Wanting<'a>> {
        of.iter()
            .zip(places)
            .enumerate()
            .map(|(slot, ((_, _, want), place))| Wanting {
                slot,
                want: *want,
                place,
                arrived: slot as u64,
            })
            .collect()
    }

    fn check(of: &[(&str, Priority, Want)], turns: &mut Turns, expected: &[(usize, usize)]) {
        let places = places(of);
        assert_eq!(batch(&wanting(of, &places), BOUNDS, turns), expected, "{of:?}");
    }

    #[test]
    fn sampled_tokens_go_first_and_prompts_get_little_beside_them() {
        let new = &mut Turns::default();
        let token = ("a", Normal, Token);
        check(
            &[("a", Normal, Prompt(9)), token, ("a", Normal, Nothing), token],
            new,
            &[(1, 1), (3, 1), (0, 3)],
        );
        check(&[token, ("a", Normal, Prompt(2))], new, &[(0, 1), (1, 2)]);
        check(
            &[("a", Normal, Prompt(3)), ("a", Normal, Prompt(9))],
            new,
            &[(0, 3), (1, 5)],
        );
        check(&[("a", Normal, Nothing), ("a", Normal, Prompt(0))], new, &[]);
        check(
            &[token; 9],
            new,
            &(0..8).map(|slot| (slot, 1)).collect::<Vec<_>>(),
        );
    }

    #[test]
    fn many_short_prompts_get_their_share_beside_few_that_are_answered() {
        let (token, short, long) = (
            ("a", Normal, Token),
            ("a", Normal, Prompt(3)),
            ("a", Normal, Prompt(9)),
        );
        let new = || Turns::default();
        // Three of four wait, so two of four parts of eight.
        check(
            &[token, short, short, short],
            &mut new(),
            &[(0, 1), (1, 3), (2, 1)],
        );
        check(&[token, short], &mut new(), &[(0, 1), (1, 3)]);
        check(&[token, long, long, long], &mut new(), &[(0, 1), (1, 3)]);
        check(
            &[token, token, token, short, short],
            &mut new(),
            &[(0, 1), (1, 1), (2, 1), (3, 3)],
        );
    }

    #[test]
    fn a_prompt_that_delays_others_gets_little() {
        let bounds = Bounds {
            others_decode: true,
            ..BOUNDS
        };
        let of = [("a", Normal, Prompt(9))];
        let places = places(&of);
        let chunks = batch(&wanting(&of, &places), bounds, &mut Turns::default());
        assert_eq!(chunks, [(0, 3)]);
    }

    #[test]
    fn prompts_go_by_urgency_then_by_turn() {
        let three = [
            ("a", Low, Prompt(4)),
            ("a", Normal, Prompt(4)),
            ("b", High, Prompt(4)),
        ];
        check(&three, &mut Turns::default(), &[(2, 4), (1, 4)]);
        let mut owing = Turns::default();
        owing.fair.charge(&Tenant::new("a", None), 600);
        let two = [("a", Normal, Prompt(9)), ("b", Normal, Prompt(5))];
        check(&two, &mut owing, &[(1, 5), (0, 3)]);
        let owed = owing.fair.owed(&Tenant::new("b", None)).0;
        assert_eq!(owed, 0, "a round began for `a`");
    }

    proptest! {
        #[test]
        fn whoever_decodes_gets_a_token_and_no_bound_is_passed(
            wants in prop::collection::vec((0_usize..3, 0_usize..3, 0_usize..40), 1..30),
            prefill_tokens in 1_usize..20,
        ) {
            let bounds = Bounds { batch_tokens: 32, prefill_tokens, ..BOUNDS };
            let of: Vec<_> = wants
                .iter()
                .map(|(tenant, priority, want)| {
                    let want = match want {
                        0..10 => Token,
                        tokens => Prompt(tokens - 10),
                    };
                    (["a", "b", "c"][*tenant], Priority::ALL[*priority], want)
                })
                .collect();
            let places = places(&of);
            let chunks = batch(&wanting(&of, &places), bounds, &mut Turns::default());
            let is_token = |slot: &usize| of[*slot].2 == Token;
            let decoding = (0..of.len()).filter(|slot| is_token(slot)).count();
            let fed: usize = chunks.iter().filter(|(slot, _)| !is_token(slot)).map(|(_, tokens)| tokens).sum();
            prop_assert_eq!(chunks.iter().filter(|(slot, _)| is_token(slot)).count(), decoding);
            prop_assert!(decoding + fed <= 32);
            prop_assert!(decoding == 0 || fed <= prefill_tokens.max(32 - decoding));
            let long = of.iter().all(|(_, _, want)| !matches!(want, Prompt(tokens) if *tokens <= prefill_tokens));
            prop_assert!(decoding == 0 || !long || fed <= prefill_tokens);
            for (slot, tokens) in &chunks {
                prop_assert!(matches!(of[*slot].2, Token) || matches!(of[*slot].2, Prompt(wanted) if *tokens <= wanted));
            }
        }
    }
}
