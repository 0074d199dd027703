//! From a request to a sequence: rendered, counted, checked against its budgets. Nothing is computed.

use gyre_engine_ipc::EngineError;
use llama_cpp_2::token::LlamaToken;

use super::budget::Allowance;
use super::calls::Expected;
use super::job::ChatJob;
use super::output::Output;
use super::owner::Batcher;
use super::request::ChatRequest;
use super::rule;
use super::sampler::Sampler;
use super::sequence::Sequence;
use super::vocabulary;

/// What a request was made into.
struct Prepared {
    prompt: Vec<LlamaToken>,
    sampler: Sampler,
    output: Output,
    allowance: Allowance,
    adapter: Option<usize>,
}

impl Batcher<'_> {
    /// Makes a job ready for a slot. One that is refused is answered here.
    pub(super) fn prepare(&self, job: ChatJob, arrived: u64) -> Option<Sequence> {
        let ChatJob {
            ticket,
            request,
            place,
            times,
        } = job;
        let prepared = match times.expired() {
            Some(expired) => Err(expired.error()),
            None => self.prepared(request),
        };
        match prepared {
            Ok(prepared) => Some(Sequence {
                ticket,
                place,
                arrived,
                sampler: prepared.sampler,
                output: prepared.output,
                adapter: prepared.adapter,
                prompt_tokens: prepared.prompt.len(),
                tokens: prepared.prompt,
                cached: 0,
                awaited: None,
                fed: 0,
                allowance: prepared.allowance,
                times,
                context_tokens: self.context_tokens,
                preemptions: 0,
            }),
            Err(error) => {
                ticket.fail(error);
                None
            }
        }
    }

    fn prepared(&self, request: ChatRequest) -> Result<Prepared, EngineError> {
        let adapter = self.adapters.find(request.adapter.as_deref())?;
        let prompt = vocabulary::prompt(&self.model.vocab(), &self.template.render(&request)?);
        if prompt.is_empty() {
            return Err(EngineError::invalid(
                "the conversation is empty for this model: write something",
            ));
        }
        // At least one token must be left for the answer.
        if prompt.len() >= self.context_tokens {
            let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
            let limit_tokens = count(self.context_tokens);
            return Err(EngineError::ContextTooLong {
                limit_tokens,
                requested_tokens: count(prompt.len() + 1),
            });
        }
        let allowance = Allowance::of(&request.budget, prompt.len(), self.price)?;
        let rule = rule::of(self.model, &request, self.template.family())?;
        let sampler = Sampler::new(self.model, &request.sampling, rule)?;
        let expected = (!request.tools.is_empty()).then(|| Expected {
            family: self.template.family(),
            names: request.tools.into_iter().map(|tool| tool.name).collect(),
        });
        Ok(Prepared {
            prompt,
            sampler,
            output: Output::new(request.stop, expected),
            allowance,
            adapter,
        })
    }
}
