use super::*;
use proptest::prelude::*;
use std::ops::Range;

const SALT: &str = "a";
/// Of the pools of these tests a copy costs so many tokens.
const COPY_COST: usize = 1024 / COPY_COST_DIVISOR;

fn pool(sequences: usize, running_max: usize) -> Pool {
    let limits = Limits {
        sequences,
        running_max,
        context_tokens: 1024,
    };
    Pool::new(limits, false)
}

fn tokens(numbers: Range<i32>) -> Vec<LlamaToken> {
    numbers.map(LlamaToken).collect()
}

/// The common beginning, then tokens of its own.
fn prompt(common: i32, own: i32) -> Vec<LlamaToken> {
    let mut prompt = tokens(0..common);
    prompt.extend(tokens(own * 10_000..own * 10_000 + 30));
    prompt
}

/// Runs a prompt with this salt: what it was given.
fn run(pool: &mut Pool, salt: &str, prompt: &[LlamaToken]) -> Choice {
    let choice = pool.choose(salt, prompt).expect("room");
    if let Choice::Keep(reuse) | Choice::Copy { reuse, .. } = choice {
        pool.empty(reuse.id);
        pool.begin(reuse.id, salt, prompt, reuse.tokens);
        for token in &prompt[reuse.tokens..] {
            pool.feed(reuse.id, *token);
        }
    }
    choice
}

fn kept(id: usize, tokens: usize) -> Choice {
    Choice::Keep(Reuse {
        id,
        tokens,
        cut: true,
        evicts: false,
    })
}

fn copied(from: usize, id: usize, tokens: usize) -> Choice {
    Choice::Copy {
        from,
        reuse: Reuse {
            id,
            tokens,
            cut: true,
            evicts: false,
        },
    }
}

#[test]
fn an_answer_that_is_continued_stays_where_it_is() {
    let mut pool = pool(4, 2);
    run(&mut pool, SALT, &tokens(0..100));
    for token in tokens(100..120) {
        pool.feed(0, token);
    }
    pool.end(0);
    let next = run(&mut pool, SALT, &tokens(0..200));
    let (id, tokens, cut, evicts) = (0, 120, false, false);
    assert_eq!(
        next,
        Choice::Keep(Reuse {
            id,
            tokens,
            cut,
            evicts
        })
    );
}

#[test]
fn a_common_beginning_is_copied_while_there_is_room_and_then_cut_from_what_is_oldest() {
    let mut pool = pool(3, 3);
    assert_eq!(run(&mut pool, SALT, &prompt(500, 1)), kept(0, 0));
    // From one that runs.
    assert_eq!(run(&mut pool, SALT, &prompt(500, 2)), copied(0, 1, 500));
    pool.end(1);
    pool.end(0);
    // From one that is idle, whose own tokens are worth more than a copy.
    assert_eq!(run(&mut pool, SALT, &prompt(500, 3)), copied(1, 2, 500));
    pool.end(2);
    // Nothing is empty: what was used longest ago keeps what is asked for.
    assert_eq!(run(&mut pool, SALT, &prompt(500, 4)), kept(1, 500));
    assert_eq!(run(&mut pool, SALT, &prompt(500, 5)), kept(0, 500));
}

#[test]
fn little_in_common_is_not_copied_and_less_not_used() {
    let check = |common: usize, expected: Choice| {
        let mut pool = pool(2, 2);
        run(&mut pool, SALT, &prompt(common as i32, 1));
        pool.end(0);
        assert_eq!(
            run(&mut pool, SALT, &prompt(common as i32, 2)),
            expected,
            "{common}"
        );
    };
    check(COPY_COST, kept(1, 0));
    check(COPY_COST + 1, copied(0, 1, COPY_COST + 1));
    check(REUSED_TOKENS_MIN - 1, kept(1, 0));
}

#[test]
fn the_last_token_is_always_computed() {
    let mut pool = pool(2, 2);
    let same = tokens(0..100);
    run(&mut pool, SALT, &same);
    pool.end(0);
    assert_eq!(run(&mut pool, SALT, &same), kept(0, 99));
    pool.end(0);
    assert_eq!(run(&mut pool, SALT, &same[..60]), copied(0, 1, 59));
}

