//! Gyre's own file: what is read, and what is refused by its path.

use gyre_routing_config::{
    Address, ConfigError, Parsed, Provider, RoutingConfig, Strategy, TagFilter, Weights, parse_routing,
    privileges,
};

const FULL: &str = include_str!("golden/routing.toml");
const MANIFEST: &str = include_str!("golden/routing.manifest.toml");

fn read(text: &str) -> RoutingConfig {
    parse_routing(text)
        .unwrap_or_else(|error| panic!("{error}"))
        .config
}

fn refused(text: &str) -> Vec<String> {
    let error: Result<Parsed, ConfigError> = parse_routing(text);
    error
        .expect_err(text)
        .problems
        .into_iter()
        .map(|it| it.path)
        .collect()
}

#[test]
fn the_full_file() {
    let config = read(FULL);
    assert_eq!(config.deployments.len(), 3);
    let first = &config.deployments[0];
    assert_eq!(first.id, "chat@model-local/gyre-small");
    assert!(config.backends["model-local"].local && first.price.is_none());
    let second = &config.deployments[1];
    assert_eq!(
        (second.id.as_str(), second.order, second.rpm),
        ("mini", Some(2), Some(600))
    );
    assert_eq!(second.price.map(|it| it.output_per_million), Some(0.6));
    assert_eq!(second.tasks, ["code", "maths"]);
    assert_eq!(second.abilities.input_tokens_max, Some(128_000));
    let backend = &config.backends["model-openai"];
    assert_eq!(backend.provider, Provider::OpenAi);
    assert_eq!(
        backend.address,
        Some(Address::Url("https://api.openai.com/v1".into()))
    );
    assert_eq!(backend.key.as_deref(), Some("OPENAI_API_KEY"));
    let weights = Weights {
        cost: 2.0,
        latency: 1.0,
        quality: 1.0,
    };
    assert_eq!(config.strategy, Strategy::Balanced(weights));
    assert_eq!(config.tag_filter, TagFilter::Any);
    assert_eq!(config.aliases["gpt-4o"].target, "chat");
    let chain = |group: &str, chain: &[&str]| {
        (
            group.to_owned(),
            chain.iter().map(|it| (*it).to_owned()).collect(),
        )
    };
    assert_eq!(
        config.fallbacks.ordinary,
        [
            chain("chat", &["deep"]),
            chain("*", &["chat"]),
            chain("gpt-4o", &["deep"])
        ]
    );
    assert_eq!(config.fallbacks.content_policy, None);
    assert_eq!(
        config.retries.policy.and_then(|it| it.by_failure.rate_limit),
        Some(3)
    );
    assert_eq!(config.retries.by_group["deep"].default, Some(0));
    assert_eq!(config.cooldown.allowed_fails, Some(3));
    assert_eq!(config.intents[0].agent, "researcher");
}

#[test]
fn what_a_configuration_may_reach() {
    let privileges = privileges(&read(FULL));
    assert_eq!(
        privileges.hosts().into_iter().collect::<Vec<_>>(),
        ["https://api.openai.com", "{{ vllm_url_origin }}"]
    );
    assert_eq!(
        privileges.secrets().into_iter().collect::<Vec<_>>(),
        ["OPENAI_API_KEY"]
    );
    assert_eq!(
        privileges.providers().into_iter().collect::<Vec<_>>(),
        [Provider::Gyre, Provider::OpenAi, Provider::HostedVllm]
    );
    let manifest = privileges.manifest();
    assert_eq!(manifest, MANIFEST, "{manifest}");
}

const SMALLEST: &str =
    "[routing]\n[[routing.models]]\nname = \"m\"\ndeployments = [{ backend = \"model-local\" }]\n";

#[test]
fn the_smallest_file() {
    let config = read(SMALLEST);
    assert_eq!(config.deployments[0].upstream_model, "m");
    assert_eq!(config.strategy, Strategy::Explicit);
    assert!(config.cooldown.enabled && config.cooldown.half_open && config.pre_call_checks);
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    let with = |more: &str| format!("{SMALLEST}{more}");
    for (text, path) in [
        ("", ""),
        ("[routing", ""),
        ("routing = 1", "routing"),
        ("[routing]", "routing.models"),
        (&with("[routing.typo]"), "routing.typo"),
        (&with("[routing.options]\nepsilon = 1"), "routing.options.epsilon"),
        (&with("[routing.retries]\ncount = -1"), "routing.retries.count"),
        (
            &with("[routing.retries.policy]\nratelimit = 1"),
            "routing.retries.policy.ratelimit",
        ),
        (
            &with("[routing.cooldown]\ntime_ms = \"x\""),
            "routing.cooldown.time_ms",
        ),
        (
            &with("[routing.fallbacks]\nordinary = { m = [1] }"),
            "routing.fallbacks.ordinary.m[0]",
        ),
        (&with("[routing.backends.Bad]"), "routing.backends.Bad"),
        (
            &with("[routing.backends.b]\nurl = \"x\""),
            "routing.backends.b.url",
        ),
        (
            &with("[routing.backends.b]\nkey = \"sk-secret-1\""),
            "routing.backends.b.key",
        ),
        (
            &with("[routing.backends.b]\nprovider = \"hosted_vllm\""),
            "routing.backends.b.url",
        ),
        (
            &with("[[routing.intents]]\nagent = \"a\""),
            "routing.intents[0].examples",
        ),
        (
            "[routing]\nstrategy = \"cheap\"\n[[routing.models]]\nname = \"m\"\ndeployments = [{ backend = \"b\" }]",
            "routing.strategy",
        ),
        (
            "[routing]\nstrategy = \"cost\"\n[routing.backends.b]\nprovider = \"openai\"\n[[routing.models]]\nname = \"m\"\ndeployments = [{ backend = \"b\" }]",
            "routing.models[0].deployments[0]",
        ),
        (
            "[routing]\n[[routing.models]]\nname = \"m\"\ndeployments = [{ backend = \"b\", price_input = 1 }]",
            "routing.models[0].deployments[0]",
        ),
        (
            "[routing]\n[[routing.models]]\nname = \"m\"\ndeployments = [{ backend = \"b\" }, { backend = \"b\" }]",
            "routing.models[0].deployments[1]",
        ),
    ] {
        let paths = refused(text);
        assert!(paths.contains(&path.to_owned()), "{text}: {paths:?}");
    }
    let error = parse_routing(&with("[routing.backends.b]\nkey = \"sk-secret-1\"")).expect_err("a key");
    assert!(!error.to_string().contains("secret-1"), "{error}");
    let unknown = parse_routing(&with("[routing.fallbacks.ordinary]\nm = [\"nobody\"]")).expect("a warning");
    assert!(
        unknown.warnings[0].to_string().contains("`nobody`"),
        "{:?}",
        unknown.warnings
    );
}
