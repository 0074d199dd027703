//! Every type of value there and back, by a real PostgreSQL server.

use crate::databases::{ask, server, statement};
use anyhow::{Result, ensure};
use gyre_test_support::Postgres;
use serde_json::{Value, json};

/// A type, its values as parameters, and as they come back.
fn plain_values() -> Vec<(&'static str, &'static str, Value, Value)> {
    let same = |ty, name, value: Value| (ty, name, value.clone(), value);
    vec![
        same("bool", "Boolean", json!({"boolean": true})),
        same("\"char\"", "Int8", json!({"int8": -7})),
        same("int2", "Int16", json!({"int16": -32768})),
        same("int4", "Int32", json!({"int32": 2147483647})),
        same("int8", "Int64", json!({"int64": -9223372036854775808i64})),
        same("float4", "Floating32", json!({"floating32": 1.5})),
        same("float8", "Floating64", json!({"floating64": -0.1})),
        same("text", "Str", json!({"str": "grüße"})),
        same("varchar", "Str", json!({"str": ""})),
        same("bytea", "Binary", json!({"binary": [0, 255]})),
        same("date", "Date", json!({"date": [1969, 12, 31]})),
        same("time", "Time", json!({"time": [23, 59, 59, 999999000]})),
        same(
            "timestamp",
            "Datetime",
            json!({"datetime": [2024, 2, 29, 1, 2, 3, 4000]}),
        ),
        same(
            "timestamptz",
            "Datetime",
            json!({"datetime": [1899, 1, 1, 0, 0, 0, 0]}),
        ),
        (
            "timestamptz",
            "Datetime",
            json!({"timestamp": 86_400}),
            json!({"datetime": [1970, 1, 2, 0, 0, 0, 0]}),
        ),
        same(
            "uuid",
            "Uuid",
            json!({"uuid": "0198c0de-0000-7000-8000-00000000000a"}),
        ),
    ]
}

/// The same of numbers of any precision, of ranges, lists and what is left.
fn larger_values() -> Vec<(&'static str, &'static str, Value, Value)> {
    let same = |ty, name, value: Value| (ty, name, value.clone(), value);
    vec![
        same("jsonb", "Jsonb", json!({"jsonb": {"a": [1, null, "x"]}})),
        same("numeric", "Decimal", json!({"decimal": "-12.340"})),
        same(
            "numeric",
            "Decimal",
            json!({"decimal": "123456789012345678901234567890.000000000000000000000000000001"}),
        ),
        same("numeric", "Decimal", json!({"decimal": "NaN"})),
        same("numeric", "Decimal", json!({"decimal": "0.00000005"})),
        same(
            "int4range",
            "RangeInt32",
            json!({"range-int32": [[1, "inclusive"], [5, "exclusive"]]}),
        ),
        (
            "int4range",
            "RangeInt32",
            json!({"range-int32": [[1, "exclusive"], [5, "inclusive"]]}),
            json!({"range-int32": [[2, "inclusive"], [6, "exclusive"]]}),
        ),
        same(
            "int8range",
            "RangeInt64",
            json!({"range-int64": [null, [7, "exclusive"]]}),
        ),
        // The empty range.
        same(
            "int8range",
            "RangeInt64",
            json!({"range-int64": [[0, "exclusive"], [0, "exclusive"]]}),
        ),
        same(
            "numrange",
            "RangeDecimal",
            json!({"range-decimal": [["0.5", "exclusive"], ["7", "inclusive"]]}),
        ),
        same("numrange", "RangeDecimal", json!({"range-decimal": [null, null]})),
        same("int4[]", "ArrayInt32", json!({"array-int32": [1, null, 3]})),
        same("int8[]", "ArrayInt64", json!({"array-int64": []})),
        same(
            "numeric[]",
            "ArrayDecimal",
            json!({"array-decimal": ["1.50", null]}),
        ),
        same("text[]", "ArrayStr", json!({"array-str": ["a,b", null, "\"}"]})),
        same("interval", "Interval", json!({"interval": [-1, 2, 3]})),
        same("inet", "other inet", json!(null)),
    ]
}

#[tokio::test]
async fn every_value_is_there_and_back() -> Result<()> {
    let postgres = Postgres::start()?;
    let server = server(&[postgres.host()]).await?;
    for (ty, name, parameter, expected) in plain_values().into_iter().chain(larger_values()) {
        for call in ["query", "query-async"] {
            let order = json!({
                "call": call,
                "blocking": call == "query",
                "statement": format!("SELECT $1::{ty} AS v"),
                "parameters": [parameter],
            });
            let answer = ask(&server, "/postgres", &postgres.url(), order).await?;
            let told = format!("{call} {ty} {parameter}: {answer}");
            ensure!(
                answer["columns"] == json!([{"name": "v", "type": name}]),
                "{told}"
            );
            ensure!(answer["rows"] == json!([[expected]]), "{told}");
        }
        let null = json!({"statement": format!("SELECT $1::{ty} AS v"), "parameters": [null]});
        let answer = ask(&server, "/postgres", &postgres.url(), null).await?;
        ensure!(answer["rows"] == json!([[null]]), "{ty}: {answer}");
    }
    let answer = statement(&server, &postgres.url(), "SELECT '::1'::inet, 1 AS n").await?;
    ensure!(answer["rows"][0][0]["unsupported"].is_array(), "{answer}");
    // No rows have columns, too.
    let answer = statement(&server, &postgres.url(), "SELECT 1 AS n WHERE false").await?;
    ensure!(
        answer["columns"][0]["name"] == "n" && answer["rows"] == json!([]),
        "{answer}"
    );
    Ok(())
}
