//! The intruder: enters the wall and tries.

use crate::tries;
use gyre_confine::{Mode, Network, Wall, libraries, loaders, machine, network_files, shed};
use std::collections::BTreeSet;
use std::error::Error;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().ok_or("give the folder that the test made")?;
    if folder == tries::AS_WORKER {
        return as_worker();
    }
    let folder = PathBuf::from(folder);
    let open_before = std::fs::read_dir("/proc/self/fd")?.count();
    shed(&[("TMPDIR", folder.join("state").into_os_string())], &[])?;
    let granted = TcpListener::bind("127.0.0.1:0")?;
    let other = TcpListener::bind("127.0.0.1:0")?;
    let ports = BTreeSet::from([granted.local_addr()?.port()]);
    wall(&folder, ports).enter(Mode::On)?;
    // A thread started behind the wall is behind the wall.
    let done = std::thread::spawn(move || tries::all(&folder, &granted, &other, open_before)).join();
    for one in done.map_err(|_panic| "a try panicked")? {
        println!("{one}");
    }
    Ok(())
}

/// Stands behind a second wall inside the first, as the worker does, and ends well where that one holds too.
fn as_worker() -> Result<(), Box<dyn Error>> {
    let wall = Wall {
        read: libraries(),
        write: Vec::new(),
        execute: Vec::new(),
        devices: Vec::new(),
        network: Network::Closed,
    };
    wall.enter(Mode::On)?;
    let denied = std::net::UdpSocket::bind("127.0.0.1:0").is_err() && std::fs::read("/etc/hosts").is_err();
    denied
        .then_some(())
        .ok_or_else(|| "the inner wall does not hold".into())
}

/// As `gyre up` builds it: an application's files, its state, a worker to start, one port to call.
fn wall(folder: &Path, ports: BTreeSet<u16>) -> Wall {
    Wall {
        read: [vec![folder.join("app")], libraries(), network_files(), machine()].concat(),
        write: vec![folder.join("state")],
        execute: loaders()
            .into_iter()
            .filter(|path| path.exists())
            .chain([folder.join("worker")])
            .chain(std::env::current_exe())
            .collect(),
        devices: Vec::new(),
        network: Network::Ports(ports),
    }
}
