//! What a guest is refused, and with which words.

use super::*;
use graph::{Host as _, HostGraph as _};
use inference::HostGraphExecutionContext as _;
use tensor::HostTensor as _;
use wasmtime::component::ResourceTable;

struct Guest {
    ctx: NnCtx,
    table: ResourceTable,
}

impl Guest {
    fn granted(models: &[&str]) -> Self {
        let allowed = models.iter().map(|model| (*model).to_owned()).collect();
        Self {
            ctx: NnCtx::new(None, allowed, "test".into()),
            table: ResourceTable::new(),
        }
    }

    fn nn(&mut self) -> NnCtxView<'_> {
        NnCtxView {
            ctx: &mut self.ctx,
            table: &mut self.table,
        }
    }

    fn refused<T>(&mut self, answer: Answer<T>) -> Failure {
        let error = answer.expect("no trap").err().expect("is refused");
        self.nn().delete(error).expect("is there")
    }
}

#[tokio::test]
async fn a_model_not_granted_is_refused_with_the_line_to_add() {
    let mut guest = Guest::granted(&["other"]);
    let answer = guest.nn().load_by_name("talk".into()).await;
    let failure = guest.refused(answer);
    assert_eq!(failure.code, ErrorCode::Security);
    assert!(
        failure.data.contains(r#"ai_models = ["talk"]"#),
        "{}",
        failure.data
    );
}

#[tokio::test]
async fn without_an_engine_the_cure_is_named() {
    let mut guest = Guest::granted(&["talk"]);
    let answer = guest.nn().load_by_name("talk".into()).await;
    let failure = guest.refused(answer);
    assert_eq!(failure.code, ErrorCode::NotFound);
    assert!(failure.data.contains("gyre up"), "{}", failure.data);
}

#[tokio::test]
async fn bytes_of_a_guest_are_no_model() {
    let mut guest = Guest::granted(&["talk"]);
    let answer = guest.nn().load(
        vec![vec![0; 8]],
        graph::GraphEncoding::Ggml,
        graph::ExecutionTarget::Cpu,
    );
    let failure = guest.refused(answer);
    assert_eq!(failure.code, ErrorCode::UnsupportedOperation);
    assert!(failure.data.contains("by name"), "{}", failure.data);
}

#[tokio::test]
async fn the_catalog_of_no_engine_is_empty() {
    let mut guest = Guest::granted(&["talk"]);
    let graph = guest
        .nn()
        .load_by_name(CATALOG.into())
        .await
        .expect("no trap")
        .expect("is there");
    let context = guest
        .nn()
        .init_execution_context(graph)
        .expect("no trap")
        .expect("opens");
    let mut outputs = guest
        .nn()
        .compute(context, Vec::new())
        .await
        .expect("no trap")
        .expect("computes");
    let (name, tensor) = outputs.pop().expect("one output");
    assert_eq!(
        (
            name.as_str(),
            guest.nn().delete_tensor(tensor).expect("is there").data
        ),
        ("models", b"[]".to_vec())
    );
}

#[test]
fn tensors_and_resources_are_bounded_and_freed() {
    let mut guest = Guest::granted(&[]);
    let half = TENSOR_BYTES_MAX / 2;
    let made: Vec<_> = (0..2)
        .map(|_| guest.nn().new(Vec::new(), tensor::TensorType::U8, vec![0; half]))
        .collect();
    assert!(made.iter().all(Result::is_ok));
    assert!(
        guest
            .nn()
            .new(Vec::new(), tensor::TensorType::U8, vec![0; 1])
            .is_err()
    );
    for tensor in made {
        tensor::HostTensor::drop(&mut guest.nn(), tensor.expect("made")).expect("drops");
    }
    assert_eq!((guest.ctx.tensor_bytes, guest.ctx.resources), (0, 0));
    for _ in 0..RESOURCES_MAX {
        guest.nn().push(Graph::Catalog).expect("within the bound");
    }
    assert!(guest.nn().push(Graph::Catalog).is_err());
}
