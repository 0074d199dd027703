//! Decisions are those of the real `LiteLLM`: the cases of `golden/litellm.json`, which `litellm/golden.py` asked it.
//!
//! Known differences, each by intent: no deployment is asked twice in one plan, a prompt that fits nowhere is told
//! before the first attempt, and waits have full jitter, so they are never longer than `LiteLLM`'s.

use gyre_routing::{
    Attempted, Case, Failure, Health, Inputs, Kind, PlanError, Retry, State, Statistics, Task, fail, plan,
    replan, resolve, retries_max, retry, shuffle_weights,
};
use gyre_routing_config::{RoutingConfig, parse_litellm};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const GOLDEN: &str = include_str!("golden/litellm.json");
const NOW_MS: u64 = 1_800_000_000_000;
const DRAWS: u64 = 200;

const KINDS: [Kind; 14] = [
    Kind::BadRequest,
    Kind::ContextWindow,
    Kind::ContentPolicy,
    Kind::Authentication,
    Kind::Payment,
    Kind::Permission,
    Kind::NotFound,
    Kind::Timeout,
    Kind::Unprocessable,
    Kind::RateLimit,
    Kind::Internal,
    Kind::BadGateway,
    Kind::Unavailable,
    Kind::Connection,
];

fn kind(name: &str) -> Kind {
    let found = KINDS.into_iter().find(|kind| kind.name() == name);
    found.unwrap_or_else(|| panic!("no kind is called {name}"))
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_default()
}

fn number(case: &Value, key: &str) -> u64 {
    case[key].as_u64().unwrap_or_default()
}

/// Pairs of an object, or none.
fn pairs<'a>(case: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    case[key].as_object().into_iter().flatten()
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|it| it.as_str().map(str::to_owned)).collect()
}

