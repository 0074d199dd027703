//! `router_settings`, `litellm_settings` and `general_settings`: what the router does with its deployments.

use super::keys::{self, judge};
use crate::chains::{self, DEPTH_MAX};
use crate::policies::{self, COUNT_MAX};
use crate::problem::Findings;
use crate::reliability::{Chains, Cooldown, Fallbacks, Retries, RetryPolicy, Timeouts};
use crate::table::Table;
use crate::types::{Alias, RoutingConfig, Strategy, TagFilter};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Defaults of `LiteLLM` 1.106.2.
const RETRIES_DEFAULT: u32 = 2;
const DEPTH_DEFAULT: u32 = 5;
const COOLDOWN_MS_DEFAULT: u64 = 5_000;
/// `allowed_fails` of this number is as good as none: the share of failures decides.
const ALLOWED_FAILS_DEFAULT: u32 = 3;
const DEFAULTS_MAX: usize = 64;

/// The two tables that say the same things; the router's comes first.
struct Settings<'a> {
    router: Table<'a>,
    litellm: Table<'a>,
}

/// Reads the settings into a configuration without deployments.
pub(super) fn read(file: &Table<'_>, found: &mut Findings) -> RoutingConfig {
    let none = Value::Object(Map::new());
    let general = section(file, "general_settings", &none, found);
    judge(&general, &keys::GENERAL, found);
    let settings = Settings {
        router: section(file, "router_settings", &none, found),
        litellm: section(file, "litellm_settings", &none, found),
    };
    judge(&settings.router, &keys::ROUTER, found);
    judge(&settings.litellm, &keys::LITELLM, found);
    RoutingConfig {
        deployments: Vec::new(),
        backends: BTreeMap::new(),
        aliases: aliases(&settings.router, found),
        fallbacks: settings.fallbacks(found),
        retries: settings.retries(found),
        cooldown: settings.cooldown(found),
        timeouts: settings.timeouts(found),
        strategy: strategy(&settings.router, found),
        pre_call_checks: settings.router.flag("enable_pre_call_checks", found) == Some(true),
        tag_filter: tag_filter(&settings.router, found),
        intents: Vec::new(),
    }
}

fn section<'a>(file: &Table<'a>, key: &str, none: &'a Value, found: &mut Findings) -> Table<'a> {
    let table = file.table(key, found);
    // An object always is a table, so the second cannot fail.
    table.unwrap_or_else(|| match Table::of(none, key, &mut Findings::default()) {
        Some(table) => table,
        None => file.clone(),
    })
}

impl Settings<'_> {
    fn first<T>(&self, read: impl Fn(&Table<'_>) -> Option<T>) -> Option<T> {
        read(&self.router).or_else(|| read(&self.litellm))
    }

    /// A number of either table.
    fn small(&self, key: &str, max: u32, found: &mut Findings) -> Option<u32> {
        let router = self.router.small(key, max, found);
        router.or_else(|| self.litellm.small(key, max, found))
    }

    fn chains(&self, key: &str, found: &mut Findings) -> Option<Chains> {
        // An empty list in the router's table is none, as `or` has it in Python.
        let filled = |chains: &Chains| !chains.is_empty();
        let router = chains::litellm(&self.router, key, found);
        let other = chains::litellm(&self.litellm, key, found);
        let written = router.is_some() || other.is_some();
        let read = router.filter(filled).or(other.filter(filled));
        read.or_else(|| written.then(Chains::new))
    }

    fn fallbacks(&self, found: &mut Findings) -> Fallbacks {
        let mut ordinary = self.chains("fallbacks", found).unwrap_or_default();
        let default = self.first(|table| {
            let names = table.names("default_fallbacks", DEFAULTS_MAX, &mut Findings::default());
            (!names.is_empty()).then_some(names)
        });
        for table in [&self.router, &self.litellm] {
            // Read once more for what is wrong with it.
            table.names("default_fallbacks", DEFAULTS_MAX, found);
        }
        if let Some(default) = default {
            ordinary.push(("*".to_owned(), default));
        }
        let filled = |chains: Option<Chains>| chains.filter(|chains| !chains.is_empty());
        let depth = self.small("max_fallbacks", DEPTH_MAX, found);
        Fallbacks {
            ordinary,
            context_window: filled(self.chains("context_window_fallbacks", found)),
            content_policy: filled(self.chains("content_policy_fallbacks", found)),
            depth_max: depth.unwrap_or(DEPTH_DEFAULT),
        }
    }

    fn retries(&self, found: &mut Findings) -> Retries {
        let policy = self.router.table("retry_policy", found);
        let groups = self.router.table("model_group_retry_policy", found);
        let retries = self.small("num_retries", COUNT_MAX, found);
        Retries {
            count: retries.unwrap_or(RETRIES_DEFAULT),
            policy: policy.map(|policy| policies::litellm_retries(&policy, found)),
            by_group: groups.map(|groups| by_group(&groups, found)).unwrap_or_default(),
            wait_ms_min: self.router.seconds_ms("retry_after", found).unwrap_or_default(),
        }
    }

    fn cooldown(&self, found: &mut Findings) -> Cooldown {
        let router = &self.router;
        // The router compares its own number with the library's, which is the other table's where that is set.
        let usual = self.litellm.small("allowed_fails", COUNT_MAX, found);
        let usual = usual.unwrap_or(ALLOWED_FAILS_DEFAULT);
        let own = router.small("allowed_fails", COUNT_MAX, found);
        let policy = router.table("allowed_fails_policy", found);
        let policy = policy.map(|policy| policies::litellm_fails(&policy, found));
        // With a policy, what it does not name is borne as often as the number says, set or not.
        let counted = policy.is_some().then_some(own.unwrap_or(usual));
        let time_ms = router.seconds_ms("cooldown_time", found).filter(|ms| *ms > 0);
        Cooldown {
            enabled: router.flag("disable_cooldowns", found) != Some(true),
            time_ms: time_ms.unwrap_or(COOLDOWN_MS_DEFAULT),
            allowed_fails: own.filter(|own| *own != usual).or(counted),
            policy,
            half_open: false,
        }
    }

    fn timeouts(&self, found: &mut Findings) -> Timeouts {
        let router = self.router.seconds_ms("timeout", found).filter(|ms| *ms > 0);
        let request = self
            .litellm
            .seconds_ms("request_timeout", found)
            .filter(|ms| *ms > 0);
        let stream = self
            .router
            .seconds_ms("stream_timeout", found)
            .filter(|ms| *ms > 0);
        // The time of one attempt is `request_timeout`; of a stream only where the router has a time of its own too.
        Timeouts {
            whole_ms: request.or(router),
            stream_ms: stream.or(router.and(request)),
        }
    }
}

