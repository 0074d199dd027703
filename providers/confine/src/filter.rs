//! Seccomp: which system calls there are for this process.
//!
//! A list of what is denied, not of what is allowed: what llama.cpp, CUDA and the C library call differs between versions,
//! and a call that is missing would stop a server in the night. What is denied is what no part of gyre calls: looking into
//! other processes, changing the system, and the parts of the kernel with the most holes.

use crate::{Error, Network, Wall};
use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};
use std::collections::BTreeMap;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Denied always.
const DENIED: &[c_long] = &[
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // The tree of files. Landlock does not see owners, modes and attributes.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_fanotify_init,
    libc::SYS_mknodat,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    // The kernel itself.
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_syslog,
    // The machine.
    libc::SYS_reboot,
    libc::SYS_acct,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_personality,
    libc::SYS_vhangup,
    // Namespaces; `clone` is below.
    libc::SYS_unshare,
    libc::SYS_setns,
    // What listens, listens already.
    libc::SYS_bind,
    libc::SYS_listen,
];

/// Denied on this processor alone.
#[cfg(target_arch = "x86_64")]
const DENIED_HERE: &[c_long] = &[
    libc::SYS_kexec_file_load,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_mknod,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_uselib,
];
#[cfg(not(target_arch = "x86_64"))]
const DENIED_HERE: &[c_long] = &[];

/// Flags of `clone` that make namespaces.
const NAMESPACES: [libc::c_int; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];
/// The kind of a socket, without the flags beside it.
const SOCKET_KIND: u64 = 0xf;

/// An old name: with it a socket of the internet becomes one of packets.
const SOCK_PACKET: libc::c_int = 10;

/// Restricts this thread and all it starts.
pub(crate) fn apply(wall: &Wall) -> Result<(), Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(seccompiler::Error::from)?;
    install(denied(wall)?, libc::EPERM, arch)?;
    // Its flags lie in memory, where no filter looks. The C library then uses `clone`.
    install(Rules::from([(libc::SYS_clone3, Vec::new())]), libc::ENOSYS, arch)
}

fn install(rules: Rules, errno: libc::c_int, arch: TargetArch) -> Result<(), Error> {
    let deny = SeccompAction::Errno(errno.unsigned_abs());
    let filter =
        SeccompFilter::new(rules, SeccompAction::Allow, deny, arch).map_err(seccompiler::Error::from)?;
    let program: BpfProgram = filter.try_into().map_err(seccompiler::Error::from)?;
    Ok(apply_filter(&program)?)
}

fn denied(wall: &Wall) -> Result<Rules, Error> {
    let mut rules: Rules = DENIED
        .iter()
        .chain(DENIED_HERE)
        .map(|call| (*call, Vec::new()))
        .collect();
    if wall.execute.is_empty() {
        rules.insert(libc::SYS_execve, Vec::new());
        rules.insert(libc::SYS_execveat, Vec::new());
    }
    rules.insert(libc::SYS_clone, namespaces()?);
    rules.insert(
        libc::SYS_socket,
        if wall.network == Network::Closed {
            Vec::new()
        } else {
            sockets()?
        },
    );
    Ok(also_x32(rules))
}

/// A rule for each flag: they may come together.
fn namespaces() -> Result<Vec<SeccompRule>, Error> {
    NAMESPACES
        .iter()
        .map(|flag| {
            let flag = u64::from(flag.unsigned_abs());
            rule(vec![condition(0, SeccompCmpOp::MaskedEq(flag), flag)?])
        })
        .collect()
}

/// Only of the internet, and none that makes its own packets. Sockets of this machine lead to other programs, some of
/// which do what they are told by anybody who is root.
fn sockets() -> Result<Vec<SeccompRule>, Error> {
    let of = |family: libc::c_int| condition(0, SeccompCmpOp::Ne, u64::from(family.unsigned_abs()));
    let kind = |kind: libc::c_int| {
        let kind = u64::from(kind.unsigned_abs());
        rule(vec![condition(1, SeccompCmpOp::MaskedEq(SOCKET_KIND), kind)?])
    };
    Ok(vec![
        rule(vec![of(libc::AF_INET)?, of(libc::AF_INET6)?])?,
        kind(libc::SOCK_RAW)?,
        kind(SOCK_PACKET)?,
    ])
}

fn condition(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, Error> {
    Ok(
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
            .map_err(seccompiler::Error::from)?,
    )
}

fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, Error> {
    Ok(SeccompRule::new(conditions).map_err(seccompiler::Error::from)?)
}

/// Some kernels know each call under a second number too, and a few under a third.
#[cfg(target_arch = "x86_64")]
fn also_x32(mut rules: Rules) -> Rules {
    const X32: i64 = 0x4000_0000;
    let twins: Vec<_> = rules
        .iter()
        .map(|(call, rules)| (call | X32, rules.clone()))
        .collect();
    rules.extend(twins);
    rules.extend((512..=547).map(|call| (call | X32, Vec::new())));
    rules
}

#[cfg(not(target_arch = "x86_64"))]
fn also_x32(rules: Rules) -> Rules {
    rules
}
