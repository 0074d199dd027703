use super::*;
use proptest::prelude::*;
use std::ops::Range;

const SALT: &str = "a";
/// Of the pools of these tests a copy costs so many tokens.
const COPY_COST: usize = CONTEXT_TOKENS / COPY_COST_DIVISOR;
const CONTEXT_TOKENS: usize = 8192;

fn pool(sequences: usize, running_max: usize) -> Pool {
    let limits = Limits {
        sequences,
        running_max,
        context_tokens: CONTEXT_TOKENS,
    };
    Pool::new(limits, false)
}

fn tokens(numbers: Range<i32>) -> Vec<LlamaToken> {
    numbers.map(LlamaToken).collect()
}

/// The common beginning, then tokens of its own.
fn prompt(common: i32, own: i32) -> Vec<LlamaToken> {
    let mut prompt = tokens(0..common);
    prompt.extend(tokens(own * 10_000..own * 10_000 + 50));
    prompt
}

/// Runs a prompt with this salt: what it was given.
fn run(pool: &mut Pool, salt: &str, prompt: &[LlamaToken]) -> Choice {
    let choice = pool.choose(salt, prompt).expect("room");
    if let Choice::Run(seat) = choice {
        pool.prepare(&seat);
        pool.begin(seat.id, salt, prompt, seat.tokens);
        for token in &prompt[seat.tokens..] {
            pool.feed(seat.id, *token);
        }
    }
    choice
}

