//! What models look like for people.

use super::facts::Facts;
use super::graph::{Graph, Tensor};
use crate::text::one_line;
use indicatif::{HumanBytes, HumanCount};
use std::fmt::Write as _;

/// `22.6 M`: a count in thousands, millions or billions.
pub(super) fn count(count: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")];
    match UNITS.into_iter().find(|(unit, _)| count >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", count / unit, count % unit * 10 / unit),
        None => count.to_string(),
    }
}

/// `1.10 GiB`.
pub(super) fn bytes(bytes: u64) -> String {
    HumanBytes(bytes).to_string()
}

/// Tokens, or that the file does not say.
pub(super) fn tokens(tokens: Option<u64>) -> String {
    tokens.map_or_else(|| "-".to_owned(), |tokens| tokens.to_string())
}

/// One fact a line.
pub(super) fn details(facts: &Facts) -> String {
    let unknown = || "the file does not say".to_owned();
    let number = |number: Option<u64>| number.map_or_else(unknown, |number| HumanCount(number).to_string());
    let lines = [
        ("model", facts.name.clone()),
        (
            "file",
            format!("{} ({})", facts.path.display(), bytes(facts.bytes)),
        ),
        ("title", facts.title.clone().unwrap_or_else(unknown)),
        ("architecture", facts.architecture.clone()),
        ("parameters", count(facts.parameters)),
        ("quantised", facts.quantisation.to_owned()),
        ("context", format!("{} tokens", number(facts.context_length))),
        ("vocabulary", format!("{} tokens", number(facts.vocabulary_size))),
        (
            "template",
            if facts.chat_template {
                "yes; --template prints it"
            } else {
                "none"
            }
            .to_owned(),
        ),
        ("memory", memory(facts)),
        ("gyre uses it", use_of(facts).to_owned()),
    ];
    let mut out = String::new();
    for (name, value) in lines {
        line(&mut out, name, &value);
    }
    for (n, (kind, total)) in facts.tensors.iter().enumerate() {
        let name = if n == 0 { "tensors" } else { "" };
        let _ = writeln!(
            out,
            "{name:<13} {} of {kind}: {} numbers, {}",
            total.tensors,
            count(total.items),
            bytes(total.bytes)
        );
    }
    out
}

/// One fact of a graph a line.
pub(super) fn graph(graph: &Graph) -> String {
    let opsets: Vec<String> = graph
        .opsets
        .iter()
        .map(|set| format!("{} {}", set.domain, set.version))
        .collect();
    let tokenizer = graph.tokenizer.as_ref().and_then(|path| path.file_name());
    let lines = [
        ("model", graph.name.clone()),
        (
            "file",
            format!("{} ({})", graph.path.display(), bytes(graph.bytes)),
        ),
        ("format", format!("ONNX, version {}", graph.ir_version)),
        ("operators", opsets.join(", ")),
        (
            "tokenizer",
            tokenizer.map_or_else(|| "none".to_owned(), |name| name.to_string_lossy().into_owned()),
        ),
        ("memory", format!("about {}", bytes(graph.memory_bytes))),
        ("gyre uses it", use_of_graph(graph).to_owned()),
    ];
    let mut out = String::new();
    for (name, value) in lines {
        line(&mut out, name, &value);
    }
    for (name, tensors) in [("inputs", &graph.inputs), ("outputs", &graph.outputs)] {
        for (n, one) in tensors.iter().enumerate() {
            line(&mut out, if n == 0 { name } else { "" }, &tensor(one));
        }
    }
    out
}

fn use_of_graph(graph: &Graph) -> &'static str {
    match (&graph.hidden_by, graph.embedding) {
        (Some(_), _) => "for nothing: a GGUF file of the same name goes first",
        (None, true) => "to make embeddings, if its ONNX Runtime knows the operators",
        (None, false) => "on tensors of guests by wasi:nn, if its ONNX Runtime knows the operators",
    }
}

/// `rows: FP32 [any, 2]`.
fn tensor(tensor: &Tensor) -> String {
    let element = tensor.element.unwrap_or("no tensor that guests can give");
    let Some(sides) = &tensor.dimensions else {
        return format!("{}: {element}", tensor.name);
    };
    let side = |side: &Option<u64>| side.map_or_else(|| "any".to_owned(), |side| side.to_string());
    let sides: Vec<String> = sides.iter().map(side).collect();
    format!("{}: {element} [{}]", tensor.name, sides.join(", "))
}

fn line(out: &mut String, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{name:<13} {}", one_line(value));
}

fn memory(facts: &Facts) -> String {
    let weights = bytes(facts.weight_bytes);
    match (facts.cache_bytes_per_token, facts.memory_bytes) {
        (Some(0), _) => format!("about {weights}: the weights; no cache is kept"),
        (Some(token), Some(all)) => format!(
            "about {}: {weights} of weights, {} of cache for each token up to the whole context",
            bytes(all),
            bytes(token)
        ),
        (Some(token), None) => format!("{weights} of weights, {} of cache for each token", bytes(token)),
        (None, _) => format!("{weights} of weights; the file does not say enough of the cache"),
    }
}

fn use_of(facts: &Facts) -> &'static str {
    match (facts.chat, facts.embedding, facts.ranking) {
        (true, ..) => "to chat, if its llama.cpp knows the architecture",
        (_, true, _) => "to make embeddings, if its llama.cpp knows the architecture",
        (.., true) => "to rank documents by wasi:nn, if its llama.cpp knows the architecture",
        _ => "for nothing: it has no chat template, makes no embeddings and does not rank",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_short() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1.0 K"),
            (22_713_216, "22.7 M"),
            (8_030_261_248, "8.0 B"),
        ];
        for (given, expected) in cases {
            assert_eq!(count(given), expected);
        }
    }
}
