//! `gyre build`: runs the build commands of an application's components, as `spin build` does.

mod order;

use crate::cli::BuildArgs;
use crate::exit::{HINT, Usage};
use crate::text::printable;
use anyhow::Result;
use gyre_manifest::{App as Manifest, Build, Component};
use order::in_order;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use tokio::process::Command;

/// A build command that did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It ended with another code than 0.
    #[error("component {component}: `{command}` failed with exit code {code}{HINT}its output above says why")]
    Failed {
        component: String,
        command: String,
        code: i32,
    },
    /// A signal ended it.
    #[error("component {component}: `{command}` was ended by a signal")]
    Killed { component: String, command: String },
    /// It did not start.
    #[error(
        "component {component}: cannot run its build command in {folder}{HINT}check build.workdir in spin.toml"
    )]
    NotStarted {
        component: String,
        folder: String,
        source: std::io::Error,
    },
}

/// Runs the verb.
pub(crate) async fn run(args: &BuildArgs) -> Result<()> {
    let manifest = gyre_manifest::load(&args.from, Some(&args.profile))?;
    let components = chosen(&manifest, &args.component_ids)?;
    let builds: Vec<_> = in_order(&components)
        .into_iter()
        .filter_map(|component| Some((component, component.build.as_ref()?)))
        .collect();
    if builds.is_empty() {
        eprintln!("gyre: there is nothing to build; hint: write [component.<id>.build] with command = \"…\"");
    }
    for (component, build) in builds {
        run_commands(&component.id, build).await?;
    }
    if args.up {
        return Err(start(args));
    }
    Ok(())
}

/// The components to build. A copy that the host made of one for its middleware is the same build.
fn chosen<'a>(manifest: &'a Manifest, ids: &[String]) -> Result<Vec<&'a Component>> {
    if let Some(unknown) = ids.iter().find(|id| !manifest.components.contains_key(*id)) {
        let what = format!("spin.toml has no component `{unknown}`");
        return Err(Usage::new(what, "check --component-id").into());
    }
    let mut components: Vec<&Component> = Vec::new();
    for component in manifest.components.values() {
        let wanted = ids.is_empty() || ids.contains(&component.id);
        let same = |other: &Component| other.build == component.build && other.source == component.source;
        if wanted && !components.iter().any(|other| same(other)) {
            components.push(component);
        }
    }
    Ok(components)
}

pub(crate) async fn run_commands(id: &str, build: &Build) -> Result<(), Error> {
    for command in &build.commands {
        eprintln!("gyre: building {id}: {}", printable(command));
        let status = Command::new("sh")
            .args(["-c", command])
            .current_dir(&build.folder)
            .kill_on_drop(true)
            .status()
            .await
            .map_err(|source| Error::NotStarted {
                component: id.to_owned(),
                folder: build.folder.display().to_string(),
                source,
            })?;
        let (component, command) = (id.to_owned(), command.clone());
        match status.code() {
            Some(0) => {}
            Some(code) => {
                return Err(Error::Failed {
                    component,
                    command,
                    code,
                });
            }
            None => return Err(Error::Killed { component, command }),
        }
    }
    Ok(())
}

/// Goes on as `gyre up`, in the same process: the second wall wants a program that has done nothing yet.
/// Returns only where that failed.
fn start(args: &BuildArgs) -> anyhow::Error {
    let line = up_line(args);
    let become_up = std::env::current_exe().map(|program| {
        let mut command = std::process::Command::new(program);
        command.args(&line[1..]).exec()
    });
    let error = become_up.unwrap_or_else(|error| error);
    anyhow::Error::new(error).context("cannot start `gyre up`")
}

/// The command line of `gyre up` for the same application.
fn up_line(args: &BuildArgs) -> Vec<OsString> {
    let mut line: Vec<OsString> = ["gyre", "up", "--from"].map(Into::into).into();
    line.push(args.from.clone().into());
    line.extend(["--profile".into(), args.profile.clone().into()]);
    line.extend(args.up_options.iter().map(Into::into));
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser as _;

    fn build(line: &[&str]) -> BuildArgs {
        match Cli::try_parse_from(line).expect("a command line").verb {
            Verb::Build(args) => args,
            other => panic!("not build: {other:?}"),
        }
    }

    #[test]
    fn what_follows_is_for_up() {
        let args = build(&[
            "gyre",
            "build",
            "--from",
            "a.toml",
            "-c",
            "x",
            "--up",
            "--",
            "--listen",
            "127.0.0.1:1",
        ]);
        assert_eq!(args.component_ids, ["x"]);
        let line = up_line(&args);
        let expected = [
            "gyre",
            "up",
            "--from",
            "a.toml",
            "--profile",
            "gyre",
            "--listen",
            "127.0.0.1:1",
        ];
        assert_eq!(line, expected.map(OsString::from));
        assert!(matches!(Cli::parse_from(line).verb, Verb::Up(_)));
        assert!(
            Cli::try_parse_from(["gyre", "build", "--", "--listen", "1"]).is_err(),
            "without --up"
        );
    }
}
