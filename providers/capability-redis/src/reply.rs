//! A reply of any shape as the flat list that the interface has.

use crate::bindings::spin::redis::redis::{RedisParameter, RedisResult};
use redis::{Cmd, FromRedisValue, ParsingError, Value};

/// Elements one reply may have, nested ones counted.
const ELEMENTS_MAX: usize = 1_000_000;

/// Any reply, flattened: nested lists one after another, maps as key, value, key, value.
pub(crate) struct Reply(pub(crate) Vec<RedisResult>);

impl FromRedisValue for Reply {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let mut flat = Vec::new();
        flatten(value, &mut flat)?;
        Ok(Self(flat))
    }
}

fn flatten(value: Value, flat: &mut Vec<RedisResult>) -> Result<(), ParsingError> {
    if flat.len() >= ELEMENTS_MAX {
        return Err(format!("the reply has more than {ELEMENTS_MAX} elements").into());
    }
    flat.push(match value {
        Value::Nil => RedisResult::Nil,
        Value::Int(number) => RedisResult::Int64(number),
        Value::Boolean(is) => RedisResult::Int64(is.into()),
        Value::BulkString(bytes) => RedisResult::Binary(bytes),
        Value::SimpleString(text) => RedisResult::Status(text),
        Value::Okay => RedisResult::Status("OK".to_owned()),
        Value::Double(number) => RedisResult::Binary(number.to_string().into_bytes()),
        Value::VerbatimString { text, .. } => RedisResult::Binary(text.into_bytes()),
        Value::Array(values) | Value::Set(values) => {
            return values.into_iter().try_for_each(|value| flatten(value, flat));
        }
        Value::Map(pairs) => {
            return pairs.into_iter().try_for_each(|(key, value)| {
                flatten(key, flat)?;
                flatten(value, flat)
            });
        }
        Value::Attribute { data, .. } => return flatten(*data, flat),
        other => return Err(format!("a reply of this kind has no form here: {}", kind(&other)).into()),
    });
    Ok(())
}

/// Names what it is, never what is in it.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Push { .. } => "push",
        Value::ServerError(_) => "error within a list",
        _ => "unknown",
    }
}

/// A command with arguments of the guest.
pub(crate) fn command(name: &str, arguments: Vec<RedisParameter>) -> Cmd {
    let mut command = redis::cmd(name);
    for argument in arguments {
        match argument {
            RedisParameter::Int64(number) => command.arg(number),
            RedisParameter::Binary(bytes) => command.arg(bytes),
        };
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(value: Value) -> String {
        let reply = Reply::from_redis_value(value).expect("a reply");
        format!("{:?}", reply.0)
    }

    #[test]
    fn replies_are_flattened_in_order() {
        let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let nested = Value::Array(vec![
            Value::Int(1),
            Value::Array(vec![Value::Nil, Value::Okay]),
            Value::Map(vec![(text("k"), Value::Boolean(true))]),
        ]);
        let expected = vec![
            RedisResult::Int64(1),
            RedisResult::Nil,
            RedisResult::Status("OK".to_owned()),
            RedisResult::Binary(b"k".to_vec()),
            RedisResult::Int64(1),
        ];
        assert_eq!(flat(nested), format!("{expected:?}"));
        assert_eq!(flat(Value::Array(Vec::new())), "[]");
    }

    #[test]
    fn what_has_no_form_is_an_error_that_does_not_repeat_it() {
        let push = Value::Push {
            kind: redis::PushKind::Message,
            data: vec![Value::SimpleString("secret".to_owned())],
        };
        let error = Reply::from_redis_value(push).err().expect("an error");
        let text = error.to_string();
        assert!(text.contains("push") && !text.contains("secret"), "{text}");
    }
}
