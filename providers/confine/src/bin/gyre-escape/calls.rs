//! System calls that no safe library makes.

use crate::tried::Tried;
use libc::{c_int, c_long};
use std::io;

/// Each, with arguments that are harmless where the call is allowed by mistake.
pub(crate) fn all() -> Vec<Tried> {
    let parent = i64::from(std::os::unix::process::parent_id());
    let new_user = i64::from(libc::CLONE_NEWUSER);
    let raw = i64::from(libc::SOCK_RAW);
    let inet = i64::from(libc::AF_INET);
    let packet = i64::from(libc::AF_PACKET);
    let netlink = i64::from(libc::AF_NETLINK);
    [
        (
            "trace the parent",
            libc::SYS_ptrace,
            [i64::from(libc::PTRACE_SEIZE as c_int), parent, 0],
        ),
        (
            "copy the parent's memory",
            libc::SYS_process_vm_readv,
            [parent, 0, 0],
        ),
        ("signal the parent", libc::SYS_kill, [parent, 0, 0]),
        ("mount", libc::SYS_mount, [0, 0, 0]),
        ("leave for another namespace", libc::SYS_unshare, [new_user, 0, 0]),
        (
            "clone into another namespace",
            libc::SYS_clone,
            [new_user | i64::from(libc::SIGCHLD), 0, 0],
        ),
        ("clone by clone3", libc::SYS_clone3, [0, 0, 0]),
        ("open a raw socket", libc::SYS_socket, [inet, raw, 1]),
        ("open a packet socket", libc::SYS_socket, [packet, raw, 0]),
        ("open a netlink socket", libc::SYS_socket, [netlink, raw, 0]),
        ("load a module of the kernel", libc::SYS_init_module, [0, 0, 0]),
        ("load a program into the kernel", libc::SYS_bpf, [0, 0, 0]),
        ("set up io_uring", libc::SYS_io_uring_setup, [1, 0, 0]),
        ("watch with perf", libc::SYS_perf_event_open, [0, 0, -1]),
        ("handle page faults", libc::SYS_userfaultfd, [0, 0, 0]),
        ("read the kernel's keys", libc::SYS_keyctl, [0, 0, 0]),
        ("reboot", libc::SYS_reboot, [0, 0, 0]),
        ("change the root", libc::SYS_chroot, [0, 0, 0]),
    ]
    .into_iter()
    .map(|(what, call, arguments)| Tried::new(what, make(call, arguments)))
    .collect()
}

/// Denied is only what the wall denies: the kernel finds other faults in these arguments.
#[expect(
    unsafe_code,
    reason = "a test of the filter has to make the calls themselves; all pointers are null"
)]
fn make(call: c_long, [one, two, three]: [i64; 3]) -> io::Result<()> {
    // SAFETY: null and small numbers only; the kernel checks them, and changes no memory of this process.
    let result = unsafe { libc::syscall(call, one, two, three, 0_i64, 0_i64) };
    if result >= 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES | libc::ENOSYS) => Err(error),
        _ => Ok(()),
    }
}
