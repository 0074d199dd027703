//! The table of differences, for people.

use crate::differences::Difference;
use std::collections::BTreeMap;

/// One row a difference: what our host does, what stock Spin does, and the cases that show it.
#[must_use]
pub fn render(differences: &[Difference], shown: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = String::from("| Difference | gyre up | stock Spin | Shown by |\n|---|---|---|---|\n");
    for row in differences {
        let cases = shown.get(&row.id).map(|cases| cases.join(", "));
        let shown_by = cases.or_else(|| row.shown_by.clone()).unwrap_or_default();
        text += &format!("| {} | {} | {} | {shown_by} |\n", row.id, row.here, row.spin);
    }
    text
}
