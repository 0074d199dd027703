//! Who may log in where, as docker keeps it.

use crate::Error;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_client::secrets::RegistryAuth;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

const CONFIG_BYTES_MAX: u64 = 1 << 20;

/// The part of docker's configuration that holds credentials itself.
#[derive(Deserialize)]
struct DockerConfig {
    #[serde(default)]
    auths: BTreeMap<String, Login>,
}

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    auth: String,
}

/// The credentials for a registry; nobody's where there are none.
pub(crate) fn of(registry: &str, config: Option<&Path>) -> Result<RegistryAuth, Error> {
    let Some(path) = config.filter(|path| path.is_file()) else {
        return Ok(RegistryAuth::Anonymous);
    };
    // What is wrong in it is not told: the text may be a password.
    let broken = || Error::DockerConfig {
        path: path.to_owned(),
    };
    let bytes = std::fs::metadata(path).map_err(|_| broken())?.len();
    if bytes > CONFIG_BYTES_MAX {
        return Err(broken());
    }
    let text = std::fs::read(path).map_err(|_| broken())?;
    let config: DockerConfig = serde_json::from_slice(&text).map_err(|_| broken())?;
    let login = config
        .auths
        .iter()
        .find(|(server, _)| host_of(server) == registry);
    match login {
        Some((_, login)) if !login.auth.is_empty() => decoded(&login.auth).ok_or_else(broken),
        _ => Ok(RegistryAuth::Anonymous),
    }
}

fn decoded(auth: &str) -> Option<RegistryAuth> {
    let text = String::from_utf8(STANDARD.decode(auth).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(RegistryAuth::Basic(user.to_owned(), password.to_owned()))
}

/// Docker writes some servers as URLs.
fn host_of(server: &str) -> &str {
    let server = server.split_once("://").map_or(server, |(_, rest)| rest);
    server.split('/').next().unwrap_or(server)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_found_by_their_server() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.json");
        let cases = [
            (
                r#"{"auths":{"r.example":{"auth":"dTpwOnE="}}}"#,
                Some(("u", "p:q")),
            ),
            (
                r#"{"auths":{"https://r.example/v1/":{"auth":"dTpw"}}}"#,
                Some(("u", "p")),
            ),
            (r#"{"auths":{"other.example":{"auth":"dTpw"}}}"#, None),
            (r#"{"auths":{"r.example":{}},"credsStore":"desktop"}"#, None),
            ("{}", None),
        ];
        for (text, expected) in cases {
            std::fs::write(&path, text).expect("a file");
            let found = of("r.example", Some(&path)).expect(text);
            let expected = expected.map_or(RegistryAuth::Anonymous, |(user, password)| {
                RegistryAuth::Basic(user.to_owned(), password.to_owned())
            });
            assert!(found == expected, "{text}");
        }
        assert!(of("r.example", None).expect("no file") == RegistryAuth::Anonymous);
    }

    #[test]
    fn what_is_broken_is_told_without_what_it_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.json");
        for text in [
            "hunter2",
            r#"{"auths":{"r.example":{"auth":"hunter2!"}}}"#,
            r#"{"auths":{"r.example":{"auth":"aHVudGVyMg=="}}}"#,
        ] {
            std::fs::write(&path, text).expect("a file");
            let error = of("r.example", Some(&path)).expect_err(text);
            let told = format!("{error} {error:?}");
            assert!(!told.contains("hunter2") && told.contains("hint: "), "{told}");
        }
    }
}
