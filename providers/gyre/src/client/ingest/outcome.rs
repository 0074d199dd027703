//! What became of each document.

use super::document::{Document, Unfit};
use crate::client::render;
use crate::exit::Exit;
use gyre_agent_wire::{Mode, RetrievalState};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What the server answers to a batch.
#[derive(Debug, Deserialize)]
pub(super) struct Reply {
    documents: Vec<Done>,
    retrieval: RetrievalState,
}

/// A document that the server has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Done {
    source: String,
    status: Status,
    #[serde(default)]
    passages: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ingested,
    Unchanged,
    /// A word this client does not know: never taken for a success.
    #[serde(other)]
    Unknown,
}

/// A file or folder that was not ingested, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Passed {
    /// Its name.
    pub(super) source: String,
    /// Why.
    pub(super) reason: String,
}

/// The result of the verb, as --json prints it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Outcome {
    ingested: usize,
    unchanged: usize,
    passages: u64,
    /// What the server has.
    pub(super) documents: Vec<Done>,
    /// What should have been ingested.
    pub(super) failed: Vec<Passed>,
    /// What is no document.
    pub(super) skipped: Vec<Passed>,
    retrieval: Option<RetrievalState>,
}

impl Outcome {
    /// Books the server's answer to `sent`; a document that it does not name has failed.
    pub(super) fn take(&mut self, sent: &[Document], reply: Reply) {
        let mut done: HashMap<_, _> = reply
            .documents
            .into_iter()
            .map(|done| (done.source.clone(), done))
            .collect();
        for document in sent {
            match done.remove(&document.source) {
                Some(done) if done.status == Status::Ingested => self.ingested += self.book(done),
                Some(done) if done.status == Status::Unchanged => self.unchanged += self.book(done),
                _ => self.fail(&document.source, &"the server did not say that it has it"),
            }
        }
        // The worse mode of all batches is what the user must know.
        let is_lexical = matches!(&self.retrieval, Some(state) if state.mode == Mode::Lexical);
        if !is_lexical {
            self.retrieval = Some(reply.retrieval);
        }
    }

    fn book(&mut self, done: Done) -> usize {
        self.passages += done.passages;
        self.documents.push(done);
        1
    }

    /// Books what is not sent. What the user named should have been a document.
    pub(super) fn pass(&mut self, source: String, is_named: bool, unfit: &Unfit) {
        let (list, reason) = match unfit {
            Unfit::NoDocument(reason) if !is_named => (&mut self.skipped, reason),
            Unfit::NoDocument(reason) | Unfit::Broken(reason) => (&mut self.failed, reason),
        };
        list.push(Passed {
            source,
            reason: reason.clone(),
        });
    }

    /// Books a document that the server refused.
    pub(super) fn fail(&mut self, source: &str, reason: &impl ToString) {
        self.failed.push(Passed {
            source: source.to_owned(),
            reason: reason.to_string(),
        });
    }

    /// Books documents that could no longer be sent; those already booked stay as they are.
    pub(super) fn unsent<'a>(&mut self, sources: impl Iterator<Item = &'a String>, error: &impl ToString) {
        for source in sources {
            let is_booked = self.documents.iter().any(|done| done.source == *source)
                || self.failed.iter().any(|passed| passed.source == *source);
            if !is_booked {
                self.failed.push(Passed {
                    source: source.clone(),
                    reason: format!("not sent: {}", error.to_string()),
                });
            }
        }
    }

    /// One line for people.
    pub(super) fn summary(&self) -> String {
        let Self {
            ingested,
            unchanged,
            passages,
            ..
        } = self;
        let failed = self.failed.len();
        let retrieval = self.retrieval.as_ref().map(render::retrieval);
        let retrieval = retrieval
            .map(|state| format!("; retrieval: {state}"))
            .unwrap_or_default();
        format!("{ingested} ingested, {unchanged} unchanged, {failed} failed, {passages} passages{retrieval}")
    }

    /// Success is: there were documents, and none failed.
    pub(super) fn exit(&self) -> Exit {
        if self.failed.is_empty() && !self.documents.is_empty() {
            Exit::Ok
        } else {
            Exit::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(source: &str) -> Document {
        Document {
            source: source.into(),
            media_type: "text/plain",
            text: "t".into(),
        }
    }

    fn reply(documents: &str, mode: &str) -> Reply {
        let reason = if mode == "lexical" { "\"no model\"" } else { "null" };
        let json = format!(
            r#"{{"documents":{documents},"retrieval":{{"mode":"{mode}","embedding_model":null,"reason":{reason}}}}}"#
        );
        serde_json::from_str(&json).expect("a reply")
    }

    #[test]
    fn only_what_the_server_names_is_done() {
        let mut outcome = Outcome::default();
        let answer = r#"[{"source":"a","status":"ingested","passages":3},{"source":"b","status":"unchanged","passages":2},
            {"source":"c","status":"queued"},{"source":"x","status":"ingested","passages":9}]"#;
        outcome.take(&["a", "b", "c", "d"].map(document), reply(answer, "hybrid"));
        assert_eq!(
            outcome.summary(),
            "1 ingested, 1 unchanged, 2 failed, 5 passages; retrieval: hybrid"
        );
        assert_eq!(outcome.exit(), Exit::Failed);
    }

    #[test]
    fn one_lexical_batch_is_told() {
        let mut outcome = Outcome::default();
        for mode in ["hybrid", "lexical", "hybrid"] {
            outcome.take(
                &[document("a")],
                reply(r#"[{"source":"a","status":"ingested","passages":1}]"#, mode),
            );
        }
        let expected = "3 ingested, 0 unchanged, 0 failed, 3 passages; retrieval: lexical only: no model";
        assert_eq!(outcome.summary(), expected);
        assert_eq!(outcome.exit(), Exit::Ok);
    }

    #[test]
    fn what_the_user_named_is_not_skipped() {
        let mut outcome = Outcome::default();
        outcome.pass("a".into(), false, &Unfit::NoDocument("binary".into()));
        outcome.pass("b".into(), true, &Unfit::NoDocument("binary".into()));
        outcome.pass("c".into(), false, &Unfit::Broken("gone".into()));
        outcome.unsent(["b".to_owned(), "d".to_owned()].iter(), &"cut");
        let sources = |passed: &[Passed]| passed.iter().map(|p| p.source.clone()).collect::<Vec<_>>();
        assert_eq!(
            (sources(&outcome.skipped), sources(&outcome.failed)),
            (vec!["a".into()], vec!["b".into(), "c".into(), "d".into()])
        );
    }

    #[test]
    fn nothing_at_all_is_no_success() {
        assert_eq!(Outcome::default().exit(), Exit::Failed);
    }
}
