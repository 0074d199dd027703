//! llama.cpp tells of an exported model what the trainer's own model tells.

use anyhow::Result;
use gyre_forge::export::Format;
use gyre_forge::model::Kind;

use crate::made::{Made, Numbers, difference, examples, told, worker};

/// Keys and values are kept in 16 bits there, and sums are made in another order.
const DIFFERENCE_MAX: f32 = 0.02;
const TOKENS: usize = 8;

/// Rendering, tokens, names, the order of rows and the numbers are all the same, or the likeliest tokens differ.
#[tokio::test]
async fn logits_are_those_of_the_trainer() -> Result<()> {
    let mut numbers = Numbers(7);
    let examples = examples()?;
    let made = Made::new(&examples, |kind, _| match kind {
        Kind::Embedding => numbers.next() * 0.15,
        Kind::Norm | Kind::Matrix => numbers.next() * 0.3,
    })?;
    let worker = worker(&made.export(Format::F32)?).await?;
    for (at, example) in examples.iter().enumerate() {
        let tokens = if at == 0 { TOKENS } else { 1 };
        let ours = made.told(&example.tools, &example.messages, tokens)?;
        let (theirs, prompt_tokens) = told(&worker, example, tokens).await?;
        let prompt = made.renderer.prompt(&example.tools, &example.messages)?;
        assert_eq!(
            prompt_tokens,
            made.vocabulary.prompt(&prompt)?.len(),
            "example {at}: {prompt}"
        );
        let found = difference(&ours[..theirs.len()], &theirs)?;
        assert!(
            found < DIFFERENCE_MAX,
            "example {at} differs by {found}: {ours:?}\n{theirs:?}"
        );
    }
    worker.end().await;
    Ok(())
}

/// What is compared above can differ: another prompt of the same length tells other numbers.
#[test]
fn other_words_tell_other_numbers() -> Result<()> {
    let mut numbers = Numbers(7);
    let examples = examples()?;
    let made = Made::new(&examples, |_, _| numbers.next() * 0.3)?;
    let of = |at: usize| made.told(&examples[at].tools, &examples[at].messages, 1);
    assert!(difference(&of(1)?, &of(2)?)? > 5.0 * DIFFERENCE_MAX);
    Ok(())
}
