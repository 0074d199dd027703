//! What is asked for, before the leaf is looked at.

use gyre_mcp_wire::server::{self, INVALID_REQUEST, Refusal};
use serde_json::Value;

/// Bytes of a request's body.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The parts of a request that are checked before its body is read.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// `Origin`
    pub origin: Option<&'a str>,
    /// Whether the body is JSON by its header.
    pub is_json: bool,
}

/// Refuses what is no POST of JSON to `/mcp`, and what comes from a web page: the route is private.
pub fn check(head: Head<'_>) -> Result<(), Refusal> {
    let refuse = |status, message| Err(Refusal::new(status, &Value::Null, INVALID_REQUEST, message));
    // Where the route has a prefix, the path has it too.
    if !head.path.ends_with("/mcp") {
        return refuse(404, "there is nothing at this path; hint: POST to /mcp");
    }
    server::check_origin(head.origin, &[])?;
    server::check_method(head.method)?;
    if !head.is_json {
        return refuse(
            415,
            "the body is not JSON by its header; hint: send `content-type: application/json`",
        );
    }
    Ok(())
}

/// The refusal of a body that could not be read.
#[must_use]
pub fn unread(too_large: bool) -> Refusal {
    let (status, message) = if too_large {
        (
            413,
            format!("the body is longer than {BODY_BYTES_MAX} bytes; hint: send shorter arguments"),
        )
    } else {
        (
            400,
            "the body was cut off; hint: send the request again".to_owned(),
        )
    };
    Refusal::new(status, &Value::Null, INVALID_REQUEST, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_head_has_its_status() {
        let good = Head {
            method: "POST",
            path: "/mcp",
            origin: None,
            is_json: true,
        };
        for (head, expected) in [
            (good, None),
            (Head { path: "/", ..good }, Some(404)),
            (
                Head {
                    method: "GET",
                    ..good
                },
                Some(405),
            ),
            (
                Head {
                    method: "DELETE",
                    ..good
                },
                Some(405),
            ),
            (
                Head {
                    origin: Some("http://localhost"),
                    ..good
                },
                Some(403),
            ),
            (
                Head {
                    is_json: false,
                    ..good
                },
                Some(415),
            ),
        ] {
            assert_eq!(
                check(head).err().map(|refusal| refusal.status),
                expected,
                "{head:?}"
            );
        }
    }
}