#[test]
fn another_salt_finds_nothing() {
    let mut pool = pool(4, 4);
    run(&mut pool, "a", &tokens(0..100));
    assert_eq!(run(&mut pool, "b", &tokens(0..100)), kept(1, 0));
    assert_eq!(run(&mut pool, "", &tokens(0..100)), kept(2, 0));
    pool.end(0);
    assert_eq!(run(&mut pool, "a", &tokens(0..100)), kept(0, 99));
}

#[test]
fn what_was_used_longest_ago_goes_first() {
    let mut pool = pool(3, 1);
    for own in 1..=3 {
        run(&mut pool, SALT, &prompt(0, own));
        pool.end(own as usize - 1);
    }
    // The first is used again; so the second goes for a fourth.
    assert_eq!(run(&mut pool, SALT, &prompt(0, 1)), kept(0, 29));
    pool.end(0);
    let (tokens, cut, evicts) = (0, true, true);
    let fourth = run(&mut pool, SALT, &prompt(0, 4));
    assert_eq!(
        fourth,
        Choice::Keep(Reuse {
            id: 1,
            tokens,
            cut,
            evicts
        })
    );
    pool.end(1);
    assert_eq!(run(&mut pool, SALT, &prompt(0, 1)), kept(0, 29));
}

#[test]
fn who_comes_second_waits_until_the_first_was_fed_what_both_begin_with() {
    let mut pool = pool(3, 3);
    let (first, second) = (prompt(500, 1), prompt(500, 2));
    pool.begin(0, SALT, &first, 0);
    let Some(Choice::Wait(awaited)) = pool.choose(SALT, &second) else {
        panic!("does not wait");
    };
    // Others do not.
    assert_eq!(pool.choose("b", &second), Some(kept(1, 0)));
    assert_eq!(pool.choose(SALT, &prompt(0, 9)), Some(kept(1, 0)));
    for token in &first[..500] {
        assert!(!pool.is_over(&awaited));
        pool.feed(0, *token);
    }
    assert!(pool.is_over(&awaited));
    assert_eq!(run(&mut pool, SALT, &second), {
        // What the first holds is all of it needed.
        let (id, tokens, cut, evicts) = (1, 500, false, false);
        let reuse = Reuse {
            id,
            tokens,
            cut,
            evicts,
        };
        Choice::Copy { from: 0, reuse }
    });
}

#[test]
fn who_waits_goes_on_when_the_first_is_gone() {
    let (first, second) = (prompt(500, 1), prompt(500, 2));
    let check = |leave: fn(&mut Pool), expected: Choice| {
        let mut pool = pool(3, 3);
        pool.begin(0, SALT, &first, 0);
        let Some(Choice::Wait(awaited)) = pool.choose(SALT, &second) else {
            panic!("does not wait");
        };
        for token in &first[..200] {
            pool.feed(0, *token);
        }
        leave(&mut pool);
        assert!(pool.is_over(&awaited));
        assert_eq!(pool.choose(SALT, &second), Some(expected));
        // Another prompt in its place is another matter.
        pool.begin(0, SALT, &first, 0);
        assert!(pool.is_over(&awaited));
    };
    let (id, tokens, cut, evicts) = (0, 200, false, false);
    check(
        |pool| pool.end(0),
        Choice::Keep(Reuse {
            id,
            tokens,
            cut,
            evicts,
        }),
    );
    check(|pool| pool.empty(0), kept(0, 0));
}

#[test]
fn a_state_that_cannot_be_cut_is_used_whole_or_not_at_all() {
    let mut pool = pool(3, 3);
    pool.keep_whole();
    run(&mut pool, SALT, &tokens(0..100));
    assert_eq!(
        pool.choose(SALT, &tokens(0..80)),
        Some(kept(1, 0)),
        "nor waited for"
    );
    let (id, tokens_held, cut, evicts) = (1, 100, false, false);
    let reuse = Reuse {
        id,
        tokens: tokens_held,
        cut,
        evicts,
    };
    assert_eq!(
        pool.choose(SALT, &tokens(0..101)),
        Some(Choice::Copy { from: 0, reuse })
    );
    pool.end(0);
    assert_eq!(
        pool.choose(SALT, &tokens(0..100)),
        Some(kept(1, 0)),
        "its last token would be cut"
    );
    assert_eq!(
        pool.choose(SALT, &tokens(0..101)),
        Some(Choice::Keep(Reuse { id: 0, ..reuse }))
    );
}

