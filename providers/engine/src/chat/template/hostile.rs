//! What templates and conversations may take together.

use super::tests::{CALLED, GEMMA, LLAMA, MISTRAL, PLAIN, QWEN, TEXTUAL, render, special, template};
use super::*;
use crate::chat::check::parse;

/// Texts and lists that grow where neither steps nor what is written tell: each is refused, when it is loaded or when it
/// is used, and is not run again.
#[test]
fn what_takes_memory_without_end_is_stopped() {
    let limits = Limits {
        memory_bytes_max: 16 << 20,
        ..LIMITS
    };
    for source in [
        "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set s = 'x' * 90000000 %}",
        "{% set s = 'x' * 4000 %}{% set s = s | replace('x', s) %}{% set s = s | replace('x', s) %}",
        "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s %}{{ ns.s }}{{ ns.s }}{% endset %}{% endfor %}",
        "{% macro grow(s) %}{{ grow(s ~ s) }}{% endmacro %}{{ grow('xxxxxxxx') }}",
        "{% set s = range(20000) | list | tojson(indent=16) %}{% set s = s.split('') | list | tojson(indent=16) %}\
         {% set s = s.split('') | list | tojson(indent=16) %}",
        // Harmless until it is given a conversation of many messages.
        "{% set ns = namespace(s='xxxxxxxx') %}{% if messages | length > 2 %}{% for i in range(60) %}\
         {% set ns.s = ns.s ~ ns.s %}{% endfor %}{% endif %}",
    ] {
        let used = || -> Result<(), String> {
            let template = Template::within(limits, source, special()).map_err(|it| it.to_string())?;
            let request = parse(CALLED.as_bytes()).expect("valid");
            template.render(&request).map(drop).map_err(|it| it.to_string())
        };
        let first = used().expect_err(source);
        assert!(first.contains("takes more than 16 MiB"), "{source}: {first}");
        let again = used().expect_err(source);
        assert!(again.contains("was stopped before"), "{source}: {again}");
    }
    assert!(render(QWEN, PLAIN).is_ok(), "others go on");
}

/// What a user sends may be written out at length, and that is no reason to stop the template for all others.
#[test]
fn a_large_request_does_not_stop_a_template() {
    let deep = format!(
        "{}{}{}",
        "[".repeat(100),
        vec!["0"; 300_000].join(","),
        "]".repeat(100)
    );
    let tool = format!(
        r#"{{"messages":[{{"role":"user","content":"x"}}],"tools":[{{"name":"t","parameters":{{"enum":{deep}}}}}]}}"#
    );
    let long = |count: usize| {
        let message = format!(
            r#"{{"role":"user","content":"{}"}}"#,
            "a b".repeat(7_000_000 / 3 / count)
        );
        format!(r#"{{"messages":[{}]}}"#, vec![message; count].join(","))
    };
    for source in [LLAMA, QWEN, MISTRAL, TEXTUAL, GEMMA] {
        let template = template(source);
        for request in [&tool, &long(1), &long(1000)] {
            // It may be too large for a prompt.
            if let Err(error) = template.render(&parse(request.as_bytes()).expect("valid")) {
                assert!(error.to_string().contains("too large"), "{error}");
            }
        }
        assert!(template.render(&parse(PLAIN.as_bytes()).expect("valid")).is_ok());
    }
}
