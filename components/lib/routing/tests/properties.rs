//! What holds of every plan, every policy and every stored value, whatever comes in.

use gyre_routing::{
    ATTEMPTS_MAX, Attempted, Failure, Health, Inputs, Kind, LEFT_OUT_MAX, Plan, Point, Reason, Retry, State,
    Statistics, Task, Why, front, plan, replan, retry, retry_after_ms,
};
use gyre_routing_config::{RoutingConfig, Strategy, Weights, parse_routing};
use proptest::prelude::{Strategy as Any, *};
use std::collections::BTreeSet;

const NOW_MS: u64 = 1_800_000_000_000;

/// A configuration of groups g0, g1, … of so many deployments each, every group with a chain to all others.
fn config(groups: usize, deployments: usize, strategy: Strategy) -> RoutingConfig {
    let mut text = String::from("[routing]\n");
    for group in 0..groups {
        text.push_str(&format!("[[routing.models]]\nname = \"g{group}\"\n"));
        for deployment in 0..deployments {
            text.push_str(&format!(
                "[[routing.models.deployments]]\nid = \"{group}-{deployment}\"\nbackend = \"b{deployment}\"\n\
                 price_input = {deployment}\nprice_output = 1\nweight = {deployment}\nrpm = 100\ntpm = 100000\n"
            ));
        }
    }
    text.push_str("[routing.fallbacks.ordinary]\n");
    for group in 0..groups {
        let others: Vec<String> = (0..groups).map(|other| format!("\"g{other}\"")).collect();
        text.push_str(&format!("g{group} = [{}]\n", others.join(", ")));
    }
    let mut config = parse_routing(&text).expect("a configuration").config;
    config.strategy = strategy;
    config
}

fn strategies() -> impl Any<Value = Strategy> {
    prop::sample::select(vec![
        Strategy::Explicit,
        Strategy::LocalFirst,
        Strategy::Cost,
        Strategy::Latency { buffer: 0.1 },
        Strategy::Quality,
        Strategy::Balanced(Weights {
            cost: 1.0,
            latency: 1.0,
            quality: 1.0,
        }),
        Strategy::LeastBusy,
        Strategy::LeastUsed,
        Strategy::Shuffle,
        Strategy::EpsilonGreedy { epsilon: 0.5 },
        Strategy::Thompson,
        Strategy::LinUcb { alpha: 1.0 },
    ])
}

fn asked(model: &str) -> Task {
    Task {
        model: model.into(),
        input_tokens: 10,
        ..Task::default()
    }
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.attempts.iter().map(|it| it.deployment.as_str()).collect()
}

