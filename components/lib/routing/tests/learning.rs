//! What is learned from outcomes: arms converge, bad rewards lower them, statistics add up and can be stored.

use gyre_routing::{
    Arm, FEATURES, Inputs, Latencies, Meant, Outcome, Record, State, Statistics, Task, features, meant, plan,
    reward,
};
use gyre_routing_config::{Intent, RoutingConfig, Strategy, parse_routing};
use proptest::prelude::{Strategy as Any, *};

const ROUNDS: u64 = 600;

fn config(strategy: Strategy) -> RoutingConfig {
    let text = r#"
        [routing]
        [[routing.models]]
        name = "m"
        deployments = [{ id = "bad", backend = "a" }, { id = "good", backend = "b" }, { id = "fair", backend = "c" }]
    "#;
    let mut config = parse_routing(text).expect("a configuration").config;
    config.strategy = strategy;
    config
}

fn task(class: &str, tools: bool) -> Task {
    let mut task = Task {
        model: "m".into(),
        class: class.into(),
        input_tokens: 100,
        ..Task::default()
    };
    task.needs.tools = tools;
    task
}

/// A number from 0 to 1 that looks like chance, and is the same each time.
fn chance(round: u64, salt: u64) -> f64 {
    let mixed = (round ^ salt.wrapping_mul(0x9e37_79b9)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    f64::from(u32::try_from(mixed >> 32).expect("32 bits")) / f64::from(u32::MAX)
}

/// Replays rounds of which the given arm answers so often, and tells how often the last third chose `wanted`.
fn replayed(
    strategy: Strategy,
    succeeds: impl Fn(&str, bool) -> f64,
    wanted: impl Fn(bool) -> &'static str,
) -> f64 {
    let config = config(strategy);
    let mut state = State::default();
    let mut right = 0;
    for round in 0..ROUNDS {
        let task = task("", round % 2 == 0);
        let inputs = Inputs {
            config: &config,
            state: &state,
            task: &task,
            now_ms: round * 1_000,
            seed: round,
        };
        let chosen = plan(&inputs).expect("a plan").attempts[0].deployment.clone();
        let outcome = Outcome {
            success: chance(round, 7) < succeeds(&chosen, task.needs.tools),
            latency_ms: 800,
            ..Outcome::default()
        };
        right += u32::from(round >= ROUNDS * 2 / 3 && chosen == wanted(task.needs.tools));
        state.statistics.entry(chosen).or_default().learn(&task, &outcome);
    }
    f64::from(right) / 200.0
}

#[test]
fn learners_find_the_best_arm() {
    let succeeds = |arm: &str, _: bool| match arm {
        "good" => 0.95,
        "fair" => 0.6,
        _ => 0.2,
    };
    for (strategy, least) in [
        (Strategy::EpsilonGreedy { epsilon: 0.1 }, 0.85),
        (Strategy::Thompson, 0.85),
        (Strategy::LinUcb { alpha: 0.6 }, 0.85),
        (Strategy::Quality, 0.95),
    ] {
        let share = replayed(strategy, succeeds, |_| "good");
        assert!(
            share >= least,
            "{strategy:?} chose the best arm in {share} of the last third"
        );
    }
}

#[test]
fn linucb_learns_which_arm_is_for_which_task() {
    let succeeds = |arm: &str, tools: bool| match (arm, tools) {
        ("good", true) | ("fair", false) => 0.95,
        _ => 0.3,
    };
    let share = replayed(Strategy::LinUcb { alpha: 0.6 }, succeeds, |tools| {
        if tools { "good" } else { "fair" }
    });
    assert!(share >= 0.85, "{share}");
}

fn outcomes() -> impl Any<Value = Outcome> {
    let parts = (
        any::<bool>(),
        any::<u64>(),
        any::<f64>(),
        prop::option::of(any::<f64>()),
        any::<u64>(),
    );
    parts.prop_map(
        |(success, latency_ms, cost_micros, feedback, output_tokens)| Outcome {
            success,
            latency_ms,
            first_token_ms: Some(latency_ms / 2),
            output_tokens,
            cost_micros,
            feedback,
        },
    )
}

proptest! {
    #[test]
    fn rewards_are_bounded(outcome in outcomes()) {
        let reward = reward(&outcome);
        prop_assert!((-1.0..=1.0).contains(&reward), "{reward}");
        prop_assert!(outcome.success || reward < 0.0);
    }

    #[test]
    fn a_negative_reward_lowers_the_arm(before in prop::collection::vec(outcomes(), 0..40), feedback in -1.0..-0.001_f64) {
        let task = task("c", true);
        let mut statistics = Statistics::default();
        for outcome in &before {
            statistics.learn(&task, outcome);
        }
        let x = features(&task);
        let quality = |it: &Statistics| it.outcomes.of("c").map_or(0.5, |record| record.quality(None));
        let predicted = |it: &Statistics| it.arm.as_ref().map_or(0.0, |arm| arm.prediction(&x));
        let (quality_before, predicted_before) = (quality(&statistics), predicted(&statistics));
        let bad = Outcome { success: true, feedback: Some(feedback), ..Outcome::default() };
        prop_assert!(statistics.learn(&task, &bad) < 0.0);
        prop_assert!(quality(&statistics) < quality_before);
        let lower = predicted(&statistics) < predicted_before;
        prop_assert!(lower || predicted_before <= -1.9, "{predicted_before} to {}", predicted(&statistics));
    }

    #[test]
    fn arms_stay_numbers(steps in prop::collection::vec((prop::array::uniform16(any::<f64>()), any::<f64>()), 0..60)) {
        let mut arm = Arm::default();
        for (x, reward) in &steps {
            arm.learn(x, *reward);
            prop_assert!(arm.is_valid());
        }
        prop_assert!(arm.score(&[0.5; FEATURES], 1.0).is_finite());
    }

    #[test]
    fn features_are_bounded(embedding in prop::collection::vec(any::<f32>(), 0..64), tokens in any::<u64>(), tenant in ".{0,9}") {
        let task = Task { embedding, input_tokens: tokens, tenant: Some(tenant), ..task("", false) };
        prop_assert!(features(&task).iter().all(|it| (-1.0..=1.0).contains(it)));
    }

    #[test]
    fn statistics_are_stored_as_they_are(outcomes in prop::collection::vec((outcomes(), ".{0,80}"), 0..60)) {
        let mut statistics = Statistics::default();
        for (outcome, class) in &outcomes {
            statistics.learn(&task(class, false), outcome);
        }
        let text = statistics.encode().expect("it fits");
        let back = Statistics::decode(text.as_bytes()).expect("it is its own");
        // JSON may lose the last bit of a number.
        let near = |left: f64, right: f64| (left - right).abs() <= 1e-9 * left.abs().max(1.0);
        for (_, class) in &outcomes {
            let (left, right) = (statistics.outcomes.of(class).expect("it"), back.outcomes.of(class).expect("it"));
            prop_assert_eq!((left.successes, left.failures), (right.successes, right.failures));
            prop_assert_eq!(&left.latencies, &right.latencies);
            prop_assert!(near(left.quality(None), right.quality(None)));
        }
        let x = features(&task("", false));
        let predicted = |it: &Statistics| it.arm.as_ref().map_or(0.0, |arm| arm.prediction(&x));
        prop_assert!(near(predicted(&statistics), predicted(&back)));
    }

    #[test]
    fn sketches_add_up(left in prop::collection::vec(1_u64..100_000, 1..200), right in prop::collection::vec(1_u64..100_000, 1..200)) {
        let sketch = |values: &[u64]| {
            let mut sketch = Latencies::default();
            values.iter().for_each(|ms| sketch.add(*ms));
            sketch
        };
        let mut merged = sketch(&left);
        merged.merge(&sketch(&right));
        let mut all = [left, right].concat();
        prop_assert_eq!(&merged, &sketch(&all));
        all.sort_unstable();
        for share in [0.5, 0.95, 0.99] {
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let rank = ((share * all.len() as f64).ceil() as usize).clamp(1, all.len());
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let truth = all[rank - 1] as f64;
            let told = merged.quantile_ms(share).expect("there are some");
            prop_assert!((truth / 1.21..=truth * 1.21).contains(&told), "{told} for {truth}");
        }
    }
}

#[test]
fn records_add_up() {
    let outcome = |success| Outcome {
        success,
        latency_ms: 100,
        cost_micros: 3.0,
        ..Outcome::default()
    };
    let mut left = Record::default();
    let mut right = Record::default();
    left.add(&outcome(true));
    right.add(&outcome(false));
    left.merge(&right);
    assert_eq!((left.successes, left.failures, left.latencies.count()), (1, 1, 1));
    assert!((left.cost_micros - 6.0).abs() < 1e-9);
}

#[test]
fn classes_are_bounded() {
    let mut statistics = Statistics::default();
    let outcome = Outcome {
        success: true,
        ..Outcome::default()
    };
    for class in 0..1_000 {
        statistics.learn(&task(&format!("class-{class}"), false), &outcome);
    }
    let others = statistics.outcomes.of("class-999").expect("the shared record");
    assert_eq!(others.successes, 1_000 - 32);
}

#[test]
fn spoiled_statistics_are_refused() {
    for text in [
        "",
        "[]",
        r#"{"outcomes":{"a":{"successes":-1}},"arm":null}"#,
        r#"{"outcomes":{},"arm":{"inverse":[1],"rewards":[],"count":0}}"#,
        r#"{"outcomes":{},"arm":null,"more":1}"#,
    ] {
        let error = Statistics::decode(text.as_bytes()).expect_err(text);
        assert!(error.to_string().contains("hint:"), "{error}");
    }
    assert!(Statistics::decode(&vec![b' '; 300_000]).is_err());
}

#[test]
fn questions_find_their_agent() {
    let intent = |agent: &str, examples: usize| Intent {
        agent: agent.into(),
        examples: vec!["x".into(); examples],
        similarity_min: 0.5,
    };
    let intents = [intent("researcher", 2), intent("assistant", 1)];
    let examples = [vec![1.0, 0.0], vec![0.9, 0.1], vec![0.0, 1.0]];
    let agent =
        |question: &[f32]| meant(&intents, &examples, question).map(|Meant { agent, .. }| agent.to_owned());
    assert_eq!(agent(&[1.0, 0.1]).as_deref(), Some("researcher"));
    assert_eq!(agent(&[0.1, 1.0]).as_deref(), Some("assistant"));
    for far in [&[-1.0, -1.0][..], &[0.0, 0.0], &[f32::NAN, 1.0], &[1.0], &[]] {
        assert_eq!(agent(far), None, "{far:?}");
    }
}