/// What may happen to a pool.
#[derive(Clone, Debug)]
enum Step {
    Ask { salt: usize, prompt: Vec<i32> },
    Feed { id: usize, tokens: usize },
    End(usize),
    Empty(usize),
}

fn step() -> impl Strategy<Value = Step> {
    // Few beginnings, so that many meet.
    let prompt = (0..3_i32, 1..90_usize, 0..3_i32, 0..40_usize).prop_map(|(first, count, then, more)| {
        let mut prompt = vec![first; count];
        prompt.extend(vec![then; more]);
        prompt
    });
    prop_oneof![
        4 => (0..2_usize, prompt).prop_map(|(salt, prompt)| Step::Ask { salt, prompt }),
        6 => (0..6_usize, 1..60_usize).prop_map(|(id, tokens)| Step::Feed { id, tokens }),
        2 => (0..6_usize).prop_map(Step::End),
        1 => (0..6_usize).prop_map(Step::Empty),
    ]
}

/// KV memory as it would be: of each sequence, whose tokens it holds, and what it still has to be fed.
#[derive(Clone, Default)]
struct Simulated {
    memory: Vec<(usize, i32)>,
    running: Option<(usize, Vec<i32>)>,
}

proptest! {
    /// Whatever happens, a prompt finds in its memory what itself begins with, computed under its own salt.
    #[test]
    fn nobody_finds_what_is_not_theirs(steps in prop::collection::vec(step(), 1..80), whole_only: bool) {
        let limits = Limits { sequences: 6, running_max: 4, context_tokens: 1024 };
        let mut pool = Pool::new(limits, whole_only);
        let mut simulated = vec![Simulated::default(); 6];
        for step in steps {
            match step {
                Step::Ask { salt, prompt } => {
                    let name = ["a", "b"][salt];
                    let asked: Vec<_> = prompt.iter().copied().map(LlamaToken).collect();
                    let running = simulated.iter().filter(|it| it.running.is_some()).count();
                    let (from, reuse) = match pool.choose(name, &asked) {
                        None => {
                            prop_assert_eq!(running, 4);
                            continue;
                        }
                        Some(Choice::Wait(awaited)) => {
                            prop_assert!(!pool.is_over(&awaited) && !whole_only);
                            prop_assert!(simulated[awaited.id].running.is_some());
                            continue;
                        }
                        Some(Choice::Keep(reuse)) => (reuse.id, reuse),
                        Some(Choice::Copy { from, reuse }) => (from, reuse),
                    };
                    prop_assert!(simulated[reuse.id].running.is_none() && running < 4);
                    let mut memory = simulated[from].memory.clone();
                    prop_assert!(reuse.tokens < prompt.len() && reuse.tokens <= memory.len());
                    prop_assert!(reuse.cut || memory.len() == reuse.tokens);
                    prop_assert!(!whole_only || reuse.tokens == 0 || memory.len() == reuse.tokens);
                    memory.truncate(reuse.tokens);
                    let expected: Vec<_> = prompt[..reuse.tokens].iter().map(|token| (salt, *token)).collect();
                    prop_assert_eq!(&memory, &expected);
                    pool.empty(reuse.id);
                    pool.begin(reuse.id, name, &asked, reuse.tokens);
                    simulated[reuse.id] = Simulated { memory, running: Some((salt, prompt)) };
                }
                Step::Feed { id, tokens } => {
                    let Simulated { memory, running: Some((salt, prompt)) } = &mut simulated[id] else {
                        continue;
                    };
                    for _ in 0..tokens {
                        // After its prompt it writes what others' prompts may begin with.
                        let token = prompt.get(memory.len()).or(prompt.first()).copied().unwrap_or_default();
                        memory.push((*salt, token));
                        pool.feed(id, LlamaToken(token));
                    }
                }
                Step::End(id) if simulated[id].running.take().is_some() => pool.end(id),
                Step::Empty(id) if simulated[id].running.take().is_some() => {
                    pool.empty(id);
                    simulated[id].memory.clear();
                }
                Step::End(_) | Step::Empty(_) => {}
            }
        }
        // Nobody waits for ever: once nothing runs, nothing is waited for.
        for (id, it) in simulated.iter_mut().enumerate() {
            if it.running.take().is_some() {
                pool.end(id);
            }
        }
        for first in 0..3 {
            let asked = vec![LlamaToken(first); 100];
            prop_assert!(!matches!(pool.choose("a", &asked), None | Some(Choice::Wait(_))));
        }
    }
}
