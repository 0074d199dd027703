//! The model's answer: text, citations, and its end.

use gyre_agent_wire::{Event, Passage};
use gyre_chat_wire::{ChatEvent, FinishReason};

use super::{Action, AgentLoop, Failure, State, head};
use crate::citations::Piece;
use crate::support::supports;

impl AgentLoop {
    pub(super) fn heard(&mut self, event: ChatEvent) -> Vec<Action> {
        match event {
            ChatEvent::Model(model) => self.model = model,
            ChatEvent::Text(text) => return self.said(&text),
            ChatEvent::ToolCall(part) => {
                if self.calls.push(part).is_none() {
                    let hint = "ask for less, or use another model";
                    return self.fail(Failure::new(
                        "tool-call-too-large",
                        "the model's tool call is too large",
                        hint,
                    ));
                }
            }
            // No agent asks for them.
            ChatEvent::Logprobs(_) => {}
            ChatEvent::Finish(reason) => self.state = State::Answering { reason: Some(reason) },
            ChatEvent::Usage(usage) => {
                self.usage.prompt_tokens += u64::from(usage.prompt_tokens);
                self.usage.completion_tokens += u64::from(usage.completion_tokens);
            }
        }
        Vec::new()
    }

    fn said(&mut self, text: &str) -> Vec<Action> {
        if self.passages.is_empty() {
            // Nothing to cite: a bracket is only a bracket.
            return self.show(vec![Piece::Text(text.to_owned())]);
        }
        let passages = &self.passages;
        let holds = |mark: u32, claim: &str| {
            passage(passages, mark).is_some_and(|passage| supports(&passage.text, claim))
        };
        let pieces = self.citations.feed(text, &holds);
        self.show(pieces)
    }

    /// Tells of the pieces; ends the run where the output is full.
    fn show(&mut self, pieces: Vec<Piece>) -> Vec<Action> {
        let mut actions = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Mark(mark) => actions.extend(self.cite(mark)),
                Piece::Text(text) => {
                    let kept = head(&text, self.config.output_bytes_max - self.output.len()).to_owned();
                    let full = kept.len() < text.len();
                    self.output.push_str(&kept);
                    if !kept.is_empty() {
                        actions.push(Action::Emit(Event::TextDelta { text: kept }));
                    }
                    if full {
                        actions.extend(self.remember("length"));
                        return actions;
                    }
                }
            }
        }
        actions
    }

    /// The citation of a mark that holds, once.
    fn cite(&mut self, mark: u32) -> Option<Action> {
        if self.cited.contains(&mark) {
            return None;
        }
        let Passage {
            source, span, text, ..
        } = passage(&self.passages, mark)?.clone();
        self.cited.push(mark);
        Some(Action::Emit(Event::Citation {
            mark,
            source,
            span,
            quote: text,
        }))
    }

    pub(super) fn answered(&mut self, reason: FinishReason) -> Vec<Action> {
        let rest = self.citations.finish();
        let mut actions = self.show(rest);
        if !matches!(self.state, State::Answering { .. }) {
            return actions;
        }
        actions.extend(match reason {
            FinishReason::Stop => self.remember("stop"),
            // No agent has a budget of money or time for one completion; a server may.
            FinishReason::Length | FinishReason::CostExhausted | FinishReason::TimeExhausted => {
                self.remember("length")
            }
            FinishReason::ContentFilter => self.remember("content_filter"),
            FinishReason::ToolCalls => self.follow(),
        });
        actions
    }

    pub(super) fn done(&mut self, reason: &str) -> Vec<Action> {
        self.state = State::Ended;
        let done = Event::Done {
            finish_reason: reason.to_owned(),
            model: self.model.clone(),
            usage: self.usage,
            retrieval: self.retrieval.clone(),
            citations_removed: self.citations.removed(),
        };
        vec![
            Action::Emit(Event::Usage(self.usage)),
            Action::Emit(done),
            Action::Finish,
        ]
    }
}

fn passage(passages: &[Passage], mark: u32) -> Option<&Passage> {
    passages.get(usize::try_from(mark.checked_sub(1)?).ok()?)
}
