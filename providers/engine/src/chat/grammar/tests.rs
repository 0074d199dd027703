use super::*;
use crate::chat::check::parse;
use serde_json::json;

const FAMILIES: [Family; 4] = [Family::Hermes, Family::Mistral, Family::Llama, Family::Json];

fn request(rest: &str) -> ChatRequest {
    let json = format!(r#"{{"messages":[{{"role":"user","content":"x"}}],{rest}}}"#);
    parse(json.as_bytes()).expect("valid")
}

fn made(rest: &str, family: Family) -> Option<Grammar> {
    of(&request(rest), family, Hold::Schemas).expect("valid")
}

#[test]
fn a_deep_schema_is_refused_where_it_is_forced_and_let_go_where_not() {
    let deep = (0..40).fold(json!({}), |inner, _| json!({ "not": inner }));
    let tools = format!(r#""tools":[{{"name":"t","parameters":{deep}}}]"#);
    for rest in [
        format!(r#""format":{{"type":"json_schema","schema":{deep}}}"#),
        format!(r#"{tools},"tool_choice":{{"type":"required"}}"#),
        format!(r#"{tools},"format":{{"type":"json_object"}}"#),
    ] {
        let grammar = of(&request(&rest), Family::Json, Hold::Schemas);
        assert!(matches!(grammar, Err(EngineError::Invalid { .. })), "{rest}");
    }
    assert!(made(&tools, Family::Json).is_some_and(|it| it.opening.is_some()));
}

#[test]
fn a_grammar_is_made_where_one_is_needed() {
    const TOOLS: &str = r#""tools":[{"name":"first","parameters":{"type":"object"}},
        {"name":"second","parameters":{"type":"object"}}]"#;
    let check = |rest: &str, free: bool, parts: &[&str], absent: &[&str]| {
        for family in FAMILIES {
            let Grammar { gbnf, opening } = made(&format!("{TOOLS},{rest}"), family).expect("one");
            assert_eq!(opening.is_some(), free, "{rest}");
            assert!(parts.iter().all(|part| gbnf.contains(part)), "{gbnf}");
            assert!(!absent.iter().any(|part| gbnf.contains(part)), "{gbnf}");
            assert_eq!(gbnf.matches("root ::=").count(), 1, "{gbnf}");
        }
    };
    check(r#""stop":[]"#, true, &["first", "second"], &[]);
    check(
        r#""tool_choice":{"type":"required"}"#,
        false,
        &["first", "second"],
        &[],
    );
    let named = r#""tool_choice":{"type":"tool","name":"second"}"#;
    check(named, false, &["second"], &["first"]);
    let schema = r#""format":{"type":"json_schema","schema":{"enum":["red"]}}"#;
    check(schema, false, &["red", "first", "second"], &[]);
    check(&format!("{named},{schema}"), false, &["second"], &["red"]);
    let alone = made(r#""format":{"type":"json_object"}"#, Family::Hermes).expect("one");
    assert!(alone.opening.is_none() && alone.gbnf.contains("root"));
    assert!(made(r#""stop":[]"#, Family::Hermes).is_none());
}

#[test]
fn a_call_has_the_form_of_its_family() {
    const REST: &str =
        r#""tools":[{"name":"a\"b","parameters":{"type":"object"}}],"tool_choice":{"type":"required"}"#;
    for (family, parts) in [
        (
            Family::Hermes,
            &["\"<tool_call>\" space gyre-call", "</tool_call>", "arguments"][..],
        ),
        (
            Family::Mistral,
            &["[TOOL_CALLS]", "[ARGS]", r#""a\"b""#, "arguments"],
        ),
        (Family::Llama, &["root ::= gyre-call", "parameters", "function"]),
        (Family::Json, &["root ::= gyre-call", "arguments"]),
    ] {
        let grammar = made(REST, family).expect("one").gbnf;
        assert!(
            parts.iter().all(|part| grammar.contains(part)),
            "{parts:?} {grammar}"
        );
    }
}

#[test]
fn references_and_the_order_of_properties_are_kept() {
    let rest = r##""tools":[{"name":"t","parameters":{"type":"object","properties":{
        "zulu":{"$ref":"#/$defs/colour"},"alpha":{"type":"integer"}},"required":["zulu","alpha"],
        "$defs":{"colour":{"enum":["teal"]}}}}],"tool_choice":{"type":"required"}"##;
    let grammar = made(rest, Family::Json).expect("one");
    assert!(grammar.gbnf.contains("teal"), "{}", grammar.gbnf);
    let mut lines = grammar.gbnf.lines();
    let object = lines.find(|line| line.contains("zulu-kv") && line.contains("alpha-kv"));
    let object = object.expect("a rule of the object");
    assert!(object.find("zulu-kv") < object.find("alpha-kv"), "{object}");
}
