//! Values, attributes, scopes, resources and times.

use crate::bindings::wasi::clocks::wall_clock::Datetime;
use crate::bindings::wasi::otel::types as wit;
use crate::bounds::{ATTRIBUTES_MAX, NAME_BYTES_MAX, TEXT_BYTES_MAX, cut};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value::Value,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use serde_json::Value as Json;

/// What says in JSON that a text is bytes.
const BYTES_PREFIX: &str = "data:application/octet-stream;base64,";
const NANOS_PER_SECOND: u64 = 1_000_000_000;
/// The key that says which component speaks.
const COMPONENT: &str = "gyre.component";

/// An attribute of the host's own.
pub(crate) fn attribute(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(text(value.to_owned())),
        ..KeyValue::default()
    }
}

/// Attributes that fit, and how many did not.
pub(super) fn attributes(given: Vec<wit::KeyValue>) -> (Vec<KeyValue>, u32) {
    let dropped = given.len().saturating_sub(ATTRIBUTES_MAX);
    let kept = given
        .into_iter()
        .take(ATTRIBUTES_MAX)
        .map(|wit::KeyValue { key, value }| KeyValue {
            key: cut(key, NAME_BYTES_MAX),
            value: Some(any_value(value)),
            ..KeyValue::default()
        })
        .collect();
    (kept, u32::try_from(dropped).unwrap_or(u32::MAX))
}

/// A value from its JSON; what is no JSON, or too long, is a text.
pub(super) fn any_value(json: String) -> AnyValue {
    if json.len() <= TEXT_BYTES_MAX
        && let Ok(parsed) = serde_json::from_str(&json)
    {
        return from_json(parsed);
    }
    text(cut(json, TEXT_BYTES_MAX))
}

fn from_json(json: Json) -> AnyValue {
    let value = match json {
        Json::Null => None,
        Json::Bool(value) => Some(Value::BoolValue(value)),
        Json::Number(number) => Some(match number.as_i64() {
            Some(integer) => Value::IntValue(integer),
            None => Value::DoubleValue(number.as_f64().unwrap_or(f64::NAN)),
        }),
        Json::String(value) => Some(bytes(&value).unwrap_or(Value::StringValue(value))),
        Json::Array(values) => Some(Value::ArrayValue(ArrayValue {
            values: values.into_iter().map(from_json).collect(),
        })),
        Json::Object(members) => Some(Value::KvlistValue(KeyValueList {
            values: members
                .into_iter()
                .map(|(key, value)| KeyValue {
                    key,
                    value: Some(from_json(value)),
                    ..KeyValue::default()
                })
                .collect(),
        })),
    };
    AnyValue { value }
}

fn bytes(text: &str) -> Option<Value> {
    let encoded = text.strip_prefix(BYTES_PREFIX)?;
    STANDARD.decode(encoded).ok().map(Value::BytesValue)
}

fn text(text: String) -> AnyValue {
    AnyValue {
        value: Some(Value::StringValue(text)),
    }
}

/// A scope and the URL of its schema.
pub(super) fn scope(given: wit::InstrumentationScope) -> (InstrumentationScope, String) {
    let (attributes, dropped_attributes_count) = attributes(given.attributes);
    let scope = InstrumentationScope {
        name: cut(given.name, NAME_BYTES_MAX),
        version: cut(given.version.unwrap_or_default(), NAME_BYTES_MAX),
        attributes,
        dropped_attributes_count,
    };
    (scope, schema(given.schema_url))
}

pub(super) fn schema(url: Option<String>) -> String {
    cut(url.unwrap_or_default(), NAME_BYTES_MAX)
}

/// A resource: the guest's attributes, without those that the host sets, and the host's.
pub(crate) fn resource_of(host: &[KeyValue], component: &str, mut guest: Vec<KeyValue>) -> Resource {
    guest.retain(|given| given.key != COMPONENT && host.iter().all(|own| own.key != given.key));
    guest.extend_from_slice(host);
    guest.push(attribute(COMPONENT, component));
    Resource {
        attributes: guest,
        ..Resource::default()
    }
}

pub(super) fn nanos(time: Datetime) -> u64 {
    time.seconds
        .saturating_mul(NANOS_PER_SECOND)
        .saturating_add(time.nanoseconds.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_from_json() {
        let string = |text: &str| Some(Value::StringValue(text.to_owned()));
        for (json, expected) in [
            ("null", None),
            ("true", Some(Value::BoolValue(true))),
            ("-7", Some(Value::IntValue(-7))),
            ("1.5", Some(Value::DoubleValue(1.5))),
            ("18446744073709551615", Some(Value::DoubleValue(u64::MAX as f64))),
            ("\"a\"", string("a")),
            ("no json", string("no json")),
            (
                "\"data:application/octet-stream;base64,AQI=\"",
                Some(Value::BytesValue(vec![1, 2])),
            ),
            (
                "\"data:application/octet-stream;base64,?\"",
                string("data:application/octet-stream;base64,?"),
            ),
        ] {
            assert_eq!(any_value(json.to_owned()).value, expected, "{json}");
        }
        let Some(Value::ArrayValue(array)) = any_value("[1,{\"a\":2}]".to_owned()).value else {
            panic!("no array");
        };
        assert_eq!(array.values.len(), 2);
        let long = format!("\"{}\"", "x".repeat(TEXT_BYTES_MAX));
        let Some(Value::StringValue(kept)) = any_value(long).value else {
            panic!("no text");
        };
        assert_eq!(kept.len(), TEXT_BYTES_MAX);
    }

    #[test]
    fn attributes_are_bounded_and_the_host_has_the_last_word() {
        let given = |key: &str| wit::KeyValue {
            key: key.to_owned(),
            value: "1".to_owned(),
        };
        let (kept, dropped) = attributes(vec![given(&"k".repeat(1_000)); ATTRIBUTES_MAX + 3]);
        assert_eq!((kept.len(), dropped), (ATTRIBUTES_MAX, 3));
        assert_eq!(kept[0].key.len(), NAME_BYTES_MAX);
        let (forged, _) = attributes(vec![given(COMPONENT), given("service.name"), given("own")]);
        let resource = resource_of(&[attribute("service.name", "gyre")], "agent", forged);
        let keys: Vec<&str> = resource.attributes.iter().map(|a| a.key.as_str()).collect();
        assert_eq!(keys, ["own", "service.name", COMPONENT]);
        assert_eq!(resource.attributes[2], attribute(COMPONENT, "agent"));
    }
}
