//! Puts lines together as ollama-python and langchain-ollama do: a line with `error` raises, the others are validated and
//! their contents are added; calls are those of all lines; the last one is done.

use serde_json::Value;

#[derive(Default)]
pub(crate) struct Accumulator {
    pub(crate) text: String,
    pub(crate) calls: Vec<(String, Value)>,
    pub(crate) raised: Option<String>,
    /// The line that is done.
    pub(crate) last: Option<Value>,
    pub(crate) tokens: usize,
}

impl Accumulator {
    pub(crate) fn read(body: &str) -> Self {
        let mut all = Self::default();
        for line in body.lines() {
            assert!(
                all.last.is_none() && all.raised.is_none(),
                "a line after the last: {line}"
            );
            all.take(&serde_json::from_str(line).expect("a line is JSON"));
        }
        all
    }

    fn take(&mut self, line: &Value) {
        if let Some(error) = line.get("error") {
            self.raised = error.as_str().map(str::to_owned);
            return;
        }
        assert!(
            line["model"].is_string() && line["created_at"].is_string(),
            "{line}"
        );
        let message = &line["message"];
        assert_eq!(message["role"], "assistant");
        self.text += message["content"].as_str().expect("a text");
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let function = &call["function"];
            assert!(function["arguments"].is_object(), "a Mapping: {line}");
            assert_eq!(function["index"].as_u64(), Some(self.calls.len() as u64));
            let name = function["name"].as_str().expect("a name").to_owned();
            self.calls.push((name, function["arguments"].clone()));
        }
        self.tokens += line["logprobs"].as_array().map_or(0, Vec::len);
        if line["done"] == true {
            for count in [
                "total_duration",
                "load_duration",
                "prompt_eval_count",
                "eval_count",
                "eval_duration",
            ] {
                assert!(line[count].is_u64(), "{count}: {line}");
            }
            self.last = Some(line.clone());
        }
    }
}
