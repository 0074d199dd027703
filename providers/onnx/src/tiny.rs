//! Very small graphs: real to ONNX Runtime. For tests.

use std::path::Path;

use crate::{Element, Graph, OnnxError, Side};

/// Every element type that guests can give, with the name that [`echo`] gives its ports.
pub const ELEMENTS: [(&str, Element); 7] = [
    ("f16", Element::F16),
    ("f32", Element::F32),
    ("f64", Element::F64),
    ("bf16", Element::Bf16),
    ("u8", Element::U8),
    ("i32", Element::I32),
    ("i64", Element::I64),
];

/// `sum = a + b`, rows of two floats.
pub fn sum(path: &Path) -> Result<(), OnnxError> {
    let mut graph = Graph::default();
    let sides = [Side::Any("rows"), Side::Of(2)];
    for name in ["a", "b"] {
        graph.input(name, Element::F32, &sides);
    }
    graph.apply_as("sum", "Add", &["a", "b"], &[]);
    graph.output("sum", Element::F32, &sides);
    graph.write(path)
}

/// Gives back what it was given: `<type>` as `<type>_out`, for each type.
pub fn echo(path: &Path) -> Result<(), OnnxError> {
    let mut graph = Graph::default();
    for (name, element) in ELEMENTS {
        let output = format!("{name}_out");
        graph.input(name, element, &[Side::Any(name)]);
        graph.apply_as(&output, "Identity", &[name], &[]);
        graph.output(&output, element, &[Side::Any(name)]);
    }
    graph.write(path)
}

/// Gives `size` zeros: a small file and a small input with a large answer.
pub fn zeros(path: &Path) -> Result<(), OnnxError> {
    let mut graph = Graph::default();
    graph.input("size", Element::I64, &[Side::Of(1)]);
    graph.apply_as("zeros", "ConstantOfShape", &["size"], &[]);
    graph.output("zeros", Element::F32, &[Side::Any("size")]);
    graph.write(path)
}

/// Multiplies a matrix of zeros of these sides, which are alike, with itself so many times: work without end for large
/// sides, and none for small ones.
pub fn toil(path: &Path, times: usize) -> Result<(), OnnxError> {
    let mut graph = Graph::default();
    graph.input("sides", Element::I64, &[Side::Of(2)]);
    let zeros = graph.apply("ConstantOfShape", &["sides"], &[]);
    let mut product = zeros.clone();
    for _ in 0..times {
        product = graph.apply("MatMul", &[&product, &zeros], &[]);
    }
    let zero = graph.integers("zero", &[0]);
    graph.apply_as("first", "Gather", &[&product, &zero], &[]);
    graph.output("first", Element::F32, &[Side::Of(1), Side::Any("side")]);
    graph.write(path)
}
