//! Writes the corpus: one small example of each kind of input, from which the fuzzer goes on.

use gyre_engine_ipc::wire::{Call, Delta, Pulse, Reply, Request, Response};
use gyre_engine_ipc::{Embeddings, EngineError, Finish, FinishReason, ModelInfo, ToolCall, Usage, frame};
use gyre_gguf::{Array, Builder, TensorType, Value};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(name), bytes)
    };
    for (name, request) in requests() {
        put("calls", name, &frame::encode(&Call { id: 7, request })?)?;
    }
    for (name, response) in responses() {
        put("replies", name, &frame::encode(&Reply { id: 7, response })?)?;
    }
    for (name, builder) in [("chat", chat()?), ("embedding", embedding()?)] {
        let mut file = Vec::new();
        builder.write_to(&mut file)?;
        put("gguf", name, &file)?;
    }
    Ok(())
}

fn requests() -> Vec<(&'static str, Request)> {
    let model = || "m".to_owned();
    let request_json = br#"{"messages":[{"role":"user","content":"x"}]}"#.to_vec();
    vec![
        (
            "embed",
            Request::Embed {
                model: model(),
                texts: vec!["a".to_owned(), String::new()],
            },
        ),
        (
            "chat",
            Request::Chat {
                model: model(),
                request_json,
            },
        ),
        ("cancel", Request::Cancel),
        ("credit", Request::Credit { deltas: 16 }),
        ("find", Request::Find { model: model() }),
        ("load", Request::Load { model: model() }),
        ("pulse", Request::Pulse),
    ]
}

fn responses() -> Vec<(&'static str, Response)> {
    let model = || "m".to_owned();
    let embeddings = Embeddings {
        model: model(),
        dimension: 2,
        data: vec![0.6, 0.8, f32::NAN, f32::INFINITY],
        prompt_tokens: 3,
        truncated: 0,
    };
    let call = ToolCall {
        index: 0,
        id: "c".to_owned(),
        name: "t".to_owned(),
        arguments: "{}".to_owned(),
    };
    let finish = Finish {
        reason: FinishReason::Stop,
        usage: Usage {
            prompt_tokens: 1,
            completion_tokens: 2,
            cached_prompt_tokens: 0,
        },
        model: model(),
    };
    let info = ModelInfo {
        name: model(),
        architecture: "llama".to_owned(),
        embedding: false,
        chat: true,
    };
    let pulse = Pulse {
        model: model(),
        beats: 1 << 40,
        busy: true,
        allowance_ms: 9,
    };
    vec![
        ("embeddings", Response::Embeddings(embeddings)),
        (
            "deltas",
            Response::Deltas(vec![Delta::Text("é".to_owned()), Delta::ToolCall(call)]),
        ),
        ("finish", Response::Finish(finish)),
        ("models", Response::Models(vec![info])),
        ("progress", Response::Progress { fraction: 0.5 }),
        (
            "error",
            Response::Error(EngineError::ContextTooLong {
                limit_tokens: 1,
                requested_tokens: 2,
            }),
        ),
        ("pulses", Response::Pulses(vec![pulse])),
    ]
}

fn chat() -> Result<Builder, gyre_gguf::GgufError> {
    let mut file = Builder::new("llama");
    file.set("llama.block_count", Value::U32(1))
        .set("tokenizer.chat_template", Value::String("{{ x }}".to_owned()))
        .set(
            "tokenizer.ggml.tokens",
            Value::Array(Array::Strings(vec!["a".to_owned(), "b".to_owned()])),
        )
        .set("tokenizer.ggml.scores", Value::Array(Array::F32(vec![0.0, 1.0])))
        .tensor("token_embd.weight", &[2, 2], TensorType::F32, &[1.0; 4])?;
    Ok(file)
}

fn embedding() -> Result<Builder, gyre_gguf::GgufError> {
    let mut file = Builder::new("bert");
    file.set("bert.pooling_type", Value::U32(1))
        .set("general.alignment", Value::U32(32))
        .set("bert.attention.causal", Value::Bool(false))
        .set("bert.epsilon", Value::F32(1e-12))
        .tensor("a", &[2], TensorType::F16, &[1.0; 2])?
        .tensor("b", &[1, 1, 1, 3], TensorType::F32, &[1.0; 3])?;
    Ok(file)
}
