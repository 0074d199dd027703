//! Chat templates that take memory without end: told by kind, and the worker and its other models go on.

use crate::aborts::{complete, lives};
use crate::{Models, request};
use gyre_engine_ipc::Engine;
use gyre_gguf::tiny;

/// Doubles a text sixty times.
const DOUBLE: &str =
    "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}";

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_doubles_a_text_is_stopped_and_the_worker_lives() {
    let models = Models::new();
    // The one is seen when it is loaded, the other only with a conversation that sets it off.
    let set_off = format!(
        "{{% if 'doubled' in messages[-1].content %}}{DOUBLE}{{% endif %}}{}",
        tiny::CHAT_TEMPLATE
    );
    for (name, template) in [("always", DOUBLE), ("sometimes", &set_off)] {
        let path = models.folder.path().join(format!("{name}.gguf"));
        tiny::random_llama_with_template(7, template, &path).expect("writes");
    }
    let engine = Engine::start(models.config());
    complete(&engine, "sometimes", request("x", 3))
        .await
        .expect("works until then");
    for (name, kind) in [("always", "model-invalid"), ("sometimes", "invalid")] {
        for said in ["takes more than 256 MiB of memory", "was stopped before"] {
            let error = complete(&engine, name, request("doubled", 3))
                .await
                .expect_err(name);
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(said), "{error}");
        }
    }
    lives(&engine).await;
}
