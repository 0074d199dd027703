//! Where folders of the user are.

use std::path::PathBuf;

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
