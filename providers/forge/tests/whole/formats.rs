//! llama.cpp reads each format as this crate writes it.

use anyhow::Result;
use gyre_forge::export::Format;
use gyre_forge::model::Kind;

use crate::made::{Made, Numbers, difference, examples, told, worker};

const TOKENS: usize = 2;

/// Of numbers that a format keeps as they are, llama.cpp tells what the trainer's model tells, but for what it rounds
/// while it computes.
#[tokio::test]
async fn numbers_come_back_from_every_format() -> Result<()> {
    let examples = examples()?;
    let mut numbers = Numbers(3);
    let made = Made::new(&examples, |parameter, at| {
        let number = numbers.next();
        match parameter.kind {
            // Multiples of one scale, of which each block of 8 bits has the largest.
            Kind::Embedding if at.is_multiple_of(32) => 127.0 / 512.0,
            Kind::Embedding => (number * 127.0).round() / 512.0,
            // In each block of 4 bits the furthest from 0 is negative, and none is as far on the other side.
            Kind::Norm | Kind::Matrix if number.abs() < 0.4 => 0.0,
            Kind::Norm | Kind::Matrix => 0.25_f32.copysign(number),
        }
    })?;
    for (format, difference_max) in [
        (Format::F32, 0.02),
        (Format::F16, 0.03),
        (Format::Q8_0, 0.25),
        (Format::Tq2_0, 0.25),
        (Format::Tq1_0, 0.25),
    ] {
        let worker = worker(&made.export(format)?).await?;
        let ours = made.told(&examples[0].tools, &examples[0].messages, TOKENS)?;
        let (theirs, _) = told(&worker, &examples[0], TOKENS).await?;
        worker.end().await;
        let found = difference(&ours[..theirs.len()], &theirs)?;
        assert!(found < difference_max, "{} differs by {found}", format.name());
    }
    Ok(())
}
