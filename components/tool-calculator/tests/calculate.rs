//! What models send, and what they get.

use proptest::prelude::*;
use serde_json::{Value, json};
use tool_calculator::tool::{calculate, input_schema, output_schema};

fn of(expression: &str) -> Result<Value, String> {
    let answer = calculate(&json!({ "expression": expression }).to_string())?;
    let structured: Value = serde_json::from_str(&answer.structured).expect("JSON");
    // Both are read by the same reader: serde_json's is inexact in the last digit of some numbers.
    let text: Value = serde_json::from_str(&answer.text).expect("a number");
    assert_eq!(structured["value"], text, "{expression}");
    Ok(structured)
}

#[test]
fn values_are_exact_where_they_can_be() {
    for (expression, text, exact) in [
        ("2 + 3 * 4", "14", true),
        ("(2 + 3) * 4", "20", true),
        ("7 / 2", "3.5", true),
        ("6 / 3", "2", true),
        ("0.1 + 0.2", "0.3", true),
        ("1.10 * 3", "3.3", true),
        ("1/3", "0.333333333333333", false),
        ("1/3*3", "1", true),
        ("-2^2", "-4", true),
        ("(-2)^2", "4", true),
        ("2^3^2", "512", true),
        ("2**10", "1024", true),
        ("2^-1", "0.5", true),
        ("2^0.5", "1.4142135623731", false),
        ("10 - 2 - 3", "5", true),
        ("--3", "3", true),
        ("-0", "0", true),
        ("17 % 5", "2", true),
        ("-7 % 3", "2", true),
        ("5.5 % 2", "1.5", true),
        ("2^53", "9007199254740992", true),
        ("2^64", "1.84467440737096e19", false),
        ("2^64 - 2^64 + 1", "1", true),
        ("1e3 + 1E-3 + 1_000", "2000.001", true),
        (".5 + 1.", "1.5", true),
        ("6 × 7 ÷ 2 − 1", "20", true),
        ("sqrt(144)", "12", true),
        ("sqrt(2)^2", "2", false),
        ("SQRT(0.25)", "0.5", true),
        ("round(2.5) + floor(-0.5) + ceil(0.2) + trunc(-1.9)", "2", true),
        ("max(1, min(5, 3), 2)", "3", true),
        ("max(1,(2+3),abs(-4))", "5", true),
        ("sin(pi / 6)", "0.5", false),
        ("ln(e)", "1", false),
        ("log10(1000) + log2(8)", "6", false),
        ("π - pi", "0", false),
        ("1e300 * 1e5", "1e305", false),
        ("19e35", "1.9e36", false),
    ] {
        let expected =
            json!({ "value": serde_json::from_str::<Value>(text).expect("a number"), "exact": exact });
        assert_eq!(of(expression), Ok(expected), "{expression}");
    }
}

#[test]
fn what_has_no_value_says_why_and_what_to_do() {
    let deep = "(".repeat(200);
    let signs = format!("{}1", "-".repeat(200));
    let powers = format!("{}1", "2^".repeat(200));
    let long = "1+".repeat(600);
    for (expression, said) in [
        ("", "empty"),
        ("  ", "empty"),
        ("1 / 0", "division by zero"),
        ("5 % 0", "division by zero"),
        ("0 ^ -1", "division by zero"),
        ("1e308 * 10", "too large"),
        ("1e999", "too large"),
        ("9^9^9^9", "too large"),
        ("exp(1000)", "too large"),
        ("sqrt(-1)", "no real value"),
        ("(-8)^(1/3)", "no real value"),
        ("ln(0)", "no real value"),
        ("asin(2)", "no real value"),
        ("2 +", "found the end"),
        ("2 3", "expected an operator"),
        ("2(3)", "found `(`"),
        ("(2", "expected an operator or `)`"),
        ("2)", "found `)`"),
        ("1,000", "without commas"),
        ("15% of 80", "no `of`"),
        ("15%", "15/100"),
        ("sqrt 2", "`(` after the function"),
        ("sqrt()", "found `)`"),
        ("sqrt(1, 2)", "takes one argument, given are 2"),
        ("x + 1", "there is no `x`"),
        ("log(10)", "there are sqrt"),
        ("1.2.3", "not a number"),
        (".", "not a number"),
        ("{", "found `{`"),
        ("1 + 💥", "at character 5"),
        (deep.as_str(), "nests deeper"),
        (signs.as_str(), "nests deeper"),
        (powers.as_str(), "nests deeper"),
        (long.as_str(), "1200 bytes"),
    ] {
        let why = of(expression).expect_err(expression);
        assert!(
            why.contains(said) && why.contains("; hint: "),
            "{expression}: {why}"
        );
    }
}

#[test]
fn arguments_must_fit_the_schema() {
    for arguments in [
        "",
        "[]",
        "{}",
        r#"{"expression":1}"#,
        r#"{"expression":"1","more":1}"#,
    ] {
        let why = calculate(arguments).expect_err(arguments);
        assert!(why.contains("do not fit") && why.contains("hint"), "{why}");
    }
    for schema in [input_schema(), output_schema()] {
        let schema: Value = serde_json::from_str(&schema).expect("JSON");
        assert_eq!(schema["type"], "object");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,80}") {
        let _ = of(&text);
    }

    #[test]
    fn no_expression_panics(tokens in prop::collection::vec(prop::sample::select(vec![
        "1", "0", "2.5", "1e30", "9e35", "1e-36", "1e308", "+", "-", "*", "/", "%", "^", "(", ")", ",", "sqrt(", "max(", "round(", "floor(", "pi", "e",
    ]), 0..24)) {
        if let Ok(found) = of(&tokens.concat()) {
            prop_assert!(found["value"].as_f64().is_some_and(f64::is_finite));
        }
    }

    #[test]
    fn whole_numbers_are_calculated_as_they_are(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, c in 1_i64..1_000) {
        let expected = json!({ "value": a + b * c, "exact": true });
        prop_assert_eq!(of(&format!("{a} + {b} * {c}")), Ok(expected));
        let expected = json!({ "value": a.rem_euclid(c), "exact": true });
        prop_assert_eq!(of(&format!("({a}) % {c}")), Ok(expected));
    }

    #[test]
    fn other_numbers_are_close_to_double_precision(a in -1e6_f64..1e6, b in 0.001_f64..1e6) {
        let found = of(&format!("({a}) / {b}")).expect("a value")["value"].as_f64().expect("a number");
        let expected = a / b;
        prop_assert!((found - expected).abs() <= expected.abs() * 1e-14, "{found} {expected}");
    }
}
