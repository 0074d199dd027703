//! What fails, as the interface says it. No text has a key, a value or a password.

use crate::bindings::spin::redis::redis::Error;
use redis::{ErrorKind, RedisError};
use std::time::Duration;

/// A server that cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The network.
    #[error("cannot connect: {0}; hint: see that the server is there and listens on this port")]
    Io(#[from] std::io::Error),
    /// TLS could not be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// No certificate can be for this host.
    #[error("the host is no name that a certificate can have; hint: use a DNS name with rediss://")]
    Name,
    /// The server was reached and refused.
    #[error("the server refused: {0}; hint: check user, password and database of the address")]
    Refused(RedisError),
    /// It took too long.
    #[error("no connection within {} s; hint: see that the server is there", .0.as_secs())]
    Timeout(Duration),
}

impl From<ConnectError> for Error {
    fn from(error: ConnectError) -> Self {
        Self::Other(error.to_string())
    }
}

/// An error of a command.
pub(crate) fn of_command(error: &RedisError, reply_bytes_max: Option<u64>) -> Error {
    if let Some(bytes) = reply_bytes_max {
        return Error::Other(format!(
            "the reply has more than {bytes} bytes, and the connection is closed; hint: read it in parts (GETRANGE, SSCAN)"
        ));
    }
    if error.is_timeout() {
        return Error::Other("the server did not answer in time; hint: ask for less at once".to_owned());
    }
    let not_an_integer = || {
        error
            .detail()
            .is_some_and(|detail| detail.contains("not an integer"))
    };
    match error.kind() {
        ErrorKind::UnexpectedReturnType | ErrorKind::Parse => Error::TypeError,
        _ if error.code() == Some("WRONGTYPE") || not_an_integer() => Error::TypeError,
        ErrorKind::Server(_) | ErrorKind::Extension => Error::Other(error.to_string()),
        _ => Error::Other(format!("the connection failed: {error}; hint: open another one")),
    }
}
