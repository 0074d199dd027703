use super::*;
use serde_json::json;

fn of(schema: &serde_json::Value) -> Result<(), String> {
    check(&Value::from_serialize(schema), schema.to_string().len())
}

#[test]
fn ordinary_schemas_pass() {
    for schema in [
        json!({}),
        json!({ "type": "object", "properties": { "a": { "type": ["string", "null"], "maxLength": 200 } } }),
        json!({ "type": "object", "properties": { "tree": { "$ref": "#/$defs/tree" } }, "$defs": {
            "tree": { "type": "object", "properties": { "left": { "$ref": "#/$defs/tree" } } } } }),
        json!({ "allOf": [{ "$ref": "#/$defs/a" }, { "properties": { "b": {} } }],
            "$defs": { "a": { "properties": { "a": { "type": "integer", "minimum": -5, "maximum": 5 } } } } }),
        json!({ "type": "array", "items": { "enum": [1, 2] }, "minItems": 1, "maxItems": 100 }),
        json!({ "type": "object", "properties": { "me": { "$ref": "#" } } }),
    ] {
        assert_eq!(of(&schema), Ok(()), "{schema}");
    }
}

/// Lists of ten types at each of nine levels: 10^9 schemas when written out.
fn types() -> serde_json::Value {
    (0..9).fold(
        json!({}),
        |inner, _| json!({ "type": vec!["array"; 10], "items": inner }),
    )
}

fn many(count: usize, of: impl Fn(usize) -> (String, serde_json::Value)) -> serde_json::Value {
    serde_json::Value::Object((0..count).map(of).collect())
}

#[test]
fn what_would_not_end_is_refused() {
    let deep = (0..40).fold(json!({}), |inner, _| json!({ "not": inner }));
    let chain = many(40, |at| {
        (
            at.to_string(),
            json!({ "items": { "$ref": format!("#/$defs/{}", at + 1) } }),
        )
    });
    let wide = json!({ "allOf": vec![json!({ "$ref": "#/$defs/a" }); 9],
        "$defs": { "a": { "properties": many(20, |at| (at.to_string(), json!({}))) } } });
    let around = json!({ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } } });
    let within = json!({ "allOf": [{ "$ref": "#/$defs/a" }], "$defs": { "a": { "anyOf": [{ "$ref": "#/$defs/a" }] } } });
    for (schema, part) in [
        (deep, "levels"),
        (
            json!({ "properties": { "a": { "$ref": "#/$defs/0" } }, "$defs": chain }),
            "nested",
        ),
        (types(), "too many schemas"),
        (
            json!({ "properties": many(129, |at| (at.to_string(), json!({}))) }),
            "properties",
        ),
        (
            json!({ "properties": { "x".repeat(129): {} } }),
            "too long a name",
        ),
        (json!({ "enum": (0..257).collect::<Vec<_>>() }), "choices"),
        (json!({ "anyOf": vec![json!({}); 257] }), "choices"),
        (around, "leads to itself"),
        (within, "allOf"),
        (json!({ "$ref": "#/$defs/none" }), "nowhere"),
        (json!({ "$ref": "other.json" }), "nowhere"),
        (wide, "allOf"),
        (json!({ "type": "array", "minItems": 1_000_000 }), "minItems"),
        (json!({ "type": "array", "maxItems": 1_000_000 }), "maxItems"),
        (json!({ "type": "string", "maxLength": 1_000_000 }), "maxLength"),
        (json!({ "type": "string", "minLength": -1 }), "minLength"),
        (
            json!({ "items": { "properties": many(6, |at| (at.to_string(), json!({ "maxLength": 2000 }))) } }),
            "repeats",
        ),
        (json!({ "type": "integer", "minimum": 1e300 }), "minimum"),
        (json!({ "type": "integer", "maximum": i64::MIN }), "maximum"),
        (json!({ "type": "integer", "minimum": 5, "maximum": 1 }), "above"),
        (
            json!({ "type": "string", "pattern": "^(a{0,99}){0,99}$" }),
            "pattern",
        ),
        (json!({ "enum": ["x".repeat(40_000)] }), "bytes"),
    ] {
        let error = of(&schema).expect_err(part);
        assert!(error.contains(part), "{error}");
    }
}
