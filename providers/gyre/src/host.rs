//! Which exit code an error of the host gets.

use crate::exit::Exit;
use std::error::Error;

/// The exit code of an error of the host, when it is one.
pub(crate) fn exit_of(error: &(dyn Error + 'static)) -> Option<Exit> {
    let config = error.is::<gyre_manifest::Error>()
        || error.is::<gyre_manifest::Problem>()
        || error.is::<gyre_serve::BuildError>();
    if config {
        return Some(Exit::Config);
    }
    matches!(error.downcast_ref(), Some(gyre_serve::ListenError::InUse(_))).then_some(Exit::AddressInUse)
}
