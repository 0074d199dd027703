//! Headers of model files: any bytes are a file or an error, and what is read of a file lies within it.

#![no_main]

use gyre_gguf::Gguf;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let length = bytes.len() as u64;
    if let Ok(gguf) = Gguf::read(bytes, length) {
        for tensor in gguf.tensors() {
            assert!(tensor.offset + tensor.bytes <= length, "{tensor:?}");
            assert!(tensor.items() > 0, "{tensor:?}");
        }
        gguf.purpose();
        gguf.chat_template();
    }
});
