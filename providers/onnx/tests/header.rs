//! What is written is read again; what is cut, hostile or random is an error, never a crash.

use gyre_onnx::{Element, Graph, Header, OnnxError, Operators, Port, Side, convert, folder, tiny};
use proptest::prelude::*;
use std::io::Cursor;

fn read(bytes: &[u8]) -> Result<Header, OnnxError> {
    Header::read(Cursor::new(bytes), bytes.len() as u64)
}

fn sum() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sum.onnx");
    tiny::sum(&path).expect("writes");
    std::fs::read(path).expect("reads")
}

#[test]
fn ports_are_read_as_they_were_written() {
    let port = |name: &str| Port {
        name: name.to_owned(),
        element: Some(Element::F32),
        sides: Some(vec![None, Some(2)]),
    };
    let header = read(&sum()).expect("is sound");
    assert_eq!(header.inputs, [port("a"), port("b")]);
    assert_eq!(header.outputs, [port("sum")]);
    let onnx = Operators {
        domain: String::new(),
        version: 17,
    };
    assert_eq!((header.ir_version, header.operators), (8, vec![onnx]));
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let whole = sum();
    for end in 0..whole.len() {
        assert!(read(&whole[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn weights_are_no_inputs_and_must_be_in_the_file() {
    let mut graph = Graph::default();
    graph.input("w", Element::F32, &[Side::Of(1)]);
    graph.floats("w", &[1], &[1.0]);
    graph.output("w", Element::F32, &[Side::Of(1)]);
    let mut bytes = graph.encode();
    assert_eq!(read(&bytes).expect("is sound").inputs, []);
    // A second graph with one weight, of one field: its numbers lie elsewhere (14 is 1).
    bytes.extend([0x3a, 4, 0x2a, 2, 0x70, 1]);
    let error = read(&bytes).expect_err("lies elsewhere");
    assert!(error.to_string().contains("external data"), "{error}");
}

#[test]
fn a_bert_of_gguf_becomes_a_graph_with_a_tokenizer() {
    let scratch = tempfile::tempdir().expect("a folder");
    let (gguf, onnx) = (scratch.path().join("l.gguf"), scratch.path().join("l.onnx"));
    gyre_gguf::tiny::random_bert(7, &gguf).expect("writes");
    convert::from_gguf(&gguf, &onnx).expect("converts");
    let header = Header::open(&onnx).expect("is sound");
    let names: Vec<_> = header.inputs.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(names, gyre_onnx::bert::INPUTS);
    let tokenizer = std::fs::read(folder::tokenizer_of(&onnx)).expect("reads");
    let tokenizer: serde_json::Value = serde_json::from_slice(&tokenizer).expect("is JSON");
    assert_eq!(tokenizer["model"]["vocab"]["[SEP]"], 3);
    assert_eq!(tokenizer["model"]["vocab"]["##a"], 45);
    gyre_gguf::tiny::random_llama(7, &gguf).expect("writes");
    let error = convert::from_gguf(&gguf, &onnx).expect_err("is no BERT");
    assert!(error.to_string().contains("`llama`"), "{error}");
}

proptest! {
    #[test]
    fn random_bytes_never_crash_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        read(&bytes).ok();
    }

    #[test]
    fn a_changed_byte_never_crashes_the_reader(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = sum();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        read(&bytes).ok();
    }
}