proptest! {
    #[test]
    fn plans_are_bounded_repeat_nobody_and_keep_cooldowns(
        (groups, deployments) in (1_usize..6, 1_usize..6),
        strategy in strategies(),
        cold in prop::collection::vec(any::<bool>(), 36),
        seed in any::<u64>(),
    ) {
        let config = config(groups, deployments, strategy);
        let mut state = State::default();
        for (deployment, cold) in config.deployments.iter().zip(&cold) {
            if *cold {
                let health = Health { cooldown_until_ms: NOW_MS + 1, trips: 1, ..Health::default() };
                state.health.insert(deployment.id.clone(), health);
            }
        }
        let warm: BTreeSet<&str> = config
            .deployments
            .iter()
            .zip(&cold)
            .filter(|(_, cold)| !**cold)
            .map(|(it, _)| it.id.as_str())
            .collect();
        let task = asked("g0");
        let inputs = Inputs { config: &config, state: &state, task: &task, now_ms: NOW_MS, seed };
        match plan(&inputs) {
            Err(error) => {
                prop_assert!(warm.is_empty(), "{error}");
                prop_assert!(error.to_string().contains("cooldown"));
            }
            Ok(plan) => {
                let ids = ids(&plan);
                prop_assert!((1..=ATTEMPTS_MAX).contains(&ids.len()) && plan.left_out.len() <= LEFT_OUT_MAX);
                prop_assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
                prop_assert!(ids.iter().all(|id| warm.contains(id)));
                let in_group = warm.iter().any(|id| id.starts_with("0-"));
                prop_assert!(!in_group || ids[0].starts_with("0-"), "its own group comes first: {ids:?}");
                prop_assert!(plan.header().is_ascii() && plan.header().len() <= 1_024);
                prop_assert_eq!(&plan, &gyre_routing::plan(&inputs).expect("the same seed"));
            }
        }
        // The same moment later, nobody is in cooldown any more.
        let later = Inputs { now_ms: NOW_MS + 1, ..inputs };
        prop_assert!(plan(&later).is_ok());
    }

    #[test]
    fn a_new_plan_asks_nobody_again(deployments in 1_usize..5, seed in any::<u64>()) {
        let config = config(3, deployments, Strategy::Shuffle);
        let (state, task) = (State::default(), asked("g1"));
        let inputs = Inputs { config: &config, state: &state, task: &task, now_ms: NOW_MS, seed };
        let first = plan(&inputs).expect("a plan");
        let asked: Vec<String> = first.attempts.iter().take(1).map(|it| it.deployment.clone()).collect();
        let next = replan(&inputs, Kind::Internal, &asked).expect("others are there");
        prop_assert!(!ids(&next).contains(&asked[0].as_str()));
    }

    #[test]
    fn retries_end_and_waits_are_bounded(
        kind in prop::sample::select(vec![Kind::Internal, Kind::RateLimit, Kind::Timeout, Kind::Connection]),
        after in prop::option::of(any::<u64>()),
        chance in any::<f64>(),
        (all, healthy) in (1_usize..4, 0_usize..4),
    ) {
        let config = config(1, 1, Strategy::Explicit);
        let mut attempted = Attempted { config: &config, group: "g0", deployment: None, all, healthy, made: 0, begun: false };
        let failure = Failure { kind, retry_after_ms: after };
        while let Retry::After { wait_ms } = retry(&attempted, &failure, chance) {
            prop_assert!(wait_ms <= 60_750);
            prop_assert!(after.is_none_or(|ms| wait_ms >= ms || ms > 60_000) || (all != 1 && healthy > 0));
            attempted.made += 1;
            prop_assert!(attempted.made <= 2);
        }
        attempted.begun = true;
        attempted.made = 0;
        prop_assert_eq!(retry(&attempted, &failure, chance), Retry::No(Why::Begun));
    }

    #[test]
    fn stored_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,60}") {
        let _ = Statistics::decode(&bytes);
        let _ = Health::decode(text.as_bytes());
        let header = |name: &str| (name == "retry-after").then_some(text.as_str());
        if let Some(ms) = retry_after_ms(header, NOW_MS) {
            prop_assert!(ms <= 86_400_000);
        }
    }

    #[test]
    fn the_front_is_what_nobody_beats(axes in prop::collection::vec((0_u8..5, 0_u8..5, 0_u8..5), 1..12)) {
        let points: Vec<Point> = axes
            .iter()
            .map(|(cost, latency, lack)| Point { cost: (*cost).into(), latency: (*latency).into(), lack: (*lack).into() })
            .collect();
        let front = front(&points);
        prop_assert!(front.contains(&true), "someone is always there");
        for (point, kept) in points.iter().zip(&front) {
            prop_assert_eq!(*kept, !points.iter().any(|other| other.beats(*point)));
        }
        let order = gyre_routing::pareto_ranked(&points, &Weights { cost: 1.0, latency: 0.5, quality: 2.0 });
        let mut sorted = order.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..points.len()).collect::<Vec<_>>());
        prop_assert!(front[order[0]]);
    }
}