#[test]
fn decisions_are_those_of_litellm() {
    let golden: Value = serde_json::from_str(GOLDEN).expect("golden/litellm.json is JSON");
    let configs: BTreeMap<&str, RoutingConfig> = golden["configs"]
        .as_object()
        .expect("configs")
        .iter()
        .map(|(name, text)| {
            let parsed = parse_litellm(text.as_str().expect("a text"));
            (
                name.as_str(),
                parsed.unwrap_or_else(|error| panic!("{name}: {error}")).config,
            )
        })
        .collect();
    let cases = golden["cases"].as_array().expect("cases");
    assert!(cases.len() > 400, "the table is whole");
    let mut wrong = Vec::new();
    for case in cases {
        let config = &configs[text(case, "config")];
        let (ours, theirs) = decided(config, case);
        if ours != theirs {
            wrong.push(format!("{case}\n   ours {ours}\n   LiteLLM {theirs}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Our decision, and `LiteLLM`'s as far as it is to be the same.
fn decided(config: &RoutingConfig, case: &Value) -> (Value, Value) {
    let wanted = case["wanted"].clone();
    match text(case, "ask") {
        "resolve" => (resolved(config, case), wanted),
        "healthy" | "first" => (healthy(config, case), wanted),
        "weights" => (weights(config, case), rounded(&wanted)),
        "attempts" if case["always"] == true => (
            attempts_of_one(config, case),
            json!(wanted.as_array().map(Vec::len)),
        ),
        "attempts" => (attempts(config, case), json!(deduplicated(&wanted))),
        "timeout" => (timeout(config, case), json!(wanted.as_f64())),
        "should_retry" => (json!(should_retry(config, case)), wanted),
        "wait" => waits(config, case, &wanted),
        "cooldowns" => (cooldowns(config, case), wanted),
        other => panic!("{other}"),
    }
}

fn resolved(config: &RoutingConfig, case: &Value) -> Value {
    let Ok(resolved) = resolve(config, text(case, "model")) else {
        return Value::Null;
    };
    let deployments: Vec<_> = resolved
        .candidates
        .iter()
        .map(|it| {
            let qualified = &it.deployment.qualified_model;
            let prefix = qualified
                .strip_suffix(it.deployment.upstream_model.as_str())
                .expect("a prefix");
            // A name that fills no wildcards is handed on whole.
            let whole = it.upstream_model.contains('/') && it.upstream_model == text(case, "model");
            let model = if whole {
                it.upstream_model.clone()
            } else {
                format!("{prefix}{}", it.upstream_model)
            };
            json!([it.deployment.id, model])
        })
        .collect();
    // An id is the group of itself here, and that of its upstream model there.
    let by_id = config.deployments.iter().find(|it| it.id == resolved.group);
    let group = by_id
        .filter(|it| it.group != it.id)
        .map_or(&resolved.group, |it| &it.qualified_model);
    json!({ "group": group, "deployments": deployments })
}

fn task(case: &Value) -> Task {
    Task {
        model: text(case, "model").into(),
        // What golden.py asks with takes 8 tokens.
        input_tokens: case["input_tokens"].as_u64().unwrap_or(8),
        tags: texts(&case["tags"]),
        ..Task::default()
    }
}

fn state(case: &Value) -> State {
    let mut state = State::default();
    let health = |state: &mut State, id: &str, change: &dyn Fn(&mut Health)| {
        change(state.health.entry(id.to_owned()).or_default());
    };
    for (id, seconds) in pairs(case, "cooldown") {
        let until_ms = NOW_MS + seconds.as_u64().expect("seconds") * 1_000;
        health(&mut state, id, &|it| it.cooldown_until_ms = until_ms);
    }
    for (id, count) in pairs(case, "requests") {
        health(&mut state, id, &|it| {
            it.minute.add(NOW_MS, count.as_u64().unwrap_or(0), 0);
        });
    }
    for (id, count) in pairs(case, "tokens") {
        health(&mut state, id, &|it| {
            it.minute.add(NOW_MS, 0, count.as_u64().unwrap_or(0));
        });
    }
    for (id, count) in pairs(case, "in_flight") {
        for _ in 0..count.as_u64().unwrap_or(0) {
            health(&mut state, id, &|it| it.begin(NOW_MS, 1_000));
        }
    }
    for (id, latencies) in pairs(case, "latencies") {
        let mut statistics = Statistics::default();
        for seconds in latencies.as_array().expect("latencies") {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a few seconds"
            )]
            let latency_ms = (seconds.as_f64().expect("seconds") * 1_000.0) as u64;
            let outcome = gyre_routing::Outcome {
                success: true,
                latency_ms,
                output_tokens: 1,
                ..gyre_routing::Outcome::default()
            };
            statistics.outcomes.add("", &outcome);
        }
        state.statistics.insert(id.clone(), statistics);
    }
    state
}

/// The deployments that may be asked at once: those of the first level of the order.
fn healthy(config: &RoutingConfig, case: &Value) -> Value {
    let (task, state) = (task(case), state(case));
    let mut seen = BTreeSet::new();
    for seed in 0..DRAWS {
        let inputs = Inputs {
            config,
            state: &state,
            task: &task,
            now_ms: NOW_MS,
            seed,
        };
        match plan(&inputs) {
            Ok(plan) => {
                seen.insert(plan.attempts[0].deployment.clone());
            }
            Err(PlanError::Unavailable {
                kind: Kind::ContextWindow,
                ..
            }) => return json!("context_window"),
            Err(_) => return Value::Null,
        }
    }
    json!(seen)
}

fn weights(config: &RoutingConfig, case: &Value) -> Value {
    let resolved = resolve(config, text(case, "model")).expect("a group");
    let weights = shuffle_weights(&resolved.candidates);
    let total: f64 = weights.iter().sum();
    let shares: serde_json::Map<String, Value> = resolved
        .candidates
        .iter()
        .zip(weights)
        .map(|(it, weight)| (it.deployment.id.clone(), json!(weight / total)))
        .collect();
    rounded(&Value::Object(shares))
}

/// Shares in millionths.
fn rounded(shares: &Value) -> Value {
    let round = |share: &Value| (share.as_f64().expect("a share") * 1e6).round();
    let shares = shares.as_object().expect("shares").iter();
    shares
        .map(|(id, share)| (id.clone(), json!(round(share))))
        .collect()
}

fn deduplicated(wanted: &Value) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in texts(wanted) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// The deployments that are asked when the first fails so, and the others as ordinary failures do.
fn attempts(config: &RoutingConfig, case: &Value) -> Value {
    let (task, state) = (task(case), State::default());
    let inputs = Inputs {
        config,
        state: &state,
        task: &task,
        now_ms: NOW_MS,
        seed: 1,
    };
    let ids = |plan: gyre_routing::Plan| {
        plan.attempts
            .into_iter()
            .map(|it| it.deployment)
            .collect::<Vec<_>>()
    };
    let ordinary = ids(plan(&inputs).expect("a plan"));
    let kind = kind(text(case, "kind"));
    if !matches!(kind, Kind::ContextWindow | Kind::ContentPolicy) {
        return json!(ordinary);
    }
    let mut asked = vec![ordinary[0].clone()];
    let rest = replan(&inputs, kind, &asked).map(ids).unwrap_or_default();
    asked.extend(rest);
    json!(asked)
}

/// Seconds of the first attempt.
fn timeout(config: &RoutingConfig, case: &Value) -> Value {
    let (state, mut task) = (State::default(), task(case));
    task.stream = case["stream"] == true;
    let inputs = Inputs {
        config,
        state: &state,
        task: &task,
        now_ms: NOW_MS,
        seed: 1,
    };
    let plan = plan(&inputs).expect("a plan");
    #[expect(clippy::cast_precision_loss, reason = "a few seconds")]
    let seconds = plan.attempts[0].timeout_ms.map(|ms| ms as f64 / 1_000.0);
    json!(seconds)
}

fn attempted<'a>(config: &'a RoutingConfig, group: &'a str) -> Attempted<'a> {
    let deployments: Vec<_> = config.deployments.iter().filter(|it| it.group == group).collect();
    Attempted {
        config,
        group,
        deployment: deployments.first().copied(),
        all: deployments.len(),
        healthy: deployments.len(),
        made: 0,
        begun: false,
    }
}

/// How often a group is asked when it always fails.
fn attempts_of_one(config: &RoutingConfig, case: &Value) -> Value {
    let mut attempted = attempted(config, text(case, "model"));
    let failure = Failure::of(kind(text(case, "kind")));
    while let Retry::After { .. } = retry(&attempted, &failure, 0.5) {
        attempted.made += 1;
        assert!(attempted.made <= retries_max(&attempted, failure.kind));
    }
    json!(attempted.made + 1)
}

fn should_retry(config: &RoutingConfig, case: &Value) -> bool {
    // A group without a policy of its own: the question is asked only where no policy answers it.
    let attempted = Attempted {
        deployment: None,
        all: usize::try_from(number(case, "all")).expect("a small number"),
        healthy: usize::try_from(number(case, "healthy")).expect("a small number"),
        ..attempted(config, "a")
    };
    let failure = Failure::of(kind(text(case, "kind")));
    matches!(retry(&attempted, &failure, 0.5), Retry::After { .. })
}

fn waits(config: &RoutingConfig, case: &Value, wanted: &Value) -> (Value, Value) {
    let mut config = config.clone();
    config.retries.count = 9;
    let attempted = Attempted {
        deployment: None,
        all: usize::try_from(number(case, "all")).expect("a small number"),
        healthy: usize::try_from(number(case, "healthy")).expect("a small number"),
        made: u32::try_from(number(case, "made")).expect("a small number"),
        ..attempted(&config, "a")
    };
    let failure = Failure {
        kind: Kind::RateLimit,
        retry_after_ms: case["retry_after"].as_u64().map(|seconds| seconds * 1_000),
    };
    // Without fallbacks for it, so that the wait is asked for at all.
    let mut bare = config.clone();
    bare.fallbacks.ordinary.clear();
    let attempted = Attempted {
        config: &bare,
        healthy: attempted.healthy.max(1),
        all: if attempted.healthy == 0 { 1 } else { attempted.all },
        ..attempted
    };
    let wait = |chance: f64| match retry(&attempted, &failure, chance) {
        Retry::After { wait_ms } => wait_ms,
        Retry::No(why) => panic!("{why:?}"),
    };
    let instant = wait(1.0) == 0;
    let least_ms = number(wanted, "least_ms");
    let most_ms = number(wanted, "most_ms").div_ceil(250) * 250;
    let within = wait(1.0) <= most_ms;
    // What an upstream or the configuration asks for is waited at least.
    let asked_ms = if failure.retry_after_ms.is_some_and(|ms| ms <= 60_000) {
        least_ms
    } else {
        1_000
    };
    let least = instant || wait(0.0) >= asked_ms;
    (
        json!([instant, within, least]),
        json!([wanted["instant"], true, true]),
    )
}

fn cooldowns(config: &RoutingConfig, case: &Value) -> Value {
    let id = text(case, "deployment");
    let deployment = config
        .deployments
        .iter()
        .find(|it| it.id == id)
        .expect("a deployment");
    let alone = config
        .deployments
        .iter()
        .filter(|it| it.group == deployment.group)
        .count()
        == 1;
    let case_of = Case {
        cooldown: &config.cooldown,
        deployment,
        alone,
    };
    let mut health = Health::default();
    let mut told = Vec::new();
    for event in texts(&case["events"]) {
        let (name, after) = event.split_once(' ').unwrap_or((&event, ""));
        let times = case["times"][&event].as_u64().unwrap_or(1);
        let mut last = None;
        for _ in 0..times {
            health.begin(NOW_MS, 1_000);
            if name == "success" {
                health.succeed(NOW_MS, 1);
                last = None;
                continue;
            }
            let failure = Failure {
                kind: kind(name),
                retry_after_ms: after.parse::<u64>().ok().map(|seconds| seconds * 1_000),
            };
            last = fail(&mut health, &case_of, &failure, NOW_MS).map(|ms| ms / 1_000);
        }
        told.push(last);
    }
    json!(told)
}
