//! Where telemetry goes, by the environment variables that OpenTelemetry defines.

use crate::queue::Signal;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;
use thiserror::Error;

/// The base address of a collector; each kind of telemetry has its path there.
pub(crate) const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TIMEOUT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const DISABLED: &str = "OTEL_SDK_DISABLED";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
const RESOURCE: &str = "OTEL_RESOURCE_ATTRIBUTES";
/// What the specification sets.
const TIMEOUT_MS_DEFAULT: u64 = 10_000;
const TIMEOUT_MS_MAX: u64 = 60_000;

/// A variable that makes no sense. Values are not repeated: headers hold keys.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{variable} cannot be used: {why}; hint: {cure}")]
pub struct ConfigError {
    variable: String,
    why: &'static str,
    cure: &'static str,
}

/// Where telemetry goes, and as what.
#[derive(Clone)]
pub struct Config {
    pub(crate) endpoints: [Option<Url>; 3],
    pub(crate) headers: HeaderMap,
    pub(crate) timeout: Duration,
    /// Attributes of every resource.
    pub(crate) resource: Vec<(String, String)>,
}

impl Config {
    /// Reads the variables; nothing where none of them names a collector.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if variable(DISABLED).is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let mut endpoints = [None, None, None];
        for signal in Signal::ALL {
            endpoints[signal as usize] = endpoint(signal, &variable)?;
        }
        if endpoints.iter().all(Option::is_none) {
            return Ok(None);
        }
        check_protocol(variable(PROTOCOL).as_deref())?;
        Ok(Some(Self {
            endpoints,
            headers: headers(variable(HEADERS).as_deref().unwrap_or_default())?,
            timeout: timeout(variable(TIMEOUT).as_deref())?,
            resource: resource(&variable)?,
        }))
    }
}

fn wrong(variable: &str, why: &'static str, cure: &'static str) -> ConfigError {
    ConfigError {
        variable: variable.to_owned(),
        why,
        cure,
    }
}

fn endpoint(signal: Signal, variable: &impl Fn(&str) -> Option<String>) -> Result<Option<Url>, ConfigError> {
    let own = format!("OTEL_EXPORTER_OTLP_{}_ENDPOINT", signal.name().to_uppercase());
    let (name, text) = match (variable(&own), variable(ENDPOINT)) {
        (Some(text), _) => (own.as_str(), text),
        (None, Some(base)) => (
            ENDPOINT,
            format!("{}/v1/{}", base.trim_end_matches('/'), signal.name()),
        ),
        (None, None) => return Ok(None),
    };
    let url = Url::parse(&text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| {
            wrong(
                name,
                "it is no http or https URL",
                "write it as http://127.0.0.1:4318",
            )
        })?;
    Ok(Some(url))
}

fn check_protocol(protocol: Option<&str>) -> Result<(), ConfigError> {
    match protocol {
        None | Some("http/protobuf") => Ok(()),
        Some(_) => Err(wrong(
            PROTOCOL,
            "this host exports http/protobuf only",
            "leave it unset, and name the collector's HTTP port, often 4318",
        )),
    }
}

fn headers(text: &str) -> Result<HeaderMap, ConfigError> {
    pairs(HEADERS, text)?
        .into_iter()
        .map(|(key, value)| {
            let name = HeaderName::try_from(key).ok()?;
            let mut value = HeaderValue::try_from(value).ok()?;
            value.set_sensitive(true);
            Some((name, value))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| {
            wrong(
                HEADERS,
                "a name or a value is none of HTTP",
                "write name=value, with commas between",
            )
        })
}

fn timeout(text: Option<&str>) -> Result<Duration, ConfigError> {
    let ms = text.map_or(Some(TIMEOUT_MS_DEFAULT), |text| text.parse().ok());
    ms.filter(|ms| (1..=TIMEOUT_MS_MAX).contains(ms))
        .map(Duration::from_millis)
        .ok_or_else(|| {
            wrong(
                TIMEOUT,
                "it is no number from 1 to 60000",
                "give milliseconds, such as 10000",
            )
        })
}

fn resource(variable: &impl Fn(&str) -> Option<String>) -> Result<Vec<(String, String)>, ConfigError> {
    let mut resource = pairs(RESOURCE, &variable(RESOURCE).unwrap_or_default())?;
    let service = "service.name";
    match variable(SERVICE_NAME) {
        Some(name) => {
            resource.retain(|(key, _)| key != service);
            resource.push((service.to_owned(), name));
        }
        None if resource.iter().all(|(key, _)| key != service) => {
            resource.push((service.to_owned(), "gyre".to_owned()));
        }
        None => {}
    }
    Ok(resource)
}

/// `a=b,c=d`.
fn pairs(variable: &str, text: &str) -> Result<Vec<(String, String)>, ConfigError> {
    text.split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((key.trim().to_owned(), value.trim().to_owned()))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| {
            wrong(
                variable,
                "it is no list of pairs",
                "write name=value, with commas between",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Config>, ConfigError> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        Config::read(|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_collector_is_named_once_or_for_each_kind() {
        let urls = |config: Config| config.endpoints.map(|url| url.map(|url| url.to_string()));
        let config = read(&[(ENDPOINT, "http://c:4318/base/")])
            .expect("read")
            .expect("on");
        assert_eq!(config.timeout, Duration::from_secs(10));
        assert_eq!(config.resource, [("service.name".to_owned(), "gyre".to_owned())]);
        assert_eq!(
            urls(config),
            ["traces", "metrics", "logs"].map(|path| Some(format!("http://c:4318/base/v1/{path}")))
        );
        let one = read(&[("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://l/in")]);
        assert_eq!(
            urls(one.expect("read").expect("on")),
            [None, None, Some("http://l/in".into())]
        );
        for off in [
            &[][..],
            &[(ENDPOINT, "")],
            &[(ENDPOINT, "http://c"), (DISABLED, "true")],
        ] {
            assert!(read(off).expect("read").is_none(), "{off:?}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_named_without_its_value() {
        for (variable, value) in [
            (ENDPOINT, "secret"),
            (PROTOCOL, "grpc"),
            (HEADERS, "secret"),
            (HEADERS, "a b=secret"),
            (TIMEOUT, "soon"),
            (TIMEOUT, "0"),
            (RESOURCE, "secret"),
        ] {
            let error = read(&[(ENDPOINT, "http://c"), (variable, value)])
                .err()
                .or_else(|| read(&[(variable, value)]).err())
                .expect(variable)
                .to_string();
            assert!(error.starts_with(variable) && error.contains("hint: "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_service_has_one_name() {
        let config = read(&[
            (ENDPOINT, "http://c"),
            (RESOURCE, "service.name=a, zone = b"),
            (SERVICE_NAME, "named"),
        ]);
        let resource = config.expect("read").expect("on").resource;
        let expected = [("zone", "b"), ("service.name", "named")];
        assert_eq!(
            resource,
            expected.map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
    }
}
