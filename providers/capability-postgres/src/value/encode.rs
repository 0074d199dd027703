//! Parameters on their way to the server: in its binary form, or as text where the server should read them.

use super::{Wrong, calendar, numeric, range};
use crate::bindings::spin::postgres::postgres::{Interval, ParameterValue};
use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

/// A parameter ready to be sent.
#[derive(Debug, PartialEq)]
pub(crate) struct Encoded {
    /// `None` is null.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) is_text: bool,
}

impl ToSql for Encoded {
    fn to_sql(&self, _ty: &Type, out: &mut BytesMut) -> Result<IsNull, Wrong> {
        match &self.bytes {
            None => Ok(IsNull::Yes),
            Some(bytes) => {
                out.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    fn encode_format(&self, _ty: &Type) -> Format {
        if self.is_text {
            Format::Text
        } else {
            Format::Binary
        }
    }

    to_sql_checked!();
}

/// The parameter as the statement wants it. The error says what is wrong, and repeats no value.
pub(crate) fn encode(value: &ParameterValue, ty: &Type) -> Result<Encoded, String> {
    match value {
        ParameterValue::DbNull => Ok(Encoded {
            bytes: None,
            is_text: false,
        }),
        ParameterValue::Boolean(v) => native("boolean", v, ty),
        ParameterValue::Int8(v) => native("int8", v, ty),
        ParameterValue::Int16(v) => native("int16", v, ty),
        ParameterValue::Int32(v) => native("int32", v, ty),
        ParameterValue::Int64(v) => native("int64", v, ty),
        ParameterValue::Floating32(v) => native("floating32", v, ty),
        ParameterValue::Floating64(v) => native("floating64", v, ty),
        ParameterValue::Str(v) => native("str", v, ty),
        ParameterValue::Binary(v) => native("binary", v, ty),
        ParameterValue::ArrayInt32(v) => native("array-int32", v, ty),
        ParameterValue::ArrayInt64(v) => native("array-int64", v, ty),
        ParameterValue::ArrayStr(v) => native("array-str", v, ty),
        ParameterValue::Date(v) => {
            wants("date", ty, &[Type::DATE])?;
            binary(calendar::days_from_date(*v)?.to_be_bytes())
        }
        ParameterValue::Time(v) => {
            wants("time", ty, &[Type::TIME])?;
            binary(calendar::micros_from_time(*v)?.to_be_bytes())
        }
        ParameterValue::Datetime(v) => {
            wants("datetime", ty, &[Type::TIMESTAMP, Type::TIMESTAMPTZ])?;
            binary(calendar::micros_from_datetime(*v)?.to_be_bytes())
        }
        ParameterValue::Timestamp(v) => {
            wants("timestamp", ty, &[Type::TIMESTAMPTZ, Type::TIMESTAMP])?;
            binary(calendar::micros_from_unix(*v)?.to_be_bytes())
        }
        ParameterValue::Uuid(v) => {
            let uuid = uuid::Uuid::parse_str(v).map_err(|_wrong| "it is no UUID".to_owned())?;
            native("uuid", &uuid, ty)
        }
        ParameterValue::Jsonb(v) => json(v, ty),
        ParameterValue::Interval(v) => {
            wants("interval", ty, &[Type::INTERVAL])?;
            binary(interval(v))
        }
        ParameterValue::Decimal(v) => {
            wants("decimal", ty, &[Type::NUMERIC])?;
            text(numeric::checked(v)?.to_owned())
        }
        ParameterValue::ArrayDecimal(v) => {
            wants("array-decimal", ty, &[Type::NUMERIC_ARRAY])?;
            text(decimals(v)?)
        }
        ParameterValue::RangeInt32(v) => {
            wants("range-int32", ty, &[Type::INT4_RANGE])?;
            text(range::text(v, |number| Ok(number.to_string()))?)
        }
        ParameterValue::RangeInt64(v) => {
            wants("range-int64", ty, &[Type::INT8_RANGE])?;
            text(range::text(v, |number| Ok(number.to_string()))?)
        }
        ParameterValue::RangeDecimal(v) => {
            wants("range-decimal", ty, &[Type::NUM_RANGE])?;
            text(range::text(v, |number| {
                numeric::checked(number).map(str::to_owned)
            })?)
        }
    }
}

/// What the driver encodes by itself.
fn native<V: ToSql + Sync>(kind: &str, value: &V, ty: &Type) -> Result<Encoded, String> {
    if !V::accepts(ty) {
        return Err(mismatch(kind, ty));
    }
    let mut out = BytesMut::new();
    // The type fits, so what can fail is a length beyond 2 GiB.
    let written = value
        .to_sql(ty, &mut out)
        .map_err(|_too_long| format!("the {kind} is too long"))?;
    Ok(Encoded {
        bytes: matches!(written, IsNull::No).then(|| out.to_vec()),
        is_text: false,
    })
}

fn wants(kind: &str, ty: &Type, types: &[Type]) -> Result<(), String> {
    if types.contains(ty) {
        Ok(())
    } else {
        Err(mismatch(kind, ty))
    }
}

fn mismatch(kind: &str, ty: &Type) -> String {
    format!(
        "the statement wants {} and got {kind}; hint: give that type, or write a cast behind the parameter",
        ty.name()
    )
}

fn binary(bytes: impl Into<Vec<u8>>) -> Result<Encoded, String> {
    Ok(Encoded {
        bytes: Some(bytes.into()),
        is_text: false,
    })
}

fn text(text: String) -> Result<Encoded, String> {
    Ok(Encoded {
        bytes: Some(text.into_bytes()),
        is_text: true,
    })
}

/// Sent as text, also to jsonb: the server checks it.
fn json(bytes: &[u8], ty: &Type) -> Result<Encoded, String> {
    wants("jsonb", ty, &[Type::JSONB, Type::JSON])?;
    let json = std::str::from_utf8(bytes).map_err(|_wrong| "the JSON is not UTF-8".to_owned())?;
    text(json.to_owned())
}

fn interval(interval: &Interval) -> Vec<u8> {
    let mut bytes = interval.micros.to_be_bytes().to_vec();
    bytes.extend(interval.days.to_be_bytes());
    bytes.extend(interval.months.to_be_bytes());
    bytes
}

fn decimals(numbers: &[Option<String>]) -> Result<String, String> {
    let numbers: Vec<&str> = numbers
        .iter()
        .map(|number| number.as_deref().map_or(Ok("NULL"), numeric::checked))
        .collect::<Result<_, _>>()?;
    Ok(format!("{{{}}}", numbers.join(",")))
}
