//! The option of the verbs that serve: whether they stand behind the second wall.

use clap::{Args, ValueEnum};

/// Whether the process is confined once all is opened.
#[derive(Debug, Args)]
pub(crate) struct ConfineArgs {
    /// Whether this process denies itself all it does not need: files, ports, programs, system calls
    #[arg(long, env = "GYRE_CONFINE", value_name = "WHEN", default_value = "auto")]
    pub(crate) confine: Confine,
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Confine {
    /// As far as the kernel can.
    Auto,
    /// Always: a kernel that cannot is an error.
    On,
    /// Never.
    Off,
}
