//! Values that came from the server, in its binary form.

use super::numeric::Numeric;
use super::{Wrong, calendar, numeric, range};
use crate::bindings::spin::postgres::postgres::{DbValue, Interval};
use tokio_postgres::types::{FromSql, Type};

/// The value of a column that is not null. A type without a form here comes as its bytes.
pub(super) fn decode(ty: &Type, raw: &[u8]) -> Result<DbValue, Wrong> {
    Ok(match *ty {
        Type::BOOL => DbValue::Boolean(FromSql::from_sql(ty, raw)?),
        Type::CHAR => DbValue::Int8(FromSql::from_sql(ty, raw)?),
        Type::INT2 => DbValue::Int16(FromSql::from_sql(ty, raw)?),
        Type::INT4 => DbValue::Int32(FromSql::from_sql(ty, raw)?),
        Type::INT8 => DbValue::Int64(FromSql::from_sql(ty, raw)?),
        Type::FLOAT4 => DbValue::Floating32(FromSql::from_sql(ty, raw)?),
        Type::FLOAT8 => DbValue::Floating64(FromSql::from_sql(ty, raw)?),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => DbValue::Str(FromSql::from_sql(ty, raw)?),
        Type::BYTEA => DbValue::Binary(raw.to_vec()),
        Type::DATE => DbValue::Date(calendar::date_from_days(number(raw)?)?),
        Type::TIME => DbValue::Time(calendar::time_from_micros(long(raw)?)?),
        Type::TIMESTAMP | Type::TIMESTAMPTZ => DbValue::Datetime(calendar::datetime_from_micros(long(raw)?)?),
        Type::UUID => DbValue::Uuid(uuid::Uuid::from_sql(ty, raw)?.to_string()),
        Type::JSONB => DbValue::Jsonb(json(raw)?),
        Type::NUMERIC => DbValue::Decimal(numeric::text(raw)?),
        Type::INT4_RANGE => DbValue::RangeInt32(range::decode(raw, 0, number)?),
        Type::INT8_RANGE => DbValue::RangeInt64(range::decode(raw, 0, long)?),
        Type::NUM_RANGE => DbValue::RangeDecimal(range::decode(raw, "0".to_owned(), numeric::text)?),
        Type::INT4_ARRAY => DbValue::ArrayInt32(FromSql::from_sql(ty, raw)?),
        Type::INT8_ARRAY => DbValue::ArrayInt64(FromSql::from_sql(ty, raw)?),
        Type::NUMERIC_ARRAY => DbValue::ArrayDecimal(decimals(ty, raw)?),
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => {
            DbValue::ArrayStr(FromSql::from_sql(ty, raw)?)
        }
        Type::INTERVAL => DbValue::Interval(interval(raw)?),
        _ => DbValue::Unsupported(raw.to_vec()),
    })
}

fn number(raw: &[u8]) -> Result<i32, Wrong> {
    Ok(i32::from_be_bytes(raw.try_into()?))
}

fn long(raw: &[u8]) -> Result<i64, Wrong> {
    Ok(i64::from_be_bytes(raw.try_into()?))
}

/// The text behind the number of its format.
fn json(raw: &[u8]) -> Result<Vec<u8>, Wrong> {
    match raw {
        [1, text @ ..] => Ok(text.to_vec()),
        _ => Err("jsonb of an unknown format".into()),
    }
}

fn decimals(ty: &Type, raw: &[u8]) -> Result<Vec<Option<String>>, Wrong> {
    let numbers: Vec<Option<Numeric>> = FromSql::from_sql(ty, raw)?;
    let text = |number: Option<Numeric>| number.map(|Numeric(text)| text);
    Ok(numbers.into_iter().map(text).collect())
}

fn interval(raw: &[u8]) -> Result<Interval, Wrong> {
    let (micros, rest) = raw.split_at_checked(8).ok_or("an interval that is too short")?;
    let (days, months) = rest.split_at_checked(4).ok_or("an interval that is too short")?;
    Ok(Interval {
        micros: long(micros)?,
        days: number(days)?,
        months: number(months)?,
    })
}
