//! One entry of `model_list`.

use super::backends::{Backends, address, environment};
use super::keys::{self, judge};
use crate::policies::{self, COUNT_MAX};
use crate::problem::Findings;
use crate::reliability::{ByFailure, DeploymentCooldown, Timeouts};
use crate::table::Table;
use crate::types::{Abilities, Address, Backend, Deployment, Price};
use crate::{Provider, inferred_provider, is_local};
use serde_json::{Map, Value};

const PER_MINUTE_MAX: u64 = 1_000_000_000_000;
const TAGS_MAX: usize = 64;
const TOKENS_PER_MILLION: f64 = 1_000_000.0;

/// An entry's three tables.
struct Entry<'a> {
    entry: &'a Table<'a>,
    params: Table<'a>,
    info: Table<'a>,
}

/// Reads one entry; nothing where it is too broken to go on.
pub(super) fn read(table: &Table<'_>, backends: &mut Backends, found: &mut Findings) -> Option<Deployment> {
    judge(table, &keys::ENTRY, found);
    let group = table.required("model_name", found);
    if table.get("litellm_params").is_none() {
        found.error(table.at("litellm_params"), "is missing");
    }
    let params = table.table("litellm_params", found)?;
    judge(&params, &keys::PARAMS, found);
    let none = Value::Object(Map::new());
    let info = table.get("model_info").unwrap_or(&none);
    let info = Table::of(info, &table.at("model_info"), found)?;
    judge(&info, &keys::INFO, found);
    let model = params.required("model", found)?;
    let (provider, upstream_model) = provider(&params, &model, found)?;
    let backend = backend(&params, provider, found)?;
    let entry = Entry {
        entry: table,
        params,
        info,
    };
    let backend = backends.id(backend);
    let group = group?;
    let id = identity(&entry, &group, &model, found);
    Some(Deployment {
        id,
        qualified_model: model,
        backend,
        upstream_model,
        ..entry.rest(group, found)
    })
}

impl Entry<'_> {
    fn rest(&self, group: String, found: &mut Findings) -> Deployment {
        let Self { params, info, .. } = self;
        let cooldown = info.seconds_ms("cooldown_time", found);
        let retries = params.small("num_retries", COUNT_MAX, found);
        Deployment {
            id: String::new(),
            group,
            backend: String::new(),
            upstream_model: String::new(),
            qualified_model: String::new(),
            price: price(params, found).or_else(|| price(info, found)),
            quality: None,
            weight: params.number("weight", found),
            order: order(params, found).or_else(|| order(info, found)),
            rpm: self.limit("rpm", found),
            tpm: self.limit("tpm", found),
            concurrent_max: params.small("max_parallel_requests", COUNT_MAX, found),
            timeouts: Timeouts {
                whole_ms: timeout(params, "timeout", found)
                    .or_else(|| timeout(params, "request_timeout", found)),
                stream_ms: timeout(params, "stream_timeout", found),
            },
            // Its client would try again by itself; here there is one place that does.
            retries: retries.or_else(|| params.small("max_retries", COUNT_MAX, found)),
            cooldown: DeploymentCooldown {
                time_ms: cooldown.or_else(|| params.seconds_ms("cooldown_time", found)),
                allowed_fails: info.small("allowed_fails", COUNT_MAX, found),
                policy: self.policy(found),
            },
            tags: params.names("tags", TAGS_MAX, found),
            tasks: Vec::new(),
            abilities: Abilities {
                input_tokens_max: info.count("max_input_tokens", PER_MINUTE_MAX, found),
                tools: info.flag("supports_function_calling", found),
                json: info.flag("supports_response_schema", found),
                vision: info.flag("supports_vision", found),
            },
        }
    }

    /// A limit may stand in any of the three; 0 is none, as `LiteLLM` has it.
    fn limit(&self, key: &str, found: &mut Findings) -> Option<u64> {
        let places = [&self.params, self.entry, &self.info];
        let mut limits = places
            .into_iter()
            .filter_map(|table| table.count(key, PER_MINUTE_MAX, found));
        limits.find(|limit| *limit > 0)
    }

    fn policy(&self, found: &mut Findings) -> Option<ByFailure> {
        let policy = self.info.table("allowed_fails_policy", found)?;
        Some(policies::litellm_fails(&policy, found))
    }
}

fn order(table: &Table<'_>, found: &mut Findings) -> Option<u32> {
    table.small("order", COUNT_MAX, found)
}

