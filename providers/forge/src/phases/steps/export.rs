//! GGUF files out of weights: one phase for each format.

use serde_json::json;

use super::{Making, TOKENIZER, WEIGHTS};
use crate::export::{Export, Format};
use crate::hash;
use crate::model::Weights;
use crate::phases::phase::Output;
use crate::phases::{Done, Phase, PhaseError};
use crate::render::TEMPLATE;

const REVISION: u32 = 1;

/// The name of the file of a size in a format.
pub(super) fn file_name(making: &Making<'_>, size: &str, format: Format) -> String {
    // `nano-m` of `gyre-nano` is `gyre-nano-m`.
    let card = &making.recipe.card.name;
    let size = size.strip_prefix("nano-").unwrap_or(size);
    format!("{card}-{size}-{}.gguf", format.name())
}

pub(in crate::phases) fn export(
    making: &Making<'_>,
    (size, format): (&str, Format),
    tokenizer: &Done,
    trained: &Done,
) -> Result<Done, PhaseError> {
    let card = &making.recipe.card;
    let name = file_name(making, size, format);
    let phase = Phase {
        name: "export",
        label: &format!("{size}-{}", format.name()),
        revision: REVISION,
        parameters: json!({
            "card": card, "format": format, "file": name, "template": hash::of_bytes(TEMPLATE.as_bytes()),
        }),
        inputs: &[tokenizer, trained],
        resumes: false,
    };
    phase.ensure(&making.work, |folder| {
        let weights = Weights::load(&trained.file(WEIGHTS))?;
        let export = Export {
            weights: &weights,
            tokenizer: &tokenizer.file(TOKENIZER),
            card,
        };
        let path = folder.join(&name);
        export.write(format, &path)?;
        let bytes = std::fs::metadata(&path).map_err(PhaseError::io(&path))?.len();
        Ok(Output {
            files: vec![name.clone()],
            told: json!({ "file": name, "bytes": bytes }),
        })
    })
}
