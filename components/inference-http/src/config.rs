//! What the parent's variables say. Pure, but for `load`.

use crate::bindings::exports::gyre::inference::types::Error;
use crate::dialect::Dialect;
use http::{HeaderValue, Uri};
use spin_sdk::variables;

/// Host of the default address: no server is named.
const UNSET_HOST: &str = "unset.invalid";
/// Where OpenAI's API begins, when the address has no path.
const BASE_PATH: &str = "/v1";
const WAIT_MS_DEFAULT: u64 = 30_000;
const WAIT_MS_MAX: u64 = 3_600_000;
const MODELS_MAX: usize = 256;

/// The variables as they are written; absent ones are empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    /// `upstream_url`
    pub(crate) url: String,
    /// `upstream_key`
    pub(crate) key: String,
    /// `upstream_timeout_ms`
    pub(crate) timeout_ms: String,
    /// `upstream_idle_ms`
    pub(crate) idle_ms: String,
    /// `upstream_models`
    pub(crate) models: String,
    /// `upstream_dialect`
    pub(crate) dialect: String,
}

/// Which server, and how patiently.
pub(crate) struct Config {
    /// The API's base without a slash at its end: `https://host/v1`.
    pub(crate) base: String,
    /// Sent as the bearer token. In no message.
    pub(crate) key: Option<Key>,
    /// Time to the first byte of an answer.
    pub(crate) first_byte_ms: u64,
    /// The longest silence in an answer.
    pub(crate) idle_ms: u64,
    /// The models to offer; empty for all.
    pub(crate) offered: Vec<String>,
    /// Which extensions the server has.
    pub(crate) dialect: Dialect,
}

/// A secret and its header.
pub(crate) struct Key {
    /// The secret.
    pub(crate) secret: String,
    /// `Bearer …`, marked as sensitive.
    pub(crate) header: HeaderValue,
}

impl Config {
    /// The secret, for taking it out of texts; empty where there is none.
    pub(crate) fn secret(&self) -> &str {
        self.key.as_ref().map_or("", |key| &key.secret)
    }

    /// Whether a model may be asked for.
    pub(crate) fn offers(&self, model: &str) -> bool {
        self.offered.is_empty() || self.offered.iter().any(|name| name == model)
    }
}

/// Reads the variables. Nothing, when no server is named.
pub(crate) async fn load() -> Result<Option<Config>, Error> {
    let values = Values {
        url: variable("upstream_url").await?,
        key: variable("upstream_key").await?,
        timeout_ms: variable("upstream_timeout_ms").await?,
        idle_ms: variable("upstream_idle_ms").await?,
        models: variable("upstream_models").await?,
        dialect: variable("upstream_dialect").await?,
    };
    read(&values).map_err(|what| Error::Internal(format!("the model server is misconfigured: {what}")))
}

/// A variable that the parent does not have is empty.
async fn variable(name: &str) -> Result<String, Error> {
    match variables::get(name).await {
        Ok(value) => Ok(value),
        Err(variables::Error::Undefined(_)) => Ok(String::new()),
        Err(_) => Err(Error::Internal(format!(
            "the variable `{name}` cannot be read; hint: see [component.<id>.variables] of the parent"
        ))),
    }
}

/// Checks the values. An error says which variable is wrong, and never shows the key.
pub(crate) fn read(values: &Values) -> Result<Option<Config>, String> {
    let Some(base) = base(values.url.trim())? else {
        return Ok(None);
    };
    Ok(Some(Config {
        base,
        key: key(values.key.trim())?,
        first_byte_ms: wait_ms("upstream_timeout_ms", &values.timeout_ms)?,
        idle_ms: wait_ms("upstream_idle_ms", &values.idle_ms)?,
        offered: offered(&values.models)?,
        dialect: Dialect::read(values.dialect.trim())?,
    }))
}

fn base(url: &str) -> Result<Option<String>, String> {
    let wrong = || {
        "`upstream_url` is no address of a server; hint: write it as https://host:port or https://host/v1, \
         without user, query or fragment"
            .to_owned()
    };
    if url.is_empty() {
        return Ok(None);
    }
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(wrong());
    };
    let plain = !url.contains(['?', '#', '@']) && !authority.host().is_empty();
    if !plain || !matches!(scheme, "http" | "https") {
        return Err(wrong());
    }
    if authority.host().eq_ignore_ascii_case(UNSET_HOST) {
        return Ok(None);
    }
    let path = match uri.path().trim_end_matches('/') {
        "" => BASE_PATH,
        path => path,
    };
    Ok(Some(format!("{scheme}://{authority}{path}")))
}

fn key(secret: &str) -> Result<Option<Key>, String> {
    if secret.is_empty() {
        return Ok(None);
    }
    let mut header = HeaderValue::from_str(&format!("Bearer {secret}"))
        .ok()
        .filter(|_| secret.is_ascii())
        .ok_or(
            "`upstream_key` holds characters that no header may; hint: is it the key alone, on one line?",
        )?;
    header.set_sensitive(true);
    Ok(Some(Key {
        secret: secret.to_owned(),
        header,
    }))
}

fn wait_ms(name: &str, value: &str) -> Result<u64, String> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(WAIT_MS_DEFAULT);
    }
    let given = value.parse().ok().filter(|ms| (1..=WAIT_MS_MAX).contains(ms));
    given.ok_or_else(|| {
        format!("`{name}` is no number of milliseconds from 1 to {WAIT_MS_MAX}; hint: 30000 is 30 s")
    })
}

fn offered(list: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if names.len() > MODELS_MAX {
        return Err(format!(
            "`upstream_models` names more than {MODELS_MAX} models; hint: leave it empty for all"
        ));
    }
    Ok(names)
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
