//! An answer against what was expected of it.

use crate::case::Exchange;
use reqwest::Response;

/// What an answer was.
pub(crate) struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    /// `None` where it broke off.
    body: Option<String>,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self {
            status,
            headers,
            body: response.text().await.ok(),
        }
    }
}

/// Everything that is not as expected, in words.
pub(crate) fn mismatches(expected: &Exchange, answer: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    if answer.status != expected.status {
        found.push(format!("status {} instead of {}", answer.status, expected.status));
    }
    for (name, value) in &expected.answer_headers {
        let seen = answer.headers.get(name).and_then(|seen| seen.to_str().ok());
        if seen != Some(value) {
            found.push(format!("header {name} is {seen:?} instead of {value:?}"));
        }
    }
    match (&answer.body, expected.cut) {
        (None, true) => {}
        (None, false) => found.push("the answer broke off".to_owned()),
        (Some(_), true) => found.push("the answer ended as if all were well".to_owned()),
        (Some(body), false) => found.extend(body_mismatches(expected, body)),
    }
    found
}

fn body_mismatches(expected: &Exchange, body: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(text) = &expected.text
        && text != body
    {
        found.push(format!("body {body:?} instead of {text:?}"));
    }
    for part in expected
        .contains
        .iter()
        .filter(|part| !body.contains(part.as_str()))
    {
        found.push(format!("body {body:?} does not contain {part:?}"));
    }
    for part in expected.lacks.iter().filter(|part| body.contains(part.as_str())) {
        found.push(format!("body {body:?} contains {part:?}"));
    }
    if !expected.json.is_empty() {
        let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        for (pointer, value) in &expected.json {
            let seen = json.pointer(pointer);
            if seen != Some(value) {
                found.push(format!("{pointer} is {seen:?} instead of {value} in {body}"));
            }
        }
    }
    found
}
