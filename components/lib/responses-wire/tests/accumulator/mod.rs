//! Puts the events of a stream together as openai-node's `ResponseAccumulator` does, and as strictly: what stands at an
//! index that is not there, or is of another kind than the event says, is an error.

use serde_json::Value;

#[derive(Default)]
pub(crate) struct Accumulator {
    /// What the client holds.
    pub(crate) response: Value,
    /// The message of an event `error`, by which its `Stream` raises.
    pub(crate) raised: Option<String>,
    next: u64,
    last: String,
    /// `output` before the last event replaced it.
    before: Value,
}

impl Accumulator {
    pub(crate) fn take(&mut self, event: &Value) {
        assert_eq!(event["sequence_number"].as_u64(), Some(self.next));
        let kind = event["type"].as_str().expect("a type");
        assert_eq!(kind == "response.created", self.next == 0);
        assert_eq!(kind == "response.in_progress", self.next == 1);
        self.next += 1;
        kind.clone_into(&mut self.last);
        match kind {
            "response.created" | "response.in_progress" => {
                assert_eq!(event["response"]["status"], "in_progress");
                self.response = event["response"].clone();
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.before = self.response["output"].clone();
                self.response = event["response"].clone();
                assert_eq!(self.response["status"], kind["response.".len()..]);
            }
            "error" => self.raised = event["error"]["message"].as_str().map(str::to_owned),
            "response.output_item.added" => {
                let output = self.response["output"].as_array_mut().expect("a list");
                assert_eq!(event["output_index"].as_u64(), Some(output.len() as u64));
                output.push(event["item"].clone());
            }
            "response.output_item.done" => {
                let item = self.item(event, None);
                assert_eq!(
                    (&item["id"], &item["type"]),
                    (&event["item"]["id"], &event["item"]["type"])
                );
                *item = event["item"].clone();
            }
            "response.content_part.added" => {
                let item = self.item(event, Some("message"));
                item["content"]
                    .as_array_mut()
                    .expect("a list")
                    .push(event["part"].clone());
            }
            "response.content_part.done" => *self.part(event) = event["part"].clone(),
            "response.output_text.delta" => append(&mut self.part(event)["text"], &event["delta"]),
            "response.output_text.done" => {
                let part = self.part(event);
                assert_eq!(part["text"], event["text"]);
                part["text"] = event["text"].clone();
            }
            "response.function_call_arguments.delta" => {
                append(
                    &mut self.item(event, Some("function_call"))["arguments"],
                    &event["delta"],
                );
            }
            "response.function_call_arguments.done" => {
                let item = self.item(event, Some("function_call"));
                assert_eq!(item["arguments"], event["arguments"]);
                assert_eq!(item["name"], event["name"]);
            }
            other => panic!("an event that openai-node does not know: {other}"),
        }
    }

    pub(crate) fn last(&self) -> &str {
        &self.last
    }

    pub(crate) fn before_end(&self) -> &Value {
        &self.before
    }

    pub(crate) fn text(&self) -> String {
        let items = self.response["output"].as_array().expect("a list").iter();
        let parts = items.filter_map(|item| item["content"].as_array()).flatten();
        parts.map(|part| part["text"].as_str().expect("a text")).collect()
    }

    pub(crate) fn calls(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let items = self.response["output"].as_array().expect("a list").iter();
        items
            .filter(|item| item["type"] == "function_call")
            .map(|item| {
                assert!(!text(&item["call_id"]).is_empty());
                (text(&item["name"]), text(&item["arguments"]))
            })
            .collect()
    }

    fn item(&mut self, event: &Value, kind: Option<&str>) -> &mut Value {
        let at = index(&event["output_index"]);
        let item = self.response["output"].get_mut(at).expect("an item at the index");
        if let Some(kind) = kind {
            assert_eq!(item["type"], kind);
            assert_eq!(item["id"], event["item_id"]);
        }
        item
    }

    fn part(&mut self, event: &Value) -> &mut Value {
        let at = index(&event["content_index"]);
        let item = self.item(event, Some("message"));
        let part = item["content"].get_mut(at).expect("a part at the index");
        assert_eq!(part["type"], "output_text");
        part
    }
}

fn index(value: &Value) -> usize {
    usize::try_from(value.as_u64().expect("an index")).expect("a small one")
}

fn append(text: &mut Value, piece: &Value) {
    let both = format!(
        "{}{}",
        text.as_str().expect("a text"),
        piece.as_str().expect("a text")
    );
    *text = Value::String(both);
}
