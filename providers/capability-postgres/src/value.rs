//! Values between the interface and the wire of PostgreSQL.

mod calendar;
mod decode;
mod encode;
mod numeric;
mod range;
#[cfg(test)]
mod tests;

pub(crate) use encode::{Encoded, encode};

use crate::bindings::spin::postgres::postgres::{Column, DbDataType, DbValue, Error};
use tokio_postgres::types::{FromSql, Type};

/// An error of a conversion.
type Wrong = Box<dyn std::error::Error + Sync + Send>;

/// Bytes of any type, as they came.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_ty: &Type, bytes: &'a [u8]) -> Result<Self, Wrong> {
        Ok(Self(bytes))
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }
}

/// A row of the interface.
pub(crate) fn row(row: &tokio_postgres::Row) -> Result<Vec<DbValue>, Error> {
    let one = |(index, column): (usize, &tokio_postgres::Column)| {
        let wrong = |error: &dyn std::fmt::Display| {
            let (name, ty) = (column.name(), column.type_().name());
            Error::ValueConversionFailed(format!("column `{name}` of type {ty}: {error}"))
        };
        let raw: Option<Raw<'_>> = row.try_get(index).map_err(|error| wrong(&error))?;
        match raw {
            None => Ok(DbValue::DbNull),
            Some(Raw(bytes)) => decode::decode(column.type_(), bytes).map_err(|error| wrong(&error)),
        }
    };
    row.columns().iter().enumerate().map(one).collect()
}

/// A column of the interface.
pub(crate) fn column(column: &tokio_postgres::Column) -> Column {
    Column {
        name: column.name().to_owned(),
        data_type: data_type(column.type_()),
    }
}

fn data_type(ty: &Type) -> DbDataType {
    match *ty {
        Type::BOOL => DbDataType::Boolean,
        Type::CHAR => DbDataType::Int8,
        Type::INT2 => DbDataType::Int16,
        Type::INT4 => DbDataType::Int32,
        Type::INT8 => DbDataType::Int64,
        Type::FLOAT4 => DbDataType::Floating32,
        Type::FLOAT8 => DbDataType::Floating64,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => DbDataType::Str,
        Type::BYTEA => DbDataType::Binary,
        Type::DATE => DbDataType::Date,
        Type::TIME => DbDataType::Time,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => DbDataType::Datetime,
        Type::UUID => DbDataType::Uuid,
        Type::JSONB => DbDataType::Jsonb,
        Type::NUMERIC => DbDataType::Decimal,
        Type::INT4_RANGE => DbDataType::RangeInt32,
        Type::INT8_RANGE => DbDataType::RangeInt64,
        Type::NUM_RANGE => DbDataType::RangeDecimal,
        Type::INT4_ARRAY => DbDataType::ArrayInt32,
        Type::INT8_ARRAY => DbDataType::ArrayInt64,
        Type::NUMERIC_ARRAY => DbDataType::ArrayDecimal,
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => DbDataType::ArrayStr,
        Type::INTERVAL => DbDataType::Interval,
        _ => DbDataType::Other(ty.name().to_owned()),
    }
}
