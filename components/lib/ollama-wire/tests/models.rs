//! What is told of models and of vectors, as ollama-python and Ollama's own client read it.

use gyre_chat_wire::Embeddings;
use gyre_ollama_wire::{
    ModelFacts, Running, Timings, render_embed, render_embeddings, render_running, render_show, render_tags,
    render_version,
};
use serde_json::json;

fn known() -> ModelFacts {
    ModelFacts {
        name: "talk".into(),
        abilities: vec!["chat".into(), "tools".into()],
        modified_ms: Some(1_700_000_000_000),
        size_bytes: Some(7),
        digest: Some("ab".into()),
        format: Some("gguf".into()),
        family: Some("llama".into()),
        parameter_size: Some("1B".into()),
        quantization: Some("Q4_K_M".into()),
        context_tokens: Some(4_096),
        embedding_dimension: Some(2_048),
        template: Some("{{ x }}".into()),
        license: Some("MIT".into()),
    }
}

#[test]
fn a_known_model_is_told() {
    let tags = render_tags(&[known()]);
    let model = &tags["models"][0];
    assert_eq!(
        (&model["name"], &model["model"]),
        (&json!("talk"), &json!("talk"))
    );
    assert_eq!(model["modified_at"], "2023-11-14T22:13:20.000Z");
    assert_eq!((&model["size"], &model["digest"]), (&json!(7), &json!("ab")));
    assert_eq!(model["details"]["families"], json!(["llama"]));
    assert_eq!(model["capabilities"], json!(["completion", "tools"]));
    let show = render_show(&known());
    assert_eq!(show["model_info"]["llama.context_length"], 4_096);
    assert_eq!(show["model_info"]["general.architecture"], "llama");
    assert_eq!(show["template"], "{{ x }}");
    let running = render_running(&[Running {
        model: known(),
        expires_ms: None,
        vram_bytes: 3,
    }]);
    assert_eq!(running["models"][0]["expires_at"], "9999-12-31T23:59:59Z");
    assert_eq!(running["models"][0]["size_vram"], 3);
    assert_eq!(render_version("0.33.0"), json!({ "version": "0.33.0" }));
}

/// Clients need these members to be there, of these types.
#[test]
fn what_is_not_known_is_empty() {
    let model = ModelFacts {
        name: "talk".into(),
        ..ModelFacts::default()
    };
    let tags = render_tags(std::slice::from_ref(&model));
    assert_eq!(tags["models"][0]["modified_at"], "0001-01-01T00:00:00Z");
    assert_eq!(tags["models"][0]["size"], 0);
    assert_eq!(tags["models"][0]["details"]["family"], "");
    assert_eq!(render_show(&model)["model_info"], json!({}));
    assert_eq!(render_tags(&[]), json!({ "models": [] }));
    assert_eq!(render_running(&[]), json!({ "models": [] }));
}

fn made(vectors: Vec<Vec<f32>>) -> Embeddings {
    Embeddings {
        model: "e".into(),
        vectors,
        prompt_tokens: 4,
    }
}

#[test]
fn vectors_have_length_one_but_in_the_older_form() {
    let two = made(vec![vec![3.0, 4.0], vec![0.0, 0.0]]);
    let answer = render_embed(&two, &Timings::default()).expect("numbers");
    let first: Vec<f64> = serde_json::from_value(answer["embeddings"][0].clone()).expect("numbers");
    assert!(
        (first[0] - 0.6).abs() < 1e-6 && (first[1] - 0.8).abs() < 1e-6,
        "{first:?}"
    );
    assert_eq!(answer["embeddings"][1], json!([0.0, 0.0]));
    assert_eq!(answer["prompt_eval_count"], 4);
    assert_eq!(render_embeddings(&two), Ok(json!({ "embedding": [3.0, 4.0] })));
    assert_eq!(render_embeddings(&made(vec![])), Ok(json!({ "embedding": [] })));
}

#[test]
fn what_is_no_number_is_refused() {
    for number in [f32::NAN, f32::INFINITY] {
        let broken = made(vec![vec![1.0, number]]);
        assert_eq!(
            render_embed(&broken, &Timings::default())
                .expect_err("none")
                .status,
            502
        );
        assert_eq!(render_embeddings(&broken).expect_err("none").status, 502);
    }
}