/// This sequence, where it was, with so many of its tokens and no more.
fn cut(id: usize, tokens: usize) -> Seat {
    Seat {
        id,
        tokens,
        cut: true,
        ..Seat::default()
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
    let seat = Seat {
        cut: false,
        ..cut(0, 120)
    };
    assert_eq!(run(&mut pool, SALT, &tokens(0..200)), Choice::Run(seat));
}

#[test]
fn a_common_beginning_is_copied_while_there_is_room_and_then_cut_from_what_is_oldest() {
    let mut pool = pool(3, 3);
    let mut check = |own: i32, end: &[usize], expected: Seat| {
        let choice = run(&mut pool, SALT, &prompt(500, own));
        assert_eq!(choice, Choice::Run(expected), "{own}");
        for id in end {
            pool.end(*id);
        }
    };
    check(1, &[], cut(0, 0));
    let copied = Seat {
        from: Some(0),
        ..cut(1, 500)
    };
    check(2, &[1, 0], copied);
    // Its own tokens are worth more than a copy, and there is room for one.
    let parked = Seat {
        park: Some(2),
        ..cut(1, 500)
    };
    check(3, &[], parked);
    check(4, &[], cut(2, 500));
    check(5, &[], cut(0, 500));
}

#[test]
fn what_costs_more_than_it_saves_is_not_used() {
    let check = |common: usize, expected: Seat| {
        let mut pool = pool(2, 2);
        run(&mut pool, SALT, &prompt(common as i32, 1));
        pool.end(0);
        let choice = run(&mut pool, SALT, &prompt(common as i32, 2));
        assert_eq!(choice, Choice::Run(expected), "{common}");
    };
    check(REUSED_TOKENS_MIN - 1, cut(1, 0));
    check(COPY_COST, cut(1, 0));
    let parked = Seat {
        park: Some(1),
        ..cut(0, COPY_COST + 1)
    };
    check(COPY_COST + 1, parked);
}

#[test]
fn the_last_token_is_always_computed() {
    let mut pool = pool(2, 2);
    let same = tokens(0..100);
    run(&mut pool, SALT, &same);
    pool.end(0);
    assert_eq!(run(&mut pool, SALT, &same), Choice::Run(cut(0, 99)));
    pool.end(0);
    let parked = Seat {
        park: Some(1),
        ..cut(0, 59)
    };
    assert_eq!(run(&mut pool, SALT, &same[..60]), Choice::Run(parked));
}

#[test]
fn another_salt_finds_nothing() {
    let mut pool = pool(4, 4);
    run(&mut pool, "a", &tokens(0..100));
    assert_eq!(run(&mut pool, "b", &tokens(0..100)), Choice::Run(cut(1, 0)));
    assert_eq!(run(&mut pool, "", &tokens(0..100)), Choice::Run(cut(2, 0)));
    pool.end(0);
    assert_eq!(run(&mut pool, "c", &tokens(0..100)), Choice::Run(cut(3, 0)));
    assert_eq!(run(&mut pool, "a", &tokens(0..100)), Choice::Run(cut(0, 99)));
}

#[test]
fn what_was_used_longest_ago_goes_first() {
    let mut pool = pool(3, 1);
    for own in 1..=3 {
        run(&mut pool, SALT, &prompt(0, own));
        pool.end(own as usize - 1);
    }
    // The first is used again; so the second goes for a fourth.
    assert_eq!(run(&mut pool, SALT, &prompt(0, 1)), Choice::Run(cut(0, 49)));
    pool.end(0);
    let evicting = Seat {
        evicts: true,
        ..cut(1, 0)
    };
    assert_eq!(run(&mut pool, SALT, &prompt(0, 4)), Choice::Run(evicting));
    pool.end(1);
    assert_eq!(run(&mut pool, SALT, &prompt(0, 1)), Choice::Run(cut(0, 49)));
}

#[test]
fn sequences_that_run_stand_together_and_what_is_in_the_way_is_kept() {
    let mut pool = pool(6, 4);
    for own in 1..=3 {
        run(&mut pool, SALT, &prompt(0, own));
    }
    pool.end(1);
    let parked = Seat {
        park: Some(3),
        ..cut(1, 0)
    };
    assert_eq!(run(&mut pool, SALT, &prompt(0, 4)), Choice::Run(parked));
    assert_eq!(run(&mut pool, SALT, &prompt(0, 2)), Choice::Run(cut(3, 49)));
    for id in 0..4 {
        pool.end(id);
    }
    // One runs at the end of them; what is far from it moves there.
    assert_eq!(run(&mut pool, SALT, &prompt(0, 2)), Choice::Run(cut(3, 49)));
    let moved = Seat {
        from: Some(0),
        ..cut(4, 49)
    };
    assert_eq!(run(&mut pool, SALT, &prompt(0, 1)), Choice::Run(moved));
    assert!(pool.places[0].is_empty());
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
    assert_eq!(pool.choose("b", &second), Some(Choice::Run(cut(1, 0))));
    assert_eq!(pool.choose(SALT, &prompt(0, 9)), Some(Choice::Run(cut(1, 0))));
    for token in &first[..500] {
        assert!(!pool.is_over(&awaited));
        pool.feed(0, *token);
    }
    assert!(pool.is_over(&awaited));
    // What the first holds by now is what is needed, and nothing else.
    let copied = Seat {
        from: Some(0),
        cut: false,
        ..cut(1, 500)
    };
    assert_eq!(run(&mut pool, SALT, &second), Choice::Run(copied));
}

#[test]
fn who_waits_goes_on_when_the_first_is_gone() {
    let (first, second) = (prompt(500, 1), prompt(500, 2));
    let check = |leave: fn(&mut Pool), expected: Seat| {
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
        assert_eq!(pool.choose(SALT, &second), Some(Choice::Run(expected)));
        // Another prompt in its place is another matter.
        pool.begin(0, SALT, &first, 0);
        assert!(pool.is_over(&awaited));
    };
    let continued = Seat {
        cut: false,
        ..cut(0, 200)
    };
    check(|pool| pool.end(0), continued);
    check(|pool| pool.empty(0), cut(0, 0));
}

#[test]
fn copies_before_one_batch_are_bounded() {
    let limits = Limits {
        sequences: 9,
        running_max: 9,
        context_tokens: COPIED_TOKENS_MAX / 2 * COPY_COST_DIVISOR,
    };
    let mut pool = Pool::new(limits, false);
    run(&mut pool, SALT, &prompt(500, 0));
    let admit = |pool: &mut Pool, own: i32| {
        let prompt = prompt(500, own);
        let Some(Choice::Run(seat)) = pool.choose(SALT, &prompt) else {
            return false;
        };
        assert_eq!(seat.from.is_some(), own > 0);
        pool.prepare(&seat);
        pool.begin(seat.id, SALT, &prompt, seat.tokens);
        true
    };
    assert!(pool.has_room() && admit(&mut pool, 1) && admit(&mut pool, 2));
    assert!(!pool.has_room() && !admit(&mut pool, 3));
    pool.feed(0, LlamaToken(1));
    assert!(pool.has_room() && admit(&mut pool, 3));
}

#[test]
fn a_state_that_cannot_be_cut_is_used_whole_or_not_at_all() {
    let mut pool = pool(3, 3);
    pool.keep_whole();
    run(&mut pool, SALT, &tokens(0..100));
    let check = |pool: &Pool, length: i32, expected: Seat| {
        let choice = pool.choose(SALT, &tokens(0..length));
        assert_eq!(choice, Some(Choice::Run(expected)), "{length}");
    };
    // Nor is it waited for, nor is its last token cut.
    check(&pool, 80, cut(1, 0));
    check(&pool, 100, cut(1, 0));
    let whole = Seat {
        cut: false,
        ..cut(0, 100)
    };
    let copied = Seat {
        id: 1,
        from: Some(0),
        ..whole
    };
    check(&pool, 101, copied);
    pool.end(0);
    check(&pool, 100, cut(1, 0));
    check(&pool, 101, whole);
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
                    let seat = match pool.choose(name, &asked) {
                        None => {
                            prop_assert_eq!(running, 4);
                            continue;
                        }
                        Some(Choice::Wait(awaited)) => {
                            prop_assert!(!pool.is_over(&awaited) && !whole_only);
                            prop_assert!(simulated[awaited.id].running.is_some());
                            continue;
                        }
                        Some(Choice::Run(seat)) => seat,
                    };
                    prop_assert!(simulated[seat.id].running.is_none() && running < 4);
                    let joins = |id: usize| {
                        let runs = |id: usize| simulated.get(id).is_some_and(|it| it.running.is_some());
                        usize::from(runs(id.wrapping_sub(1))) + usize::from(runs(id + 1))
                    };
                    let idle = (0..6).filter(|id| simulated[*id].running.is_none());
                    prop_assert_eq!(idle.map(joins).max(), Some(joins(seat.id)));
                    if let Some(park) = seat.park {
                        prop_assert!(simulated[park].running.is_none());
                        simulated[park] = simulated[seat.id].clone();
                    }
                    let mut memory = simulated[seat.from.unwrap_or(seat.id)].memory.clone();
                    prop_assert!(seat.tokens < prompt.len() && seat.tokens <= memory.len());
                    prop_assert!(seat.cut || memory.len() == seat.tokens);
                    prop_assert!(!whole_only || seat.tokens == 0 || memory.len() == seat.tokens);
                    memory.truncate(seat.tokens);
                    let expected: Vec<_> = prompt[..seat.tokens].iter().map(|token| (salt, *token)).collect();
                    prop_assert_eq!(&memory, &expected);
                    pool.prepare(&seat);
                    pool.begin(seat.id, name, &asked, seat.tokens);
                    simulated[seat.id] = Simulated { memory, running: Some((salt, prompt)) };
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
