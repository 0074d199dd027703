//! What the Redis triggers of a manifest ask for.

use crate::BuildError;
use gyre_capability_redis::Address;
use gyre_manifest::{RedisTrigger, ResolvedVariables, resolve_template};

/// A channel and who gets its messages.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The component.
    pub component: String,
    /// The channel.
    pub channel: String,
    /// The server; shown without its user and password.
    pub address: Address,
    /// The server as the manifest and the variables say it.
    pub(crate) text: String,
}

impl Subscription {
    pub(crate) fn resolve(
        triggers: &[RedisTrigger],
        variables: &ResolvedVariables,
    ) -> Result<Vec<Self>, BuildError> {
        let one = |(index, trigger): (usize, &RedisTrigger)| {
            let key = |name: &str| format!("trigger.redis[{index}].{name}");
            let text = resolve_template(&key("address"), &trigger.address, variables)?;
            let address = Address::parse(&text).ok_or_else(|| BuildError::RedisAddress(key("address")))?;
            Ok(Self {
                component: trigger.component.clone(),
                channel: resolve_template(&key("channel"), &trigger.channel, variables)?,
                address,
                text,
            })
        };
        triggers.iter().enumerate().map(one).collect()
    }
}
