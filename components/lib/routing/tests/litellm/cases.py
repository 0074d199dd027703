"""The cases of golden.py: configurations, and what is asked of them."""


def deployment(name, ident, model=None, params=(), info=()):
    lines = [f"- model_name: '{name}'", "  litellm_params:", f"    model: '{model or 'openai/' + ident}'"]
    lines += ["    api_key: os.environ/OPENAI_API_KEY"]
    lines += [f"    {line}" for line in params]
    lines += ["  model_info:", f"    id: {ident}"]
    lines += [f"    {line}" for line in info]
    return "\n".join(f"  {line}" for line in lines)


def config(deployments, *settings):
    return "\n".join(["model_list:", *deployments, *settings]) + "\n"


def router(*lines):
    return "\n".join(["router_settings:", *(f"  {line}" for line in lines)])


SINGLES = [deployment(name, name) for name in "abcdefgh"]

CONFIGS = {
    "names": config(
        [
            deployment("chat", "c1"),
            deployment("chat", "c2"),
            deployment("openai/*", "any-openai", "openai/*"),
            deployment("openai/gpt-4*", "any-four", "openai/gpt-4*"),
            deployment("anthropic/*", "any-claude", "anthropic/*"),
            deployment("in-*-out", "fixed", "openai/gpt-4o-mini"),
            deployment("two/*/of/*", "two", "openai/x-*-*"),
            deployment("one/*/and/*", "more", "openai/y-*"),
            deployment("named", "n1", "openai/gpt-5"),
        ],
        router(
            "model_group_alias: {alias: chat, deep: {model: named, hidden: true}, to-wild: openai/gpt-4o, loop: alias}",
        ),
    ),
    "default": config(SINGLES, router("default_fallbacks: [c, d]", "num_retries: 0", "disable_cooldowns: true")),
    "chains": config(
        SINGLES,
        router(
            "fallbacks: [{a: [b, c]}, {b: [d]}, {d: [e, a]}, {e: [f]}, {f: [g]}, {g: [h]}]",
            "context_window_fallbacks: [{a: [h]}]",
            "content_policy_fallbacks: [{a: [g]}, {b: [h]}]",
            "num_retries: 0",
            "disable_cooldowns: true",
        ),
    ),
    "long": config(
        SINGLES,
        router(
            "fallbacks: [{a: [b, c, d, e, f, g, h]}, {'*': [h, g]}]",
            "num_retries: 0",
            "max_fallbacks: 2",
            "disable_cooldowns: true",
        ),
    ),
    "prefixed": config(
        [
            deployment("openai/gpt-4o", "with"),
            deployment("gpt-4o-mini", "without"),
            deployment("x", "x"),
            deployment("y", "y"),
        ],
        router(
            "fallbacks: [{gpt-4o: [x]}, {openai/gpt-4o-mini: [y]}]",
            "num_retries: 0",
            "disable_cooldowns: true",
        ),
    ),
    "orders": config(
        [
            deployment("g", "o2", params=["order: 2"]),
            deployment("g", "o1", params=["order: 1"]),
            deployment("g", "o3", params=["order: 3"]),
            deployment("g", "none"),
            deployment("b", "b"),
        ],
        router("fallbacks: [{g: [b]}]", "num_retries: 0", "disable_cooldowns: true"),
    ),
    "healthy": config(
        [
            deployment("g", "a", params=["order: 1"]),
            deployment("g", "b", params=["order: 1"]),
            deployment("g", "c", params=["order: 2"]),
            deployment("h", "d"),
            deployment("h", "e"),
        ]
    ),
    "checks": config(
        [
            deployment("g", "small", params=["rpm: 5"], info=["max_input_tokens: 20"]),
            deployment("g", "large", params=["rpm: 2"], info=["max_input_tokens: 1000"]),
            deployment("s", "only", info=["max_input_tokens: 20"]),
        ],
        router("enable_pre_call_checks: true"),
    ),
    "tags": config(
        [
            deployment("g", "free", params=["tags: [free]"]),
            deployment("g", "paid", params=["tags: [paid, eu]"]),
            deployment("g", "any", params=["tags: [default]"]),
            deployment("g", "bare"),
            deployment("n", "n1", params=["tags: [free]"]),
            deployment("n", "n2"),
        ],
        router("enable_tag_filtering: yes"),
    ),
    "tags-all": config(
        [deployment("g", "one", params=["tags: [x]"]), deployment("g", "both", params=["tags: [x, y]"])],
        router("enable_tag_filtering: true", "tag_filtering_match_any: false"),
    ),
    "weights": config(
        [
            deployment("w", "w1", params=["weight: 9"]),
            deployment("w", "w2", params=["weight: 1"]),
            deployment("w", "w3"),
            deployment("r", "r1", params=["rpm: 100"]),
            deployment("r", "r2", params=["rpm: 300"]),
            deployment("t", "t1", params=["tpm: 10000"]),
            deployment("t", "t2", params=["tpm: 10000"]),
            deployment("p", "p1"),
            deployment("p", "p2"),
            deployment("z", "z1", params=["weight: 0", "rpm: 1"]),
            deployment("z", "z2", params=["weight: 0", "rpm: 3"]),
        ]
    ),
    "cost": config(
        [
            deployment("g", "dear", params=["input_cost_per_token: 0.00003", "output_cost_per_token: 0.00006"]),
            deployment("g", "cheap", params=["input_cost_per_token: 1.0e-07", "output_cost_per_token: 4e-7"]),
            deployment("g", "middle", params=["input_cost_per_token: 3.0e-07", "output_cost_per_token: 3.0e-07"]),
        ],
        router("routing_strategy: cost-based-routing"),
    ),
    "busy": config([deployment("g", it) for it in "abc"], router("routing_strategy: least-busy")),
    "fast": config(
        [deployment("g", it) for it in "abc"],
        router("routing_strategy: latency-based-routing", "routing_strategy_args: {lowest_latency_buffer: 0.5}"),
    ),
    "used": config(
        [deployment("g", "a"), deployment("g", "b", params=["tpm: 50"]), deployment("g", "c")],
        router("routing_strategy: usage-based-routing-v2"),
    ),
    "retries": config(
        [
            deployment("one", "one"),
            deployment("own", "own", params=["num_retries: 4"]),
            deployment("policy", "policy"),
            deployment("g", "g1"),
            deployment("g", "g2"),
        ],
        router(
            "num_retries: 1",
            "disable_cooldowns: true",
            "model_group_retry_policy: {policy: {RateLimitErrorRetries: 3, BadRequestErrorRetries: 2, TimeoutErrorRetries: 0}}",
        ),
    ),
    "policy": config(
        [deployment("one", "one")],
        router(
            "num_retries: 1",
            "disable_cooldowns: true",
            "retry_policy: {ContentPolicyViolationErrorRetries: 3, NotFoundErrorRetries: 2, DefaultRetries: 4}",
        ),
    ),
    "retry-chains": config(
        SINGLES,
        router("fallbacks: [{a: [b]}]", "context_window_fallbacks: [{a: [c]}]", "retry_after: 1"),
    ),
    "share": config([deployment("g", "a"), deployment("g", "b"), deployment("s", "s"), deployment("any/*", "w", "openai/*")]),
    "fails": config(
        [
            deployment("g", "a"),
            deployment("g", "b"),
            deployment("s", "s"),
            deployment("g", "own", info=["allowed_fails: 1"]),
            deployment("g", "own-policy", info=["allowed_fails_policy: {RateLimitErrorAllowedFails: 2, BadRequestErrorAllowedFails: 1}"]),
            deployment("t", "own-single", info=["allowed_fails: 1"]),
            deployment("g", "time", params=["cooldown_time: 7"]),
            deployment("g", "never", params=["cooldown_time: 0"]),
        ],
        router(
            "allowed_fails: 2",
            "cooldown_time: 30",
            "allowed_fails_policy: {RateLimitErrorAllowedFails: 0, TimeoutErrorAllowedFails: 4}",
        ),
    ),
    "fails-alone": config([deployment("g", "a"), deployment("g", "b")], router("allowed_fails: 1")),
    "never": config([deployment("g", "a"), deployment("g", "b")], router("disable_cooldowns: true")),
    "aliased": config(
        SINGLES,
        router("model_group_alias: {x: a, y: c}", "fallbacks: [{a: [b]}, {y: [d]}, {c: [e]}]", "num_retries: 0", "disable_cooldowns: true"),
    ),
    "library": config(
        SINGLES,
        "litellm_settings:\n  num_retries: 0\n  fallbacks: [{a: [b]}]\n  context_window_fallbacks: [{a: [c]}]\n  default_fallbacks: [d]",
    ),
}

