//! The seam to the host: what `gyre up` runs, and which exit code its errors get.

use crate::cli::UpArgs;
use crate::exit::Exit;
use anyhow::Result;
use std::error::Error;

/// Serves the application until told to stop.
pub(crate) async fn up(args: &UpArgs) -> Result<()> {
    let (from, state, models) = (args.from.display(), args.state_dir()?, args.models_dir()?);
    tracing::debug!(%from, profile = args.profile, listen = %args.listen, ?state, ?models, variables = args.variables()?.len());
    Err(NoHost.into())
}

/// The exit code of an error of the host, when it is one.
pub(crate) fn exit_of(error: &(dyn Error + 'static)) -> Option<Exit> {
    if error.is::<gyre_manifest::Error>() {
        return Some(Exit::Config);
    }
    error.is::<NoHost>().then_some(Exit::Unavailable)
}

/// This program was built without the host.
#[derive(Debug, thiserror::Error)]
#[error("this build of gyre is a client only; hint: build it from a checkout with `cargo xtask up`")]
pub(crate) struct NoHost;
