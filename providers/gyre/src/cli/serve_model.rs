//! The options of `gyre serve-model`.

use super::bounds::BoundsArgs;
use super::confine::ConfineArgs;
use super::engine::EngineArgs;
use super::registry::RegistryArgs;
use super::up::UpArgs;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `gyre serve-model`: those options of `gyre up` that mean something here.
#[derive(Debug, Args)]
pub(crate) struct ServeModelArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "GYRE_MODEL_LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:3001"
    )]
    listen: SocketAddr,
    /// Address of /metrics, /ready, /live and /models, apart from the public one; none unless given
    #[arg(long, env = "GYRE_ADMIN", value_name = "ADDR")]
    admin: Option<SocketAddr>,
    /// Folder of compiled components [default: $XDG_STATE_HOME/gyre or ~/.local/state/gyre]
    #[arg(long, env = "GYRE_STATE", value_name = "DIR")]
    state: Option<PathBuf>,
    /// The application's manifest
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    from: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    bounds: BoundsArgs,
    #[command(flatten)]
    wall: ConfineArgs,
    /// A variable of the application; may be repeated
    #[arg(long = "variable", value_name = "KEY=VALUE", value_parser = super::up::key_value)]
    variables: Vec<(String, String)>,
}

impl ServeModelArgs {
    /// The same as options of `gyre up`.
    pub(crate) fn into_up(self) -> UpArgs {
        UpArgs {
            listen: self.listen,
            admin: self.admin,
            watch: false,
            state: self.state,
            from: self.from,
            registry: RegistryArgs::default(),
            components: Vec::new(),
            engine: self.engine,
            bounds: self.bounds,
            wall: self.wall,
            profile: gyre_manifest::PROFILE.to_owned(),
            variables: self.variables,
            // Models need neither stores nor databases.
            runtime_config_file: None,
            log_dir: None,
            quiet: false,
        }
    }
}
