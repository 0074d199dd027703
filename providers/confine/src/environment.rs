//! Which variables of the environment are for gyre.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Variables as they are, or as they shall be.
pub(crate) type Variables = BTreeMap<OsString, OsString>;

/// Kept by name: harmless, and read by gyre, its worker or their libraries.
const NAMES: [&str; 24] = [
    "ALL_PROXY",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "DOCKER_CONFIG",
    "FORCE_COLOR",
    "HOME",
    "HOSTNAME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LANGUAGE",
    "LD_LIBRARY_PATH",
    "NO_COLOR",
    "NO_PROXY",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TERM",
    "TZ",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Kept by how they begin: whoever sets one of these means gyre, or a library of its worker.
const PREFIXES: [&str; 10] = [
    "CUDA_", "GGML_", "GYRE_", "LC_", "LLAMA_", "NVIDIA_", "OTEL_", "RUST_", "SPIN_", "XDG_",
];

/// What is left of the environment; `set` is added, or replaces, and what begins with one of `prefixes` stays too.
///
/// A list of what is let in, never of what is kept out: nobody knows the names of all secrets.
pub(crate) fn kept(now: &Variables, set: &[(&str, OsString)], prefixes: &[String]) -> Variables {
    let mut kept: Variables = now
        .iter()
        .filter(|(name, _)| is_for_us(name) || begins(name, prefixes))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    kept.extend(
        set.iter()
            .map(|(name, value)| (OsString::from(name), value.clone())),
    );
    kept
}

fn is_for_us(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

fn begins(name: &OsStr, prefixes: &[String]) -> bool {
    name.to_str()
        .is_some_and(|name| prefixes.iter().any(|prefix| name.starts_with(prefix.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(names: &[&str]) -> Variables {
        names.iter().map(|name| (name.into(), "x".into())).collect()
    }

    #[test]
    fn secrets_are_left_behind() {
        let secrets = [
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "HF_TOKEN",
            "OPENAI_API_KEY",
            "GITHUB_TOKEN",
            "KUBERNETES_SERVICE_HOST",
            "SSH_AUTH_SOCK",
            "DATABASE_URL",
            "LD_PRELOAD",
            "MY_GYRE_TOKEN",
        ];
        assert_eq!(kept(&variables(&secrets), &[], &[]), Variables::new());
    }

    #[test]
    fn what_is_for_gyre_stays() {
        let ours = variables(&[
            "HOME",
            "GYRE_LOG",
            "SPIN_VARIABLE_KEY",
            "XDG_STATE_HOME",
            "LC_ALL",
            "CUDA_VISIBLE_DEVICES",
        ]);
        assert_eq!(kept(&ours, &[], &[]), ours);
        // What the runtime configuration asks for.
        let app = variables(&["APP_KEY", "APPLE"]);
        assert_eq!(kept(&app, &[], &["APP_".to_owned()]), variables(&["APP_KEY"]));
    }

    #[test]
    fn what_is_set_replaces_and_a_second_time_changes_nothing() {
        let set = [("TMPDIR", OsString::from("/state/tmp"))];
        let once = kept(&variables(&["TMPDIR", "SECRET"]), &set, &[]);
        assert_eq!(once, Variables::from([("TMPDIR".into(), "/state/tmp".into())]));
        assert_eq!(
            kept(&once, &set, &[]),
            once,
            "or it would be started anew for ever"
        );
    }
}