fn by_group(groups: &Table<'_>, found: &mut Findings) -> BTreeMap<String, RetryPolicy> {
    let mut read = BTreeMap::new();
    for group in groups.keys() {
        if let Some(policy) = groups.table(group, found) {
            read.insert(group.to_owned(), policies::litellm_retries(&policy, found));
        }
    }
    read
}

fn aliases(router: &Table<'_>, found: &mut Findings) -> BTreeMap<String, Alias> {
    let mut aliases = BTreeMap::new();
    let Some(table) = router.table("model_group_alias", found) else {
        return aliases;
    };
    for alias in table.keys() {
        let (target, hidden) = match table.get(alias) {
            Some(Value::Object(_)) => {
                let Some(item) = table.table(alias, found) else {
                    continue;
                };
                item.only(&["model", "hidden"], found);
                (
                    item.required("model", found),
                    item.flag("hidden", found) == Some(true),
                )
            }
            _ => (table.required(alias, found), false),
        };
        if let Some(target) = target {
            aliases.insert(alias.to_owned(), Alias { target, hidden });
        }
    }
    aliases
}

fn tag_filter(router: &Table<'_>, found: &mut Findings) -> TagFilter {
    let any = router.flag("tag_filtering_match_any", found) != Some(false);
    match (router.flag("enable_tag_filtering", found), any) {
        (Some(true), true) => TagFilter::Any,
        (Some(true), false) => TagFilter::All,
        _ => TagFilter::Off,
    }
}

fn strategy(router: &Table<'_>, found: &mut Findings) -> Strategy {
    let args = router.table("routing_strategy_args", found);
    let name = router.name("routing_strategy", found);
    let name = name.as_deref().unwrap_or("simple-shuffle");
    let buffer = args
        .as_ref()
        .and_then(|args| args.number("lowest_latency_buffer", found));
    for key in args.as_ref().map(Table::keys).into_iter().flatten() {
        if key != "lowest_latency_buffer" {
            let path = format!("{}.{key}", router.at("routing_strategy_args"));
            found.warning(path, "is not honoured: statistics are kept by Gyre's own windows");
        }
    }
    match name {
        "simple-shuffle" => Strategy::Shuffle,
        "least-busy" => Strategy::LeastBusy,
        "usage-based-routing" | "usage-based-routing-v2" => Strategy::LeastUsed,
        "latency-based-routing" => Strategy::Latency {
            buffer: buffer.unwrap_or_default(),
        },
        "cost-based-routing" => Strategy::Cost,
        _ => {
            let what = "must be simple-shuffle, least-busy, usage-based-routing, usage-based-routing-v2, \
                        latency-based-routing or cost-based-routing";
            found.error(router.at("routing_strategy"), what);
            Strategy::Shuffle
        }
    }
}
