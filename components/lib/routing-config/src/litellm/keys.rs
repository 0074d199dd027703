//! What becomes of every key of a `config.yaml`: honoured, told as not honoured, or refused.

use crate::problem::Findings;
use crate::table::Table;

/// The keys of one table.
pub(super) struct Keys {
    /// Read elsewhere.
    honoured: &'static [&'static str],
    /// Would change which deployment answers, when, or how often.
    refused: &'static [&'static str],
}

/// The file.
pub(super) const FILE: Keys = Keys {
    honoured: &[
        "model_list",
        "router_settings",
        "litellm_settings",
        "general_settings",
    ],
    // `include` brings models from other files; a credential by name is the address of an upstream.
    refused: &["include", "credential_list"],
};

/// An entry of `model_list`.
pub(super) const ENTRY: Keys = Keys {
    honoured: &["model_name", "litellm_params", "model_info", "rpm", "tpm"],
    refused: &["blocked"],
};

/// `litellm_params`.
pub(super) const PARAMS: Keys = Keys {
    honoured: &[
        "model",
        "api_key",
        "api_base",
        "base_url",
        "custom_llm_provider",
        "weight",
        "order",
        "rpm",
        "tpm",
        "timeout",
        "request_timeout",
        "stream_timeout",
        "num_retries",
        "max_retries",
        "max_parallel_requests",
        "cooldown_time",
        "input_cost_per_token",
        "output_cost_per_token",
        "tags",
    ],
    refused: &[
        "tag_regex",
        "itpm",
        "otpm",
        "timeout_by_service_tier",
        "stream_timeout_by_service_tier",
        "litellm_credential_name",
        "max_budget",
        "budget_duration",
        "mock_response",
        "region_name",
        "auto_router_config_path",
        "auto_router_config",
        "auto_router_default_model",
        "auto_router_embedding_model",
        "complexity_router_config",
        "complexity_router_default_model",
        "adaptive_router_config",
        "adaptive_router_default_model",
        "quality_router_config",
        "quality_router_default_model",
        "use_litellm_proxy",
    ],
};

/// `model_info`.
pub(super) const INFO: Keys = Keys {
    honoured: &[
        "id",
        "order",
        "rpm",
        "tpm",
        "cooldown_time",
        "allowed_fails",
        "allowed_fails_policy",
        "max_input_tokens",
        "supports_function_calling",
        "supports_response_schema",
        "supports_vision",
        "input_cost_per_token",
        "output_cost_per_token",
    ],
    refused: &[
        "supported_environments",
        "blocked",
        "team_id",
        "team_public_model_name",
        "access_groups",
        "access_windows",
        "allow_fail_open",
        "enable_tag_filtering",
    ],
};

/// `router_settings`.
pub(super) const ROUTER: Keys = Keys {
    honoured: &[
        "routing_strategy",
        "routing_strategy_args",
        "num_retries",
        "retry_policy",
        "model_group_retry_policy",
        "timeout",
        "stream_timeout",
        "fallbacks",
        "default_fallbacks",
        "context_window_fallbacks",
        "content_policy_fallbacks",
        "max_fallbacks",
        "model_group_alias",
        "allowed_fails",
        "allowed_fails_policy",
        "cooldown_time",
        "disable_cooldowns",
        "enable_pre_call_checks",
        "retry_after",
        "enable_tag_filtering",
        "tag_filtering_match_any",
    ],
    refused: &[
        "routing_groups",
        "optional_pre_call_checks",
        "provider_budget_config",
        "enable_weighted_failover",
        "enable_health_check_routing",
        "plugins",
        "weights",
        "tag_routing_prefix",
        "model_group_affinity_config",
        "default_litellm_params",
        "default_max_parallel_requests",
        "default_priority",
        "router_general_settings",
        "caching_groups",
    ],
};

/// `litellm_settings`.
pub(super) const LITELLM: Keys = Keys {
    honoured: &[
        "num_retries",
        "request_timeout",
        "fallbacks",
        "default_fallbacks",
        "context_window_fallbacks",
        "content_policy_fallbacks",
        "max_fallbacks",
        "allowed_fails",
    ],
    refused: &["model_alias_map", "num_retries_per_request"],
};

/// `general_settings`.
pub(super) const GENERAL: Keys = Keys {
    honoured: &[],
    // Each puts another model in the place of the one that was asked for.
    refused: &["completion_model", "infer_model_from_keys"],
};

/// Refuses and tells the keys of a table. An empty list, table or `false` asks for nothing, so it is no error.
pub(super) fn judge(table: &Table<'_>, keys: &Keys, found: &mut Findings) {
    for key in table.keys() {
        if keys.honoured.contains(&key) {
            continue;
        }
        if keys.refused.contains(&key) && !asks_nothing(table, key) {
            let what = "would change which deployment answers, and is not supported; hint: take it out, and say in \
                        [routing] what it is for";
            found.error(table.at(key), what);
        } else {
            found.warning(table.at(key), "is not honoured");
        }
    }
}

fn asks_nothing(table: &Table<'_>, key: &str) -> bool {
    table.get(key).is_none_or(|value| {
        value.as_bool() == Some(false)
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty)
            || value.as_str() == Some("")
    })
}
