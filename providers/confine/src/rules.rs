//! Landlock: which files, ports and processes there are for this one.

use crate::{Error, Network, Wall};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, NetPort, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, Scope,
};
use std::path::Path;

/// The newest version this was tested with; kernels with an older one do what they can.
const TESTED: ABI = ABI::V7;
/// Devices of every program.
const DEVICES: [&str; 5] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
];

/// Restricts this thread and all it starts.
pub(crate) fn apply(wall: &Wall) -> Result<(), Error> {
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(TESTED))?
        .handle_access(AccessNet::BindTcp)?;
    if wall.network != Network::Open {
        rules = rules.handle_access(AccessNet::ConnectTcp)?;
    }
    let mut rules = rules.scope(Scope::from_all(TESTED))?.create()?;
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    for path in &wall.write {
        rules = let_through(rules, path, writing())?;
    }
    for path in &wall.execute {
        rules = let_through(rules, path, AccessFs::ReadFile | AccessFs::Execute)?;
    }
    for path in there(&wall.read) {
        rules = let_through(rules, path, read)?;
    }
    let devices = DEVICES
        .iter()
        .map(Path::new)
        .chain(wall.devices.iter().map(AsRef::as_ref));
    for path in devices.filter(|path| path.exists()) {
        rules = let_through(rules, path, read | AccessFs::WriteFile | AccessFs::IoctlDev)?;
    }
    if let Network::Ports(ports) = &wall.network {
        for port in ports {
            rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
        }
    }
    rules.restrict_self()?;
    Ok(())
}

/// Files and folders, and nothing that is a device, a socket or a link to elsewhere.
fn writing() -> BitFlags<AccessFs> {
    AccessFs::ReadFile
        | AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer
}

fn there(paths: &[std::path::PathBuf]) -> impl Iterator<Item = &Path> {
    paths
        .iter()
        .map(AsRef::as_ref)
        .filter(|path: &&Path| path.exists())
}

fn let_through(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, Error> {
    let file = PathFd::new(path).map_err(|source| Error::Path {
        path: path.to_owned(),
        source,
    })?;
    // A file takes no rule of folders.
    let access = if path.is_dir() {
        access
    } else {
        access & AccessFs::from_file(TESTED)
    };
    Ok(rules.add_rule(PathBeneath::new(file, access))?)
}
