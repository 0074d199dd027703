//! An authority and a certificate of its, made by openssl.

use crate::owned::{as_owner, find, finished};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

/// Makes an authority and a certificate of its; gives the authority's.
pub(crate) fn make(folder: &Path) -> Result<String> {
    let request = |key: &str, certificate: &str, name: &str| -> Result<Command> {
        let mut command = openssl(folder)?;
        command
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args([
                "-nodes",
                "-days",
                "2",
                "-subj",
                name,
                "-keyout",
                key,
                "-out",
                certificate,
            ]);
        Ok(command)
    };
    finished(request("ca.key", "ca.pem", "/CN=authority of a test")?)?;
    let mut command = request("server.key", "server.pem", "/CN=localhost")?;
    command
        .args(["-CA", "ca.pem", "-CAkey", "ca.key"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    finished(command)?;
    std::fs::read_to_string(folder.join("ca.pem")).context("cannot read the certificate")
}

fn openssl(folder: &Path) -> Result<Command> {
    let path = find("openssl", &["/usr/bin".into()])
        .context("openssl is not installed, and this test needs it\nhint: apt-get install openssl")?;
    Ok(as_owner(Command::new(path), folder))
}
