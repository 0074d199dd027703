//! Ranking: a number for each document, the higher the more it answers the query. Query and document are read
//! together, in the form that the model was trained on.

use std::collections::VecDeque;

use gyre_engine_ipc::wire::Response;
use gyre_engine_ipc::{EngineError, Scores};
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::vocab::LlamaVocab;

use crate::call::Ticket;
use crate::inbox::Queued;
use crate::pooled::{Read, Reader, Text, Work};
use crate::setup::Job;

/// Where a model's file keeps the text that query and document are written into.
const TEMPLATE: &str = "tokenizer.chat_template.rerank";
const QUERY: &str = "{query}";
const DOCUMENT: &str = "{document}";

/// A call to rank documents.
pub(crate) struct RerankJob {
    pub(crate) ticket: Ticket,
    pub(crate) query: String,
    pub(crate) documents: Vec<String>,
}

impl Job for RerankJob {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn into_ticket(self) -> Ticket {
        self.ticket
    }
}

impl Queued for RerankJob {
    type Line = VecDeque<Self>;
}

/// A call under way.
pub(crate) struct Reranking {
    frame: Frame,
    documents: std::vec::IntoIter<String>,
    scores: Vec<f32>,
}

impl Work for Reranking {
    type Job = RerankJob;

    fn begin(job: RerankJob, reader: &Reader<'_>) -> (Ticket, Result<Self, EngineError>) {
        let work = Frame::new(reader, &job.query).map(|frame| Self {
            frame,
            scores: vec![0.0; job.documents.len()],
            documents: job.documents.into_iter(),
        });
        (job.ticket, work)
    }

    fn texts(&self) -> usize {
        self.scores.len()
    }

    fn next(&mut self, reader: &Reader<'_>) -> Option<Result<Text, EngineError>> {
        let document = self.documents.next()?;
        let document = reader.model.vocab().tokenize(document.as_bytes(), false, false);
        Some(Ok(self.frame.around(&document, reader.tokens_max)))
    }

    fn take(&mut self, text: usize, numbers: &[f32]) -> Result<(), EngineError> {
        // A model that sorts into several classes has the one of relevance first.
        let score = numbers.first().copied();
        self.scores[text] = score.ok_or_else(|| EngineError::internal("the model made no score"))?;
        Ok(())
    }

    fn answer(self, model: &str, read: Read) -> Response {
        Response::Scores(Scores {
            model: model.to_owned(),
            scores: self.scores,
            prompt_tokens: read.tokens,
            truncated: read.truncated,
        })
    }
}

/// What stands before and after a document; the query is in it.
struct Frame {
    before: Vec<LlamaToken>,
    after: Vec<LlamaToken>,
}

impl Frame {
    fn new(reader: &Reader<'_>, query: &str) -> Result<Self, EngineError> {
        let vocabulary = reader.model.vocab();
        // A query's text never becomes control tokens; a template's does.
        let query = vocabulary.tokenize(query.as_bytes(), false, false);
        if query.is_empty() {
            return Err(EngineError::invalid("the query is empty: say what is looked for"));
        }
        let frame = match reader.model.meta_val_str(TEMPLATE) {
            Ok(template) => Self::of_template(&vocabulary, &template, query).ok_or_else(|| {
                EngineError::invalid(format!(
                    "the model's template for ranking does not have {QUERY} and {DOCUMENT} once each, in this order: \
                     use another file of the model"
                ))
            })?,
            Err(_) => Self::of_marks(&vocabulary, query),
        };
        // At least one token of a document must be read.
        let needed = frame.before.len() + frame.after.len() + 1;
        if needed > reader.tokens_max {
            let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
            return Err(EngineError::ContextTooLong {
                limit_tokens: count(reader.tokens_max),
                requested_tokens: count(needed),
            });
        }
        Ok(frame)
    }

    fn of_template(vocabulary: &LlamaVocab<'_>, template: &str, query: Vec<LlamaToken>) -> Option<Self> {
        let (start, rest) = template.split_once(QUERY)?;
        let (between, end) = rest.split_once(DOCUMENT)?;
        if [start, between, end]
            .iter()
            .any(|part| part.contains(QUERY) || part.contains(DOCUMENT))
        {
            return None;
        }
        let tokens = |text: &str| vocabulary.tokenize(text.as_bytes(), false, true);
        let mut before = tokens(start);
        if vocabulary.should_add_bos() && before.first() != Some(&vocabulary.bos()) {
            before.insert(0, vocabulary.bos());
        }
        before.extend(query);
        before.extend(tokens(between));
        Some(Self {
            before,
            after: tokens(end),
        })
    }

    /// The two texts as BERT and its kin read them, each ended by a mark.
    fn of_marks(vocabulary: &LlamaVocab<'_>, query: Vec<LlamaToken>) -> Self {
        let when = |wanted: bool, token: LlamaToken| wanted.then_some(token);
        let end = when(vocabulary.should_add_eos(), vocabulary.eos());
        let separator = when(vocabulary.should_add_sep(), vocabulary.sep());
        let start = when(vocabulary.should_add_bos(), vocabulary.bos());
        Self {
            before: start
                .into_iter()
                .chain(query)
                .chain(end)
                .chain(separator)
                .collect(),
            after: end.or(separator).into_iter().collect(),
        }
    }

    /// A document in its place, cut to what fits.
    fn around(&self, document: &[LlamaToken], tokens_max: usize) -> Text {
        let room = tokens_max - self.before.len() - self.after.len();
        let read = &document[..document.len().min(room)];
        Text {
            tokens: [&self.before, read, &self.after].concat(),
            is_cut: read.len() < document.len(),
        }
    }
}
