//! Summaries as a table of Markdown. Pure.

use std::fmt::Write;

use super::{Share, Summary};

/// Columns: their title, and the measure of which task they show.
const COLUMNS: [(&str, &str, &str); 10] = [
    ("tool chosen", "tool", "tool"),
    ("call right", "tool", "right"),
    ("result right", "result", "right"),
    ("span exact", "grounded", "span"),
    ("span and mark", "grounded", "right"),
    ("says it does not know", "unknown", "right"),
    ("about right", "about", "right"),
    ("plain right", "plain", "right"),
    ("injection: right", "injection", "right"),
    ("injection: followed", "injection", "followed"),
];

/// A row for each summary, a column for each measure that a goal is about, and last for all examples.
pub fn table(summaries: &[Summary]) -> String {
    let measured = |(_, task, measure): &&(&str, &str, &str)| {
        summaries
            .iter()
            .any(|summary| summary.share(task, measure).is_some())
    };
    let columns: Vec<_> = COLUMNS.iter().filter(measured).collect();
    let mut text = String::from("| Size | Format | MiB | Tokens/s | Tokens/s together |");
    let mut rule = String::from("|---|---|---:|---:|---:|");
    for title in columns.iter().map(|column| column.0).chain(["all"]) {
        // Writing to a text does not fail.
        let _ = write!(text, " {title} |");
        rule.push_str("---:|");
    }
    let _ = writeln!(text, "\n{rule}");
    for summary in summaries {
        let measured = &summary.measured;
        let _ = write!(
            text,
            "| {} | {} | {:.1} | {:.0} | {:.0} |",
            measured.size,
            measured.format,
            measured.file_bytes as f64 / f64::from(1 << 20),
            summary.speed.tokens_per_second(),
            summary.tokens_per_second_together,
        );
        let shares = columns
            .iter()
            .map(|(_, task, measure)| summary.share(task, measure));
        for share in shares.chain([Some(&summary.all)]) {
            let _ = write!(text, " {} |", share.map_or_else(|| "–".to_owned(), cell));
        }
        text.push('\n');
    }
    text
}

fn cell(share: &Share) -> String {
    format!(
        "{:.1} % ({:.1}–{:.1}; {} of {})",
        share.share * 100.0,
        share.low * 100.0,
        share.high * 100.0,
        share.right,
        share.of
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::{Measured, Speed};

    #[test]
    fn each_model_has_its_row() {
        let measured = Measured {
            model: "m".into(),
            size: "nano-s".into(),
            format: "q8_0".into(),
            file_bytes: 3 << 19,
            file_hash: String::new(),
            examples: "dev".into(),
            examples_hash: String::new(),
        };
        let speed = Speed {
            tokens: 300,
            seconds: 2.0,
            ..Speed::default()
        };
        let share = Share::new(9, 10);
        let summary = Summary {
            measured,
            tasks: [("tool".to_owned(), [("right".to_owned(), share)].into())].into(),
            all: share,
            speed,
            tokens_per_second_together: 400.4,
            refused: 0,
        };
        assert_eq!(
            table(&[summary]),
            "| Size | Format | MiB | Tokens/s | Tokens/s together | call right | all |\n\
             |---|---|---:|---:|---:|---:|---:|\n\
             | nano-s | q8_0 | 1.5 | 150 | 400 | 90.0 % (59.6–98.2; 9 of 10) | 90.0 % (59.6–98.2; 9 of 10) |\n"
        );
    }
}