PATIENT = [
    deployment("bare", "bare"),
    deployment("own", "own", params=["timeout: 11"]),
    deployment("own-stream", "own-stream", params=["stream_timeout: 12"]),
    deployment("both", "both", params=["timeout: 13", "stream_timeout: 14"]),
]
PATIENCE = {
    "none": [],
    "router": [router("timeout: 90")],
    "request": ["litellm_settings: {request_timeout: 20}"],
    "router-request": [router("timeout: 90"), "litellm_settings: {request_timeout: 20}"],
    "stream": [router("stream_timeout: 7")],
    "all": [router("timeout: 90", "stream_timeout: 7"), "litellm_settings: {request_timeout: 20}"],
}
CONFIGS.update({f"patience-{name}": config(PATIENT, *settings) for name, settings in PATIENCE.items()})

KINDS = (
    "bad_request context_window content_policy authentication payment permission not_found timeout unprocessable "
    "rate_limit internal bad_gateway unavailable connection"
).split()


def all_cases():
    models = "chat alias deep loop to-wild c2 gpt-4o gpt-4 openai/gpt-4o openai/o1 anthropic/claude-x claude-sonnet-4-5 in-x-out "
    models += "in-x-out-more two/a/of/b one/a/and/b named openai/gpt-5 gpt-5 nothing x/y"
    for model in models.split():
        yield {"ask": "resolve", "config": "names", "model": model}
    for model in ("a", "nothing", "openai/a"):
        yield {"ask": "resolve", "config": "default", "model": model}
    yield from attempt_cases()
    yield from healthy_cases()
    yield from strategy_cases()
    yield from retry_cases()
    yield from cooldown_cases()
    for name in PATIENCE:
        for model in ("bare", "own", "own-stream", "both"):
            for stream in (False, True):
                yield {"ask": "timeout", "config": f"patience-{name}", "model": model, "stream": stream}