/// A time of 0 is none, as `LiteLLM` has it.
fn timeout(table: &Table<'_>, key: &str, found: &mut Findings) -> Option<u64> {
    let text = table.get(key).and_then(Value::as_str);
    if text.is_some_and(|text| text.starts_with("os.environ/")) {
        let what = "comes from the environment, which is not asked; hint: write the number of seconds here";
        found.error(table.at(key), what);
        return None;
    }
    table.seconds_ms(key, found).filter(|ms| *ms > 0)
}

/// Without an id, the name and the model are one; with the key and all other parameters in it, `LiteLLM`'s own would
/// be a secret's hash.
fn identity(entry: &Entry<'_>, group: &str, model: &str, found: &mut Findings) -> String {
    match entry.info.get("id") {
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => entry.info.name("id", found).unwrap_or_default(),
        None => {
            let place = entry.entry.path();
            let at = place.trim_start_matches("model_list[").trim_end_matches(']');
            format!("{group}/{model}#{at}")
        }
    }
}

/// The provider, and the model's name there.
fn provider(params: &Table<'_>, model: &str, found: &mut Findings) -> Option<(Provider, String)> {
    let told = params.name("custom_llm_provider", found);
    let (prefix, rest) = model.split_once('/').unwrap_or(("", model));
    if let Some(told) = told {
        let provider = Provider::of_prefix(&told);
        if provider.is_none() {
            unknown(&params.at("custom_llm_provider"), &told, found);
        }
        let rest = if prefix == told { rest } else { model };
        return provider.map(|provider| (provider, rest.to_owned()));
    }
    if let Some(provider) = Provider::of_prefix(prefix) {
        return Some((provider, rest.to_owned()));
    }
    if let Some(provider) = inferred_provider(model) {
        return Some((provider, model.to_owned()));
    }
    unknown(&params.at("model"), model, found);
    None
}

fn unknown(path: &str, name: &str, found: &mut Findings) {
    let what = format!(
        "names no provider that is spoken here: `{name}`; hint: begin the model with one of {}; a server that speaks \
         OpenAI's API is openai/ with its api_base",
        Provider::prefixes()
    );
    found.error(path, what);
}

fn backend(params: &Table<'_>, provider: Provider, found: &mut Findings) -> Option<Backend> {
    let key = if params.get("api_base").is_some() {
        "api_base"
    } else {
        "base_url"
    };
    let written = params.name(key, found);
    let address = match written {
        Some(text) => {
            let address = address(&text);
            if address.is_none() {
                let what = "is no address; hint: https://host:port/path without user, query or fragment, or \
                            os.environ/NAME";
                found.error(params.at(key), what);
            }
            address
        }
        None => provider.base().map(|base| Address::Url(base.to_owned())),
    };
    let Some(address) = address else {
        if params.get(key).is_none() {
            let what = "is missing, and this provider has no address of its own";
            found.error(params.at("api_base"), what);
        }
        return None;
    };
    let local = matches!(&address, Address::Url(url) if is_local(url));
    Some(Backend {
        provider,
        local,
        key: secret(params, provider, found),
        address: Some(address),
    })
}

/// The variable with the key. A key that is written out stays behind: it goes into no manifest and no message.
fn secret(params: &Table<'_>, provider: Provider, found: &mut Findings) -> Option<String> {
    let usual = provider.key_variable().map(str::to_owned);
    let Some(value) = params.get("api_key") else {
        return usual;
    };
    let Some(text) = value.as_str() else {
        found.error(params.at("api_key"), "must be os.environ/NAME");
        return None;
    };
    if let Some(name) = environment(text) {
        return Some(name.to_owned());
    }
    if matches!(
        text,
        "" | "none" | "None" | "fake" | "dummy" | "anything" | "EMPTY"
    ) {
        return None;
    }
    let name =
        usual.unwrap_or_else(|| format!("{}_API_KEY", provider.name().to_uppercase().replace('-', "_")));
    let what = format!(
        "holds a key in plain text, which is not carried over; hint: put it into the variable {name}"
    );
    found.warning(params.at("api_key"), what);
    Some(name)
}

/// What a token costs. One that is not given is `LiteLLM`'s to look up in its table, which is not here.
fn price(table: &Table<'_>, found: &mut Findings) -> Option<Price> {
    let input = table.number("input_cost_per_token", found)?;
    let output = table.number("output_cost_per_token", found)?;
    Some(Price {
        input_per_million: input * TOKENS_PER_MILLION,
        output_per_million: output * TOKENS_PER_MILLION,
    })
}
