//! A `config.yaml` of `LiteLLM`: what is read as it is, what is told as not honoured, and what is refused.

use gyre_routing_config::{
    Address, Parsed, Provider, RoutingConfig, Strategy, TagFilter, parse_litellm, parse_routing, privileges,
};
use proptest::prelude::*;

const FULL: &str = include_str!("golden/litellm.yaml");
const MANIFEST: &str = include_str!("golden/litellm.manifest.toml");

fn parsed(text: &str) -> Parsed {
    parse_litellm(text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

fn read(text: &str) -> RoutingConfig {
    parsed(text).config
}

#[test]
fn the_full_file() {
    let config = read(FULL);
    let told: Vec<&str> = config.deployments.iter().map(|it| it.backend.as_str()).collect();
    assert_eq!(
        told,
        [
            "model-openai",
            "model-openai-2",
            "model-anthropic",
            "model-gemini",
            "model-openrouter",
            "model-ollama",
            "model-hosted-vllm",
            "model-openai"
        ]
    );
    let first = &config.deployments[0];
    assert_eq!(
        (first.upstream_model.as_str(), first.id.as_str()),
        ("gpt-4o", "gpt-4o/openai/gpt-4o#0")
    );
    assert_eq!(
        (first.weight, first.rpm, first.order),
        (Some(2.0), Some(900), Some(1))
    );
    let price = first.price.expect("a price");
    assert!((price.input_per_million - 2.5).abs() < 1e-9 && (price.output_per_million - 10.0).abs() < 1e-9);
    assert_eq!(
        (first.timeouts.whole_ms, first.timeouts.stream_ms),
        (Some(30_000), Some(7_500))
    );
    assert_eq!(first.retries, Some(1));
    let second = &config.deployments[1];
    let backend = &config.backends[&second.backend];
    assert_eq!(backend.address, Some(Address::Variable("OTHER_BASE".into())));
    assert_eq!(backend.key.as_deref(), Some("OTHER_KEY"));
    assert_eq!(second.abilities.input_tokens_max, Some(8_192));
    assert_eq!(config.deployments[4].upstream_model, "meta-llama/llama-3.1-70b");
    assert!(config.backends["model-ollama"].local && config.backends["model-ollama"].key.is_none());
    assert_eq!(
        config.backends["model-hosted-vllm"].provider,
        Provider::HostedVllm
    );
    assert_eq!(config.deployments[7].upstream_model, "*");
}

#[test]
fn the_settings_of_the_full_file() {
    let Parsed { config, warnings } = parsed(FULL);
    assert_eq!(config.strategy, Strategy::Latency { buffer: 0.25 });
    assert_eq!((config.retries.count, config.retries.wait_ms_min), (3, 1_000));
    assert_eq!(
        config.retries.policy.and_then(|it| it.by_failure.timeout),
        Some(2)
    );
    assert_eq!(config.cooldown.time_ms, 45_000);
    assert_eq!(config.cooldown.policy.and_then(|it| it.rate_limit), Some(10));
    assert_eq!(
        config.timeouts.whole_ms,
        Some(20_000),
        "request_timeout is that of one attempt"
    );
    assert!(config.pre_call_checks && config.tag_filter == TagFilter::Off);
    assert_eq!(
        config.fallbacks.ordinary.last().map(|it| it.0.as_str()),
        Some("*")
    );
    assert!(config.aliases["hidden-one"].hidden);

    let paths: Vec<&str> = warnings.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "environment_variables",
            "model_list[2].litellm_params.temperature",
            "model_list[2].litellm_params.api_key",
            "general_settings.master_key",
            "router_settings.redis_host",
            "litellm_settings.callbacks",
            "router_settings.routing_strategy_args.ttl",
        ]
    );
    let all = format!("{warnings:?}");
    assert!(!all.contains("sk-in-plain-text"), "{all}");
}

#[test]
fn the_manifest_it_implies() {
    let privileges = privileges(&read(FULL));
    let manifest = privileges.manifest();
    assert_eq!(manifest, MANIFEST, "{manifest}");
    assert!(!manifest.contains("sk-in-plain-text"));
    let keys: Vec<&str> = privileges.secrets().into_iter().collect();
    assert_eq!(
        keys,
        [
            "ANTHROPIC_API_KEY",
            "GEMINI_API_KEY",
            "OPENAI_API_KEY",
            "OPENROUTER_API_KEY",
            "OTHER_KEY"
        ]
    );
}

fn model(params: &str) -> String {
    format!("model_list:\n- model_name: m\n  litellm_params: {{model: openai/x{params}}}\n")
}

