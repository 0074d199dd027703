//! Answers that stand in the manifest.

use std::collections::BTreeMap;

use crate::{error::Problem, section::Section};

/// An answer that stands in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticResponse {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
}

pub(crate) fn read(mut section: Section) -> Result<StaticResponse, Problem> {
    let key = section.key("status_code");
    let status = section.positive("status_code")?.unwrap_or(200);
    let status = u16::try_from(status)
        .ok()
        .filter(|code| (200..=999).contains(code));
    let status =
        status.ok_or_else(|| Problem::new(key, "not a status of HTTP", "write a number from 200 to 999"))?;
    let response = StaticResponse {
        status,
        headers: section.string_map("headers")?,
        body: section.string("body")?.unwrap_or_default(),
    };
    section.finish()?;
    Ok(response)
}
