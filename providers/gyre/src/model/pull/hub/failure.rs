//! What a failure of the hub, or of the way to it, means.

use crate::model::error::Error;
use std::io::{self, ErrorKind};

/// What was asked for, and whether with a token.
pub(super) struct Asked {
    pub(super) what: String,
    pub(super) token: bool,
}

/// An HTTP status that is no success.
pub(super) struct Status(pub(super) u16);

impl Asked {
    /// What the status means for what was asked for.
    pub(super) fn refused(&self, status: Status) -> Error {
        match status.0 {
            status @ (401 | 403) => Error::Denied {
                what: self.what.clone(),
                status,
                token: self.token,
            },
            404 => Error::NotOnHub(self.what.clone()),
            429 => {
                Error::Unreachable("it has had too many requests (status 429), try again later".to_owned())
            }
            status if status >= 500 => Error::Unreachable(format!("it answered with status {status}")),
            status => Error::Foreign(format!("status {status} for {}", self.what)),
        }
    }
}

/// A failure of HTTP. Its texts name hosts and statuses, never headers.
pub(super) fn of_http(error: &ureq::Error, asked: &Asked) -> Error {
    match error {
        ureq::Error::StatusCode(status) => asked.refused(Status(*status)),
        ureq::Error::Io(error) if is_cut(error.kind()) => of_io(error),
        error => Error::Unreachable(error.to_string()),
    }
}

fn is_cut(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
    )
}

/// A failure of the transfer or of what it is written to.
pub(super) fn of_io(error: &io::Error) -> Error {
    let why = match error.kind() {
        ErrorKind::StorageFull => "the disk is full, make room first".to_owned(),
        _ => error.to_string(),
    };
    Error::Cut { why }
}
