//! A component that answers for the environment and the file system: there is none.

use std::fmt::Write as _;

use gyre_manifest::DependencyKey;

/// Text of a component that exports these interfaces (`wasi:cli/environment`, `wasi:filesystem/preopens`)
/// with nothing in them. Every list and option is read from zeroed memory.
pub(crate) fn component_text(imports: &[&str]) -> String {
    let mut text = String::from(
        "(component\n\
         (core module $m (memory (export \"memory\") 1 1) (func (export \"empty\") (result i32) i32.const 16))\n\
         (core instance $i (instantiate $m))\n\
         (alias core export $i \"memory\" (core memory $memory))\n\
         (alias core export $i \"empty\" (core func $empty))\n",
    );
    for (index, name) in imports.iter().enumerate() {
        let Some(key) = DependencyKey::parse(name) else {
            continue;
        };
        let version = key.version.as_deref().unwrap_or_default();
        match key.interface.as_deref() {
            Some("environment") => environment(&mut text, index, name, version),
            Some("preopens") => preopens(&mut text, index, name, version),
            _ => {}
        }
    }
    text.push(')');
    text
}

fn environment(text: &mut String, index: usize, name: &str, version: &str) {
    let directory = if version.starts_with("0.2.") {
        "initial-cwd"
    } else {
        "get-initial-cwd"
    };
    let functions = [
        ("get-environment", "(list (tuple string string))"),
        ("get-arguments", "(list string)"),
        (directory, "(option string)"),
    ];
    let mut exports = String::new();
    for (number, (function, result)) in functions.into_iter().enumerate() {
        lift(text, &format!("$env{index}-{number}"), result);
        append(
            &mut exports,
            format_args!("(export \"{function}\" (func $env{index}-{number}))"),
        );
    }
    append(
        text,
        format_args!("(instance $out{index} {exports})\n(export \"{name}\" (instance $out{index}))\n"),
    );
}

fn preopens(text: &mut String, index: usize, name: &str, version: &str) {
    append(
        text,
        format_args!(
            "(import \"wasi:filesystem/types@{version}\" (instance $types{index} \
             (export \"descriptor\" (type (sub resource)))))\n\
             (alias export $types{index} \"descriptor\" (type $descriptor{index}))\n"
        ),
    );
    lift(
        text,
        &format!("$dirs{index}"),
        &format!("(list (tuple (own $descriptor{index}) string))"),
    );
    append(
        text,
        format_args!(
            "(instance $out{index} (export \"descriptor\" (type $descriptor{index})) \
             (export \"get-directories\" (func $dirs{index})))\n\
             (export \"{name}\" (instance $out{index}))\n"
        ),
    );
}

fn lift(text: &mut String, name: &str, result: &str) {
    append(
        text,
        format_args!("(func {name} (result {result}) (canon lift (core func $empty) (memory $memory)))\n"),
    );
}

fn append(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(arguments);
}
