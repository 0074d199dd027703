//! One table and one plot of all that was measured.

use serde_json::json;

use super::{Making, SUMMARY};
use crate::evaluate::{Summary, draw, table};
use crate::phases::phase::Output;
use crate::phases::{Done, Phase, PhaseError};

const REVISION: u32 = 1;
const TABLE: &str = "table.md";
const PLOT: &str = "sizes.svg";
const ALL: &str = "summaries.json";

pub(in crate::phases) fn report(making: &Making<'_>, measured: &[Done]) -> Result<Done, PhaseError> {
    let inputs: Vec<&Done> = measured.iter().collect();
    let phase = Phase {
        name: "report",
        label: "",
        revision: REVISION,
        parameters: json!({}),
        inputs: &inputs,
        resumes: false,
    };
    phase.ensure(&making.work, |folder| {
        let mut summaries = Vec::new();
        for one in measured {
            let path = one.file(SUMMARY);
            let bytes = std::fs::read(&path).map_err(PhaseError::io(&path))?;
            summaries.push(serde_json::from_slice::<Summary>(&bytes)?);
        }
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(PhaseError::io(&path))
        };
        write(TABLE, table(&summaries).as_bytes())?;
        write(ALL, &serde_json::to_vec_pretty(&summaries)?)?;
        draw(&folder.join(PLOT), &summaries)?;
        Ok(Output {
            files: [TABLE, ALL, PLOT].map(str::to_owned).to_vec(),
            told: json!({ "models": summaries.len() }),
        })
    })
}
