//! The oracle of batching: what the worker decodes is what llama.cpp decodes by itself, one sequence and one
//! token at a time.

use crate::{Models, TENANT, read_to_end};
use gyre_engine_ipc::Engine;
use gyre_gguf::tiny;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use std::num::NonZeroU32;
use std::path::Path;

const TOKENS: u32 = 60;
const PROMPT: &str = "one, and then?";
/// Others of the batch: other lengths of prompt and answer, other choices of tokens.
const OTHERS: [(&str, u32, &str); 3] = [
    ("two", 25, r#"{"temperature":0}"#),
    (
        "three, which is by far the longest of them all, of many words",
        90,
        r#"{"temperature":1,"seed":9}"#,
    ),
    ("four or so", 45, r#"{"temperature":0.7,"top_k":20,"seed":4}"#),
];

/// Greedy decoding by llama.cpp itself.
fn decode_greedily(path: &Path, prompt: &str) -> String {
    let backend = LlamaBackend::init().expect("once a process");
    let model = LlamaModel::load_from_file(&backend, path, &LlamaModelParams::default()).expect("loads");
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(tiny::CONTEXT_TOKENS))
        .with_n_threads(1)
        .with_n_threads_batch(1);
    let mut context = model.new_context(&backend, params).expect("a context");
    let vocabulary = model.vocab();
    let mut tokens = vocabulary.tokenize(prompt.as_bytes(), false, true);
    tokens.insert(0, vocabulary.bos());
    let mut batch = LlamaBatch::new(tokens.len(), 1);
    let mut position = 0;
    let mut text = Vec::new();
    for _ in 0..TOKENS {
        batch.clear();
        let last = tokens.len() - 1;
        for (at, token) in tokens.iter().enumerate() {
            batch.add(*token, position, &[0], at == last).expect("room");
            position += 1;
        }
        context.decode(&mut batch).expect("decodes");
        let logits = context.get_logits_ith(batch.n_tokens() - 1);
        let best = (0..logits.len())
            .max_by(|a, b| logits[*a].total_cmp(&logits[*b]))
            .expect("some");
        let token = llama_cpp_2::token::LlamaToken(i32::try_from(best).expect("fits"));
        text.extend(vocabulary.token_to_piece(token, false, None));
        tokens = vec![token];
    }
    String::from_utf8(text).expect("printable ASCII")
}

fn request(text: &str, max_tokens: u32, sampling: &str) -> Vec<u8> {
    format!(
        r#"{{"messages":[{{"role":"user","content":"{text}"}}],"sampling":{sampling},"budget":{{"max_tokens":{max_tokens}}}}}"#
    )
    .into_bytes()
}

/// The completion of the prompt with this sampling, beside these others.
async fn complete(models: &Models, sampling: &str, others: &[(&str, u32, &str)]) -> (String, u32) {
    // A worker that has yet to load the model finds all calls when it begins.
    let engine = Engine::start(models.config());
    let mut streams = Vec::new();
    for (text, tokens, sampling) in others {
        let request = request(text, *tokens, sampling);
        streams.push(engine.chat("talk", TENANT, request).await.expect("starts"));
    }
    let mut stream = engine
        .chat("talk", TENANT, request(PROMPT, TOKENS, sampling))
        .await
        .expect("starts");
    let others: Vec<_> = streams
        .into_iter()
        .map(|mut stream| tokio::spawn(async move { read_to_end(&mut stream).await }))
        .collect();
    let (text, finish) = read_to_end(&mut stream).await.expect("ends");
    assert_eq!(finish.usage.completion_tokens, TOKENS);
    for other in others {
        other.await.expect("joins").expect("ends");
    }
    (text, crate::stats(&engine, "talk").await.sequences_in_batch_max)
}

#[tokio::test(flavor = "multi_thread")]
async fn greedy_decoding_is_that_of_llama_itself_alone_and_in_a_batch() {
    let models = Models::new();
    let prompt = format!("<|user|>{PROMPT}<|end|><|assistant|>");
    let expected = decode_greedily(&models.folder.path().join("talk.gguf"), &prompt);
    let greedy = r#"{"temperature":0}"#;
    assert_eq!(complete(&models, greedy, &[]).await, (expected.clone(), 1));
    let (batched, together) = complete(&models, greedy, &OTHERS).await;
    assert_eq!(batched, expected);
    assert_eq!(together, 4, "the batch was shared by all");
}

#[tokio::test(flavor = "multi_thread")]
async fn seeded_choices_are_the_same_alone_and_in_a_batch() {
    let models = Models::new();
    let seeded = r#"{"temperature":1,"top_p":0.9,"seed":11}"#;
    let (alone, _) = complete(&models, seeded, &[]).await;
    let (batched, together) = complete(&models, seeded, &OTHERS).await;
    assert_eq!((batched, together), (alone, 4));
}
