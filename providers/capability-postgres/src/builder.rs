//! What a connection is built from, one part after another.

use crate::bindings::spin::postgres::postgres::Error;
use crate::failure;
use crate::tls;
use std::fmt;

/// Bytes of authorities' certificates.
const CA_BYTES_MAX: usize = 256 * 1024;

/// An address, and the authorities to trust beside the usual.
#[derive(Clone)]
pub struct Builder {
    pub(crate) address: String,
    pub(crate) ca: Option<String>,
}

impl Builder {
    pub(crate) fn new(address: String) -> Self {
        Self { address, ca: None }
    }

    /// Adds the authorities in `certificate`, as PEM.
    pub(crate) fn trust(&mut self, certificate: String) -> Result<(), Error> {
        if certificate.len() > CA_BYTES_MAX {
            return Err(failure::bad_parameter(format!(
                "the certificates have more than {CA_BYTES_MAX} bytes; hint: give only the authority's"
            )));
        }
        tls::config(Some(&certificate)).map_err(|error| failure::bad_parameter(error.to_string()))?;
        self.ca = Some(certificate);
        Ok(())
    }
}

/// The address may hold a password.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").finish_non_exhaustive()
    }
}
