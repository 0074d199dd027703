//! What an intruder would try, and what the host must still be able to do.

use crate::calls;
use crate::tried::{Tried, tried};
use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;

/// Has this program play the worker.
pub(crate) const AS_WORKER: &str = "--as-worker";

/// Everything, in the order of the table.
pub(crate) fn all(
    folder: &Path,
    granted: &TcpListener,
    other: &TcpListener,
    open_before: usize,
) -> Vec<Tried> {
    let mut done = needs(folder, granted);
    done.extend(files(folder));
    done.extend(secrets());
    done.extend(network(other));
    done.extend(programs(folder));
    done.extend(calls::all());
    done.push(tried("inherit an open file", inherited(open_before)));
    done
}

/// What the host does all day.
fn needs(folder: &Path, granted: &TcpListener) -> Vec<Tried> {
    let database = folder.join("state/database");
    vec![
        tried("ok: read the application", fs::read(folder.join("app/page"))),
        tried("ok: write the state", fs::write(&database, b"x")),
        tried(
            "ok: rename in the state",
            fs::rename(&database, folder.join("state/renamed")),
        ),
        tried(
            "ok: delete in the state",
            fs::remove_file(folder.join("state/renamed")),
        ),
        tried("ok: read certificates and names", fs::read("/etc/hosts")),
        tried(
            "ok: call the granted port",
            granted.local_addr().and_then(TcpStream::connect),
        ),
        tried("ok: answer who calls", granted.accept()),
        tried(
            "ok: start a thread",
            std::thread::Builder::new()
                .spawn(|| ())
                .map(|it| it.join().is_ok()),
        ),
        tried(
            "ok: start the worker",
            ended_well(Command::new(folder.join("worker")).arg("--version")),
        ),
        tried(
            "ok: stand behind a wall in the wall",
            std::env::current_exe().and_then(|program| ended_well(Command::new(program).arg(AS_WORKER))),
        ),
    ]
}

fn files(folder: &Path) -> Vec<Tried> {
    let secret = folder.join("home/.ssh/id");
    vec![
        tried("read /etc/shadow", fs::read("/etc/shadow")),
        tried("read /etc/passwd", fs::read("/etc/passwd")),
        tried("read a key in the home", fs::read(&secret)),
        tried("list the home", fs::read_dir(folder.join("home"))),
        tried("list /", fs::read_dir("/")),
        tried("write beside the state", fs::write(folder.join("outside"), b"x")),
        tried(
            "write into the application",
            fs::write(folder.join("app/page"), b"x"),
        ),
        tried(
            "write by a path with ..",
            fs::write(folder.join("state/../outside"), b"x"),
        ),
        tried(
            "link the key into the state",
            fs::hard_link(&secret, folder.join("state/key")),
        ),
        tried(
            "make a link in the state",
            symlink("/etc/shadow", folder.join("state/shadow")),
        ),
        tried(
            "change the mode of the key",
            fs::set_permissions(&secret, fs::Permissions::from_mode(0o777)),
        ),
        tried(
            "change the owner of the key",
            std::os::unix::fs::chown(&secret, Some(0), Some(0)),
        ),
        tried(
            "write a setting of the kernel",
            fs::write("/proc/sys/kernel/core_pattern", b"|/bin/sh"),
        ),
        tried(
            "open a terminal",
            fs::OpenOptions::new().write(true).open("/dev/tty"),
        ),
    ]
}

/// The test gives this program a secret in its environment, and so has its parent.
fn secrets() -> Vec<Tried> {
    let found = |text: &[u8]| match text.windows(7).any(|part| part == b"hunter2") {
        true => Ok(()),
        false => Err(io::Error::other("it is not there")),
    };
    let variable = std::env::var("AWS_SECRET_ACCESS_KEY").map_err(io::Error::other);
    let own = fs::read("/proc/self/environ").and_then(|text| found(&text));
    let parent = format!("/proc/{}/environ", std::os::unix::process::parent_id());
    vec![
        tried("see a secret variable", variable),
        tried("see it in /proc/self/environ", own),
        tried(
            "see it in the parent's environ",
            fs::read(parent).and_then(|text| found(&text)),
        ),
        tried(
            "read the parent's memory",
            fs::read(format!("/proc/{}/mem", std::os::unix::process::parent_id())),
        ),
    ]
}

fn network(other: &TcpListener) -> Vec<Tried> {
    vec![
        tried(
            "call another port",
            other.local_addr().and_then(TcpStream::connect),
        ),
        tried("listen on a port", TcpListener::bind("127.0.0.1:0")),
        tried("receive on a port", UdpSocket::bind("127.0.0.1:0")),
        tried("open a socket of the machine", UnixDatagram::unbound()),
    ]
}

fn programs(folder: &Path) -> Vec<Tried> {
    let dropped = folder.join("state/program");
    let copied = fs::copy(folder.join("worker"), &dropped);
    vec![
        tried(
            "start /bin/sh",
            Command::new("/bin/sh").args(["-c", "true"]).status(),
        ),
        tried(
            "start a program of its own",
            copied.and_then(|_| Command::new(&dropped).status()),
        ),
    ]
}

fn inherited(open_before: usize) -> io::Result<()> {
    // Three, and the list itself.
    match open_before > 4 {
        true => Ok(()),
        false => Err(io::Error::other("there is none")),
    }
}

fn ended_well(command: &mut Command) -> io::Result<()> {
    let status = command.output()?.status;
    status
        .success()
        .then_some(())
        .ok_or_else(|| io::Error::other(status.to_string()))
}
