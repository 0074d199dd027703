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
    let made = Made::new(&examples, |parameter, _| match parameter.kind {
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

/// What is compared above can differ: other words tell other numbers, and so do queries and keys whose rows are in the
/// order of llama.cpp.
#[test]
fn other_words_and_another_order_tell_other_numbers() -> Result<()> {
    let mut numbers = Numbers(7);
    let examples = examples()?;
    let made = Made::new(&examples, |_, _| numbers.next() * 0.3)?;
    let of = |made: &Made, at: usize| made.told(&examples[at].tools, &examples[at].messages, 1);
    assert!(difference(&of(&made, 1)?, &of(&made, 2)?)? > 5.0 * DIFFERENCE_MAX);

    let head = made.weights.shape().head_size();
    let other = Made::new(&examples, |parameter, at| {
        let turned = ["q_proj", "k_proj"]
            .iter()
            .any(|name| parameter.name.contains(name));
        let (row, column) = (at / parameter.columns, at % parameter.columns);
        let from = match turned {
            true => row / head * head + row % 2 * (head / 2) + row % head / 2,
            false => row,
        };
        made.weights.values()[parameter.at.start + from * parameter.columns + column]
    })?;
    assert!(difference(&of(&made, 1)?, &of(&other, 1)?)? > 5.0 * DIFFERENCE_MAX);
    Ok(())
}
