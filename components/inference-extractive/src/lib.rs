//! `inference-extractive`: the port `gyre:inference` without a model. It answers by quoting whole sentences of
//! the passages in the request, each with its citation, or says that they hold no answer.
//!
//! `conversation` finds question and passages, `sentences` (by `blocks` and `emphasis`) splits passages, `words` makes terms, `rank` chooses,
//! `answer` writes. All of these are pure; `handler` streams.

mod answer;
mod bindings;
mod blocks;
mod conversation;
mod emphasis;
mod handler;
mod rank;
mod sentences;
mod words;
