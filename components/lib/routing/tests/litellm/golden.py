"""Makes tests/golden/litellm.json: what the real LiteLLM decides on a table of cases.

Run by hand, in an environment with the package `litellm` at the version that README.md names:

    LITELLM_LOCAL_MODEL_COST_MAP=True python tests/litellm/golden.py > tests/golden/litellm.json

Nothing is sent anywhere: `litellm.acompletion` is replaced, and waits are not waited for. Random choices are drawn
often, and the set of what came is kept.
"""

import asyncio
import importlib.metadata
import json
import logging
import os
import random
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
    os.environ[name] = "unused"

import httpx
import litellm
import yaml
from litellm import Router
from litellm.litellm_core_utils.core_helpers import safe_deep_copy  # noqa: F401  (fails early on other versions)
from litellm.router_strategy.least_busy import _request_count_key
from litellm.router_utils.router_callbacks.track_deployment_metrics import (
    increment_deployment_successes_for_current_minute,
)

sys.path.insert(0, os.path.dirname(__file__))
import cases

logging.disable(logging.CRITICAL)
REAL_SLEEP = asyncio.sleep
DRAWS = 200
MODULE_SETTINGS = (
    "num_retries",
    "fallbacks",
    "default_fallbacks",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    "allowed_fails",
    "max_fallbacks",
    "request_timeout",
)
DEFAULTS = {name: getattr(litellm, name) for name in MODULE_SETTINGS}


def error(kind, headers=None):
    """The exception of a kind, as a provider's answer becomes one."""
    request = httpx.Request("POST", "https://upstream.invalid")
    status = {"permission": 403, "unprocessable": 422}.get(kind, 500)
    response = httpx.Response(status, request=request)
    plain = {"message": kind, "llm_provider": "openai", "model": "m"}
    made = {
        "bad_request": lambda: litellm.BadRequestError(**plain),
        "context_window": lambda: litellm.ContextWindowExceededError(**plain),
        "content_policy": lambda: litellm.ContentPolicyViolationError(**plain),
        "authentication": lambda: litellm.AuthenticationError(**plain),
        "payment": lambda: litellm.exceptions.PaymentRequiredError(**plain),
        "permission": lambda: litellm.PermissionDeniedError(response=response, **plain),
        "not_found": lambda: litellm.NotFoundError(**plain),
        "timeout": lambda: litellm.Timeout(**plain),
        "unprocessable": lambda: litellm.UnprocessableEntityError(response=response, **plain),
        "rate_limit": lambda: litellm.RateLimitError(**plain),
        "internal": lambda: litellm.InternalServerError(**plain),
        "bad_gateway": lambda: litellm.BadGatewayError(**plain),
        "unavailable": lambda: litellm.ServiceUnavailableError(**plain),
        "connection": lambda: litellm.APIConnectionError(**plain),
    }[kind]()
    if headers:
        made.litellm_response_headers = httpx.Headers(headers)
    return made


def router(text):
    """A router of a config.yaml, as the proxy makes it."""
    config = yaml.safe_load(text)
    for name, default in DEFAULTS.items():
        setattr(litellm, name, default)
    for name, value in (config.get("litellm_settings") or {}).items():
        setattr(litellm, name, value)
    return Router(model_list=config["model_list"], **(config.get("router_settings") or {}))


def ids(deployments):
    return [it["model_info"]["id"] for it in deployments]


def resolve(made, case):
    try:
        group, found = made._common_checks_available_deployment(model=case["model"])
    except Exception:  # noqa: BLE001
        return None
    found = found if isinstance(found, list) else [found]
    return {"group": group, "deployments": [[it["model_info"]["id"], it["litellm_params"]["model"]] for it in found]}


def minute():
    return litellm.router.get_utc_datetime().strftime("%H-%M")


async def set_state(made, case):
    for name, seconds in case.get("cooldown", {}).items():
        made.cooldown_cache.add_deployment_to_cooldown(name, Exception("x"), 500, seconds)
    for name, count in case.get("requests", {}).items():
        made.cache.set_cache(key=name, value=count, local_only=True)
    group = case["model"]
    for name, count in case.get("in_flight", {}).items():
        made.cache.set_cache(key=_request_count_key(group, name), value=count, local_only=True)
    latencies = case.get("latencies")
    if latencies:
        await made.cache.async_set_cache(f"{group}_map", {name: {"latency": list(it)} for name, it in latencies.items()})
    for name, tokens in case.get("tokens", {}).items():
        model = next(it for it in made.model_list if it["model_info"]["id"] == name)["litellm_params"]["model"]
        await made.cache.async_set_cache(f"{name}:{model}:tpm:{minute()}", tokens)


async def healthy(made, case):
    await set_state(made, case)
    messages = [{"role": "user", "content": case.get("prompt", "hi")}]
    kwargs = {"metadata": {"tags": case.get("tags", [])}}
    if case.get("json"):
        kwargs["response_format"] = {"type": "json_object"}
    try:
        found = await made.async_get_healthy_deployments(
            model=case["model"], request_kwargs=kwargs, messages=messages, parent_otel_span=None
        )
    except litellm.ContextWindowExceededError:
        return "context_window"
    except Exception:  # noqa: BLE001
        return None
    return sorted(ids(found if isinstance(found, list) else [found]))