def attempt_cases():
    for name, models in {
        "chains": "abdeg",
        "long": "abh",
        "default": ["a", "c", "nothing", "openai/b"],
        "orders": "gb",
        "library": "ad",
        "prefixed": ["openai/gpt-4o", "gpt-4o-mini"],
        "aliased": "xy",
    }.items():
        for model in models:
            yield {"ask": "attempts", "config": name, "model": model, "kind": "internal"}
    for kind in ("context_window", "content_policy"):
        for model in "abd":
            yield {"ask": "attempts", "config": "chains", "model": model, "kind": kind}
        yield {"ask": "attempts", "config": "library", "model": "a", "kind": kind}
        yield {"ask": "attempts", "config": "long", "model": "a", "kind": kind}


def healthy_cases():
    for model, cold in (("g", []), ("g", ["a"]), ("g", ["a", "b"]), ("g", ["a", "b", "c"]), ("h", ["d"]), ("h", ["e", "a"])):
        yield {"ask": "healthy", "config": "healthy", "model": model, "cooldown": {it: 60 for it in cold}}
    long = "word " * 40
    for model, prompt, requests in (
        ("g", "hi", {}),
        ("g", long, {}),
        ("g", long * 50, {}),
        ("s", long, {}),
        ("g", "hi", {"large": 2}),
        ("g", "hi", {"large": 1}),
        ("g", "hi", {"large": 2, "small": 5}),
        ("g", long, {"large": 2}),
    ):
        yield {"ask": "healthy", "config": "checks", "model": model, "prompt": prompt, "requests": requests}
    for model, tags in (
        ("g", []), ("g", ["free"]), ("g", ["eu"]), ("g", ["free", "eu"]), ("g", ["other"]), ("n", []), ("n", ["free"]), ("n", ["other"]),
    ):
        yield {"ask": "healthy", "config": "tags", "model": model, "tags": tags}
    yield {"ask": "healthy", "config": "tags", "model": "g", "tags": ["free"], "cooldown": {"free": 60}}
    for tags in ([], ["x"], ["x", "y"], ["y"], ["z"]):
        yield {"ask": "healthy", "config": "tags-all", "model": "g", "tags": tags}