#[test]
fn what_would_change_a_decision_is_refused_by_its_path() {
    for (text, path) in [
        ("", ""),
        ("[1]", ""),
        ("a: b: c", ""),
        ("model_list: []", "model_list"),
        ("model_list: {}", "model_list"),
        ("model_list: [{model_name: m}]", "model_list[0].litellm_params"),
        (
            "model_list: [{litellm_params: {model: openai/x}}]",
            "model_list[0].model_name",
        ),
        (&model(", rpm: many"), "model_list[0].litellm_params.rpm"),
        (&model(", weight: -1"), "model_list[0].litellm_params.weight"),
        (
            &model(", tag_regex: [x]"),
            "model_list[0].litellm_params.tag_regex",
        ),
        (
            &model(", api_base: nowhere"),
            "model_list[0].litellm_params.api_base",
        ),
        (&model(", api_key: 5"), "model_list[0].litellm_params.api_key"),
        (
            &model(", timeout: os.environ/T"),
            "model_list[0].litellm_params.timeout",
        ),
        (
            "model_list: [{model_name: m, litellm_params: {model: bedrock/x}}]",
            "model_list[0].litellm_params.model",
        ),
        (
            "model_list: [{model_name: m, litellm_params: {model: hosted_vllm/x}}]",
            "model_list[0].litellm_params.api_base",
        ),
    ] {
        refused(text, path);
    }
}

#[test]
fn settings_that_would_change_a_decision_are_refused_by_their_path() {
    let with = |settings: &str| format!("{}{settings}\n", model(""));
    for (text, path) in [
        (
            &with("router_settings: {routing_groups: [{}]}"),
            "router_settings.routing_groups",
        ),
        (
            &with("router_settings: {routing_strategy: custom}"),
            "router_settings.routing_strategy",
        ),
        (
            &with("router_settings: {routing_strategy: cost-based-routing}"),
            "model_list[0]",
        ),
        (
            &with("router_settings: {retry_policy: {X: 1}}"),
            "router_settings.retry_policy.X",
        ),
        (
            &with("router_settings: {fallbacks: [m]}"),
            "router_settings.fallbacks[0]",
        ),
        (
            &with("router_settings: {fallbacks: [{m: [{model: x}]}]}"),
            "router_settings.fallbacks[0].m[0]",
        ),
        (
            &with("router_settings: {model_group_alias: {a: 1}}"),
            "router_settings.model_group_alias.a",
        ),
        (
            &with("litellm_settings: {model_alias_map: {a: b}}"),
            "litellm_settings.model_alias_map",
        ),
        (
            &with("general_settings: {completion_model: m}"),
            "general_settings.completion_model",
        ),
        (&with("include: [more.yaml]"), "include"),
    ] {
        refused(text, path);
    }
}

fn refused(text: &str, path: &str) {
    let error = parse_litellm(text).expect_err(text);
    let paths: Vec<&str> = error.problems.iter().map(|it| it.path.as_str()).collect();
    assert!(paths.contains(&path), "{text}: {paths:?}");
}

#[test]
fn yaml_is_read_as_pyyaml_reads_it() {
    let text = "
model_list:
- &one
  model_name: one
  litellm_params: &params {model: openai/x, rpm: 0o7, weight: 1.5e+2, timeout: '1_0'}
- <<: *one
  model_name: two
  litellm_params:
    <<: *params
    rpm: 010
    weight: 1e2
    timeout: 3_0
";
    // `0o7` is a text in YAML 1.1, and no number.
    let error = parse_litellm(text).expect_err("0o7 is no number");
    assert_eq!(error.problems[0].path, "model_list[0].litellm_params.rpm");
    let config = read(&text.replace("0o7", "7").replace("'1_0'", "10"));
    let [one, two] = &config.deployments[..] else {
        panic!("{config:?}");
    };
    assert_eq!(
        (one.rpm, one.weight, one.timeouts.whole_ms),
        (Some(7), Some(150.0), Some(10_000))
    );
    assert_eq!(
        (two.rpm, two.weight, two.timeouts.whole_ms),
        (Some(8), Some(100.0), Some(30_000))
    );
    let twice = parse_litellm("a: 1\na: 2").expect_err("a key twice");
    assert!(twice.to_string().contains("`a` twice"), "{twice}");
    assert!(parse_litellm("--- 1\n--- 2").is_err());
}

#[test]
fn aliases_cannot_blow_a_file_up() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![before; 9].join(", ")));
    }
    let error = parse_litellm(&text).expect_err("too much");
    assert!(error.to_string().contains("100000 values"), "{error}");
    let deep = "[".repeat(5_000);
    assert!(parse_litellm(&deep).is_err());
    assert!(parse_litellm("a: &x [*x]").is_err());
}

proptest! {
    #[test]
    fn spoiled_files_never_panic(cut in 0..FULL.len(), put in "[\\[\\]{}:&*!|>'\"%@`,#? \n-]{0,4}", other in ".{0,200}") {
        let cut = (0..=cut).rev().find(|at| FULL.is_char_boundary(*at)).unwrap_or(0);
        let spoiled = format!("{}{put}{}", &FULL[..cut], &FULL[cut..]);
        for text in [&spoiled, &FULL[..cut], &other] {
            if let Err(error) = parse_litellm(text) {
                prop_assert!(!error.problems.is_empty() && error.problems.len() <= 64);
            }
            let _ = parse_routing(text);
        }
    }

    #[test]
    fn spoiled_values_are_named(key in prop::sample::select(vec!["rpm", "tpm", "weight", "order", "timeout", "cooldown_time"])) {
        let text = model(&format!(", {key}: {{}}"));
        let error = parse_litellm(&text).expect_err("a table is no number");
        prop_assert_eq!(&error.problems[0].path, &format!("model_list[0].litellm_params.{key}"));
    }
}