async def first(made, case):
    """All deployments that are ever asked first."""
    seen = set()
    for _ in range(DRAWS):
        await set_state(made, case)
        try:
            it = await made.async_get_available_deployment(
                model=case["model"], request_kwargs={"metadata": {}}, messages=[{"role": "user", "content": "hi"}]
            )
        except Exception:  # noqa: BLE001
            return None
        seen.add(it["model_info"]["id"])
    return sorted(seen)


def weights(made, case):
    """The weights of the shuffle, which add up to 1."""
    import litellm.router_strategy.simple_shuffle as module

    taken = {}

    class Dice:
        @staticmethod
        def choices(of, weights):
            taken.update(of=of, weights=weights)
            return [of[0]]

        @staticmethod
        def choice(of):
            taken.update(of=of, weights=[1.0] * len(of))
            return of[0]

    real, module.random = module.random, Dice
    try:
        _, found = made._common_checks_available_deployment(model=case["model"])
        module.simple_shuffle(made.get_model_from_alias, found, case["model"], {})
    finally:
        module.random = real
    total = sum(taken["weights"])
    return {name: weight / total for name, weight in zip(ids(taken["of"]), taken["weights"])}


async def attempts(made, case):
    """The deployments that are asked, in their order, when each of them fails."""
    asked = []

    async def fails(**kwargs):
        asked.append(kwargs["model_info"]["id"])
        kind = case["kind"] if len(asked) == 1 or case.get("always") else "internal"
        raise error(kind)

    async def no_sleep(_seconds):
        await REAL_SLEEP(0)

    real, litellm.acompletion = litellm.acompletion, fails
    asyncio.sleep = no_sleep
    try:
        await made.acompletion(model=case["model"], messages=[{"role": "user", "content": "hi"}])
    except Exception:  # noqa: BLE001
        pass
    finally:
        litellm.acompletion = real
        asyncio.sleep = REAL_SLEEP
    return asked


def should_retry(made, case):
    some = [{}] * 9
    try:
        made.should_retry_this_error(
            error=error(case["kind"]),
            healthy_deployments=some[: case["healthy"]],
            all_deployments=some[: case["all"]],
            context_window_fallbacks=made.context_window_fallbacks,
            content_policy_fallbacks=made.content_policy_fallbacks,
            regular_fallbacks=made.fallbacks,
        )
    except Exception:  # noqa: BLE001
        return False
    return True


def wait(made, case):
    """The least and the most of a wait before a retry, over what chance may add."""
    some = [{}] * 9
    headers = {"retry-after": str(case["retry_after"])} if "retry_after" in case else None
    draws = [
        made._time_to_sleep_before_retry(
            e=error(case["kind"], headers),
            remaining_retries=case["retries"] - case["made"],
            num_retries=case["retries"],
            healthy_deployments=some[: case["healthy"]],
            all_deployments=some[: case["all"]],
        )
        for _ in range(DRAWS)
    ]
    return {"instant": max(draws) == 0, "least_ms": round(min(draws) * 1000) // 250 * 250, "most_ms": round(max(draws) * 1000)}


async def cooldowns(made, case):
    """For each event, the seconds of the cooldown that it begins, or null."""
    begun = []
    made.cooldown_cache.add_deployment_to_cooldown = lambda **it: begun.append(it["cooldown_time"])
    deployment = next(it for it in made.model_list if it["model_info"]["id"] == case["deployment"])
    told = []
    for event in case["events"]:
        kind, _, after = event.partition(" ")
        for _ in range(case.get("times", {}).get(event, 1)):
            begun.clear()
            if kind == "success":
                increment_deployment_successes_for_current_minute(made, case["deployment"])
            else:
                made.deployment_callback_on_failure(
                    {
                        "exception": error(kind, {"retry-after": after} if after else None),
                        "litellm_params": {**deployment["litellm_params"], "model_info": deployment["model_info"]},
                    },
                    None,
                    None,
                    None,
                )
        told.append(begun[0] if begun else None)
    await REAL_SLEEP(0)
    return told


def timeout(made, case):
    """Seconds of an attempt, or null where only the library's own 6000 are left."""
    _, found = made._common_checks_available_deployment(model=case["model"])
    seconds = made._get_timeout(kwargs={"stream": case["stream"]}, data=found[0]["litellm_params"])
    return None if seconds in (None, 6000) else seconds


ASK = {
    "timeout": timeout,
    "resolve": resolve,
    "healthy": healthy,
    "first": first,
    "weights": weights,
    "attempts": attempts,
    "should_retry": should_retry,
    "wait": wait,
    "cooldowns": cooldowns,
}


async def answer(case):
    random.seed(1)  # So that making the table again changes nothing.
    made = router(cases.CONFIGS[case["config"]])
    if "prompt" in case:
        case["input_tokens"] = litellm.token_counter(messages=[{"role": "user", "content": case["prompt"]}])
    wanted = ASK[case["ask"]](made, case)
    wanted = await wanted if asyncio.iscoroutine(wanted) else wanted
    case = {key: value for key, value in case.items() if key != "prompt"}
    return {**case, "wanted": wanted}


async def main():
    table = [await answer(case) for case in cases.all_cases()]
    # One case a line: so a difference is a line.
    lines = ",\n  ".join(json.dumps(case, sort_keys=True) for case in table)
    configs = json.dumps(cases.CONFIGS, indent=1, sort_keys=True)
    version = json.dumps(importlib.metadata.version("litellm"))
    print(f'{{\n "litellm": {version},\n "configs": {configs},\n "cases": [\n  {lines}\n ]\n}}')


asyncio.run(main())
