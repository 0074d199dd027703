//! The reader refuses every damaged file with an error and never panics.

use gyre_gguf::{Gguf, GgufError, tiny};
use proptest::prelude::*;
use std::sync::LazyLock;

static LLAMA: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("llama.gguf");
    tiny::random_llama(1, &path).expect("writes");
    std::fs::read(path).expect("reads")
});

fn read(bytes: &[u8]) -> Result<Gguf, GgufError> {
    Gguf::read(bytes, bytes.len() as u64)
}

#[test]
fn what_was_written_is_read() {
    let gguf = read(&LLAMA).expect("sound");
    assert_eq!(gguf.architecture(), "llama");
    assert_eq!(gguf.text("tokenizer.chat_template"), Some(tiny::CHAT_TEMPLATE));
    assert_eq!(
        gguf.get("llama.context_length")
            .and_then(gyre_gguf::Value::as_u64),
        Some(1024)
    );
    assert_eq!(gguf.tensors().len(), 21);
    assert!(LLAMA.len() < 600 * 1024, "{} bytes are not tiny", LLAMA.len());
}

#[test]
fn a_bert_is_sound_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bert.gguf");
    tiny::random_bert(1, &path).expect("writes");
    assert_eq!(Gguf::open(&path).expect("sound").architecture(), "bert");
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("lists").count(),
        1,
        "no part is left behind"
    );
}

#[test]
fn a_file_tells_what_its_model_is() {
    let llama = read(&LLAMA).expect("sound");
    assert!(llama.can_chat() && !llama.makes_embeddings());
    assert_eq!(llama.context_length(), Some(1024));
    assert_eq!(llama.vocabulary_size(), Some(265));
    assert_eq!(llama.quantisation(), "F32");
    assert_eq!(llama.weight_bytes(), llama.parameters() * 4);
    assert_eq!(llama.tensor_types()["F32"].tensors, 21);
    // 2 layers, a key and a value of 64 numbers, 2 bytes each.
    assert_eq!(llama.cache_bytes_per_token(), Some(2 * 2 * 64 * 2));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.gguf");
    tiny::random_bert(1, &path).expect("writes");
    let bert = Gguf::open(&path).expect("sound");
    assert!(bert.makes_embeddings() && !bert.can_chat());
    assert_eq!(bert.cache_bytes_per_token(), Some(0));
    tiny::random_llama_without_template(1, &path).expect("writes");
    let plain = Gguf::open(&path).expect("sound");
    assert!(!plain.makes_embeddings() && !plain.can_chat());
}

#[test]
fn what_a_file_does_not_say_is_not_made_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.gguf");
    let mut builder = gyre_gguf::Builder::new("other");
    builder
        .tensor("t", &[4], gyre_gguf::TensorType::F16, &[0.0; 4])
        .expect("a tensor");
    builder.set("other.attention.head_count", gyre_gguf::Value::U32(0));
    builder.set("other.block_count", gyre_gguf::Value::U32(2));
    builder.set("other.embedding_length", gyre_gguf::Value::U32(8));
    builder.write(&path).expect("writes");
    let gguf = Gguf::open(&path).expect("sound");
    assert_eq!(gguf.cache_bytes_per_token(), None, "no heads");
    assert_eq!((gguf.context_length(), gguf.vocabulary_size()), (None, None));
    assert_eq!((gguf.quantisation(), gguf.parameters()), ("F16", 4));
}

#[test]
fn a_file_cut_at_any_byte_of_its_head_is_refused() {
    for end in (0..16 * 1024).chain([LLAMA.len() - 33, LLAMA.len() - 1]) {
        assert!(read(&LLAMA[..end]).is_err(), "cut at {end}");
    }
}

proptest! {
    #[test]
    fn a_file_cut_anywhere_is_refused(at in 0.0..1.0_f64) {
        let end = (at * LLAMA.len() as f64) as usize;
        prop_assert!(read(&LLAMA[..end]).is_err());
    }

    #[test]
    fn a_changed_byte_of_the_head_never_panics(at in 0_usize..16 * 1024, byte: u8) {
        let mut bytes = LLAMA.clone();
        bytes[at] = byte;
        let _ = read(&bytes);
    }

    #[test]
    fn any_bytes_after_the_magic_never_panic(tail in prop::collection::vec(any::<u8>(), 0..512)) {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(tail);
        let _ = read(&bytes);
    }
}
