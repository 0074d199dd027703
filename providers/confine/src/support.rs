//! What of the wall this kernel has.

#[cfg(target_os = "linux")]
use landlock::{ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, Scope};

/// The filter of system calls, in words.
pub(crate) const CALLS: &str = "seccomp";

/// Where kernels with such filters say which they have.
#[cfg(target_os = "linux")]
const FILTERS: &str = "/proc/sys/kernel/seccomp/actions_avail";

/// Which parts there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Support {
    /// Landlock over files (Linux 6.2).
    pub files: bool,
    /// Landlock over TCP ports (Linux 6.7).
    pub ports: bool,
    /// Landlock over devices' controls (Linux 6.10).
    pub devices: bool,
    /// Landlock over signals and abstract sockets (Linux 6.12).
    pub signals: bool,
    /// Seccomp, on a processor whose system calls are known here.
    pub calls: bool,
}

impl Support {
    /// What there is not, in words.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        [
            (self.files, "Landlock for files"),
            (self.ports, "Landlock for TCP ports"),
            (self.devices, "Landlock for devices"),
            (self.signals, "Landlock for signals"),
            (self.calls, CALLS),
        ]
        .into_iter()
        .filter_map(|(there, name)| (!there).then_some(name))
        .collect()
    }
}

#[cfg(target_os = "linux")]
impl Support {
    /// Asks the kernel. Changes nothing.
    #[must_use]
    pub fn probe() -> Self {
        let hard = || Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        Self {
            files: hard().handle_access(AccessFs::from_all(ABI::V3)).is_ok(),
            ports: hard().handle_access(AccessNet::from_all(ABI::V4)).is_ok(),
            devices: hard().handle_access(AccessFs::from_all(ABI::V5)).is_ok(),
            signals: hard().scope(Scope::from_all(ABI::V6)).is_ok(),
            calls: calls(),
        }
    }
}

#[cfg(target_os = "linux")]
fn calls() -> bool {
    let known = seccompiler::TargetArch::try_from(std::env::consts::ARCH).is_ok();
    // That it is there can be asked from behind a wall too; reading cannot.
    known && std::path::Path::new(FILTERS).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let all = Support {
            files: true,
            ports: true,
            devices: true,
            signals: true,
            calls: true,
        };
        assert!(all.missing().is_empty());
        let old = Support {
            ports: false,
            signals: false,
            ..all
        };
        assert_eq!(old.missing(), ["Landlock for TCP ports", "Landlock for signals"]);
    }
}
