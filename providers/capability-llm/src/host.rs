//! The WIT boundary.

use crate::LlmCtx;
use crate::bindings::fermyon::spin::llm::{
    EmbeddingsResult, Error, Host, InferencingParams, InferencingResult,
};

/// What applies where a guest says nothing: as in Spin.
const PARAMS: InferencingParams = InferencingParams {
    max_tokens: 100,
    repeat_penalty: 1.1,
    repeat_penalty_last_n_token_count: 64,
    temperature: 0.8,
    top_k: 40,
    top_p: 0.9,
};

impl Host for &mut LlmCtx {
    async fn infer(
        &mut self,
        model: String,
        prompt: String,
        params: Option<InferencingParams>,
    ) -> wasmtime::Result<Result<InferencingResult, Error>> {
        if let Err(denied) = self.granted(&model) {
            return Ok(Err(denied));
        }
        let params = params.unwrap_or(PARAMS);
        Ok(self.backend.infer(&self.tenant, &model, prompt, params).await)
    }

    async fn generate_embeddings(
        &mut self,
        model: String,
        text: Vec<String>,
    ) -> wasmtime::Result<Result<EmbeddingsResult, Error>> {
        if let Err(denied) = self.granted(&model) {
            return Ok(Err(denied));
        }
        Ok(self.backend.embed(&model, text).await)
    }
}

impl LlmCtx {
    fn granted(&self, model: &str) -> Result<(), Error> {
        if self.allowed.iter().any(|allowed| allowed == model) {
            return Ok(());
        }
        Err(Error::InvalidInput(format!(
            "the model `{model}` is not granted; hint: add ai_models = [\"{model}\"] to the component in spin.toml"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Backend;

    #[tokio::test]
    async fn only_granted_models_are_asked_and_an_absent_one_names_the_cure() {
        let mut ctx = LlmCtx::new(Backend::None, vec!["talk".to_owned()].into(), "test".into());
        let mut ctx = &mut ctx;
        let denied = Host::infer(&mut ctx, "other".to_owned(), String::new(), None).await;
        let Ok(Err(Error::InvalidInput(words))) = denied else {
            panic!("{denied:?}")
        };
        assert!(words.contains("ai_models = [\"other\"]"), "{words}");
        let denied = Host::generate_embeddings(&mut ctx, "other".to_owned(), Vec::new()).await;
        assert!(matches!(denied, Ok(Err(Error::InvalidInput(_)))), "{denied:?}");
        let absent = Host::infer(&mut ctx, "talk".to_owned(), String::new(), None).await;
        let Ok(Err(Error::RuntimeError(words))) = absent else {
            panic!("{absent:?}")
        };
        assert!(words.contains("hint:") && words.contains("talk"), "{words}");
    }
}