#[test]
fn a_deployment_that_comes_back_is_tried_by_one_request() {
    let config = config(1, 1, Strategy::Explicit);
    let deployment = &config.deployments[0];
    let case = gyre_routing::Case {
        cooldown: &config.cooldown,
        deployment,
        alone: false,
    };
    let mut health = Health::default();
    let failure = Failure::of(Kind::RateLimit);
    health.begin(NOW_MS, 1_000);
    let first = gyre_routing::fail(&mut health, &case, &failure, NOW_MS).expect("a cooldown");
    let back_ms = NOW_MS + first;
    health.begin(back_ms, 1_000);
    let state = State {
        health: [(deployment.id.clone(), health.clone())].into(),
        ..State::default()
    };
    let task = asked("g0");
    let inputs = Inputs {
        config: &config,
        state: &state,
        task: &task,
        now_ms: back_ms,
        seed: 0,
    };
    let error = plan(&inputs).expect_err("the trial is under way");
    assert!(error.to_string().contains(Reason::OnTrial.name()), "{error}");
    let again = gyre_routing::fail(&mut health, &case, &Failure::of(Kind::Internal), back_ms);
    assert_eq!(again, Some(2 * first), "a failed trial doubles the time");
    health.begin(back_ms + 2 * first, 1_000);
    health.succeed(back_ms + 2 * first, 5);
    assert_eq!(
        health.breaker(back_ms + 2 * first, true),
        gyre_routing::Breaker::Closed,
        "a trial that succeeds ends it"
    );
}

#[test]
fn what_cannot_serve_is_left_out_with_its_reason() {
    let mut config = config(1, 2, Strategy::Explicit);
    config.deployments[0].abilities.tools = Some(false);
    let mut task = asked("g0");
    task.needs.tools = true;
    let state = State::default();
    let inputs = Inputs {
        config: &config,
        state: &state,
        task: &task,
        now_ms: NOW_MS,
        seed: 0,
    };
    let plan = plan(&inputs).expect("the other one");
    assert_eq!(ids(&plan), ["0-1"]);
    assert_eq!(plan.left_out[0].reason, Reason::Tools);
    assert_eq!(plan.header(), "g0; 0-1; out: 0-0=tools");
}

#[test]
fn failures_at_once_are_one_failed_trial() {
    let config = config(1, 2, Strategy::Explicit);
    let case = gyre_routing::Case {
        cooldown: &config.cooldown,
        deployment: &config.deployments[0],
        alone: false,
    };
    let mut health = Health::default();
    let failure = Failure::of(Kind::RateLimit);
    let times: Vec<_> = (0..3)
        .map(|_| gyre_routing::fail(&mut health, &case, &failure, NOW_MS))
        .collect();
    assert_eq!(times, [Some(5_000); 3]);
}

#[test]
fn requests_that_never_ended_are_forgotten() {
    let mut health = Health::default();
    health.begin(NOW_MS, 1_000);
    health.begin(NOW_MS, 2_000);
    assert_eq!(
        (health.in_flight(NOW_MS), health.in_flight(NOW_MS + 1_999)),
        (2, 2)
    );
    health.succeed(NOW_MS + 10, 5);
    assert_eq!(health.in_flight(NOW_MS + 10), 1);
    assert_eq!(health.in_flight(NOW_MS + 2_000), 0);
    health.begin(NOW_MS + 9_000, 1_000);
    assert_eq!(health.in_flight(NOW_MS + 9_000), 1);
}

#[test]
fn tags_that_are_conditions_are_refused_by_name() {
    let mut config = config(1, 1, Strategy::Explicit);
    let mut task = asked("g0");
    task.tags = vec!["!eu".into()];
    let state = State::default();
    let answer = |config: &RoutingConfig| {
        let inputs = Inputs {
            config,
            state: &state,
            task: &task,
            now_ms: NOW_MS,
            seed: 0,
        };
        plan(&inputs).map(|plan| plan.attempts.len())
    };
    assert_eq!(answer(&config), Ok(1), "tags are not looked at");
    config.tag_filter = gyre_routing_config::TagFilter::Any;
    let error = answer(&config).expect_err("a condition");
    assert!(error.to_string().contains("`!eu`"), "{error}");
}