def strategy_cases():
    for model in "wrtpz":
        yield {"ask": "weights", "config": "weights", "model": model}
    for cold in ([], ["cheap"], ["cheap", "middle"]):
        yield {"ask": "first", "config": "cost", "model": "g", "cooldown": {it: 60 for it in cold}}
    for flight in ({}, {"a": 1}, {"a": 2, "b": 1, "c": 1}, {"a": 2, "b": 2, "c": 0}):
        yield {"ask": "first", "config": "busy", "model": "g", "in_flight": flight}
    for latencies in (
        {},
        {"a": [1.0], "b": [1.4], "c": [9.0]},
        {"a": [1.0, 3.0], "b": [1.0]},
        {"a": [1.0], "b": [1.6], "c": [1.5]},
    ):
        yield {"ask": "first", "config": "fast", "model": "g", "latencies": latencies}
    for tokens in ({"a": 10, "b": 5, "c": 20}, {"a": 90, "b": 60, "c": 90}, {"a": 90, "b": 49, "c": 50}, {"a": 1}):
        yield {"ask": "first", "config": "used", "model": "g", "tokens": tokens}


def retry_cases():
    for kind in KINDS:
        for model in ("one", "own", "policy", "g"):
            yield {"ask": "attempts", "config": "retries", "model": model, "kind": kind, "always": True}
        yield {"ask": "attempts", "config": "policy", "model": "one", "kind": kind, "always": True}
        for healthy, of in ((0, 1), (1, 1), (0, 2), (1, 2), (2, 2)):
            for name in ("retry-chains", "retries"):
                yield {"ask": "should_retry", "config": name, "kind": kind, "healthy": healthy, "all": of}
    for made, healthy, of, after in ((0, 1, 1, None), (3, 1, 1, None), (0, 1, 2, None), (0, 0, 2, None), (0, 1, 1, 5), (0, 1, 1, 90)):
        case = {"ask": "wait", "config": "retry-chains", "kind": "rate_limit", "retries": 6, "made": made, "healthy": healthy, "all": of}
        yield case if after is None else {**case, "retry_after": after}


def cooldown_cases():
    for kind in KINDS:
        for name, one in (("share", "a"), ("share", "s"), ("share", "w"), ("fails", "a"), ("fails", "s")):
            yield {"ask": "cooldowns", "config": name, "deployment": one, "events": [kind] * 6}
        for one in ("own", "own-policy", "own-single"):
            yield {"ask": "cooldowns", "config": "fails", "deployment": one, "events": [kind] * 4}
    some = ["success", "internal", "success", "internal", "internal", "internal", "success", "internal"]
    yield {"ask": "cooldowns", "config": "share", "deployment": "a", "events": some}
    yield {"ask": "cooldowns", "config": "share", "deployment": "s", "events": some}
    yield {"ask": "cooldowns", "config": "fails-alone", "deployment": "a", "events": ["internal", "timeout", "internal"]}
    yield {"ask": "cooldowns", "config": "never", "deployment": "a", "events": ["rate_limit", "authentication"]}
    for one in ("time", "never", "a"):
        yield {"ask": "cooldowns", "config": "fails", "deployment": one, "events": ["rate_limit 12", "rate_limit 0", "rate_limit"]}
    yield {"ask": "cooldowns", "config": "fails", "deployment": "a", "events": ["timeout", "internal", "timeout", "timeout", "timeout", "internal"]}
    yield {
        "ask": "cooldowns",
        "config": "share",
        "deployment": "s",
        "events": ["internal", "timeout"],
        "times": {"internal": 999},
    }
