//! Where folders of the user are.

use crate::exit::Usage;
use anyhow::Result;
use std::path::{Path, PathBuf};

pub(super) fn env_path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// A base folder by the XDG rules: a relative path in the variable does not count.
pub(super) fn xdg(
    env: &dyn Fn(&str) -> Option<PathBuf>,
    variable: &str,
    under_home: &str,
) -> Option<PathBuf> {
    env(variable)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(env("HOME")?.join(under_home)))
}

/// The state folder that was given, or the user's.
pub(super) fn state_dir(given: Option<&Path>) -> Result<PathBuf> {
    let unknown = || {
        Usage::new(
            "cannot tell where the state folder is",
            "name it with --state, or set HOME",
        )
    };
    match given {
        Some(folder) => Ok(folder.to_owned()),
        None => Ok(xdg(&env_path, "XDG_STATE_HOME", ".local/state")
            .ok_or_else(unknown)?
            .join("gyre")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_follow_the_xdg_rules() {
        let cases = [
            (Some("/x"), Some("/h"), Some("/x")),
            (Some("rel"), Some("/h"), Some("/h/.local/state")),
            (None, Some("/h"), Some("/h/.local/state")),
            (None, None, None),
        ];
        for (variable, home, expected) in cases {
            let env = |name: &str| if name == "HOME" { home } else { variable }.map(PathBuf::from);
            assert_eq!(
                xdg(&env, "XDG_STATE_HOME", ".local/state"),
                expected.map(PathBuf::from)
            );
        }
    }
}
