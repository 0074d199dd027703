//! How an error is told, and the exit code it has.

use crate::chosen_models::ModelError;
use crate::exit::{Exit, HINT, StateUnwritable, Usage};
use crate::text::printable;
use crate::{client, model, program, scaffold};
use std::error::Error;
use std::fmt::Write as _;

/// Separates them in messages of several lines.
const HINT_LINE: &str = "\nhint: ";

/// Tells the error on stderr and gives its exit code.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    // Who closed our stdout (`gyre chat … | head`) knows.
    if !is_broken_pipe(error) {
        eprint!("{}", render(error.chain()));
    }
    code(error)
}

/// The exit code of the outermost error that has one.
pub(crate) fn code(error: &anyhow::Error) -> Exit {
    // A context is no part of the chain as a value of its own type: anyhow looks for it.
    if error.downcast_ref::<StateUnwritable>().is_some() {
        return Exit::State;
    }
    if error.downcast_ref::<Usage>().is_some() || error.is::<gyre_capability_otel::ConfigError>() {
        return Exit::Usage;
    }
    error.chain().find_map(of_one).unwrap_or(Exit::Failed)
}

fn of_one(error: &(dyn Error + 'static)) -> Option<Exit> {
    error
        .downcast_ref::<client::Error>()
        .map(client::Error::exit)
        .or_else(|| error.downcast_ref::<ModelError>().map(ModelError::exit))
        .or_else(|| error.downcast_ref::<model::Error>().map(model::Error::exit))
        .or_else(|| error.downcast_ref::<gyre_command::Error>().map(program::exit))
        .or_else(|| error.downcast_ref::<scaffold::Error>().map(scaffold::Error::exit))
        .or_else(|| of_host(error))
}

/// The exit code of an error of the host, when it is one.
fn of_host(error: &(dyn Error + 'static)) -> Option<Exit> {
    let config = error.is::<gyre_manifest::Error>()
        || error.is::<gyre_manifest::Problem>()
        || error.is::<gyre_serve::BuildError>()
        || error.is::<gyre_describe::Error>()
        || error.is::<gyre_runtime_config::Error>()
        || error.is::<gyre_capability_key_value::NoRedisAddress>()
        || error.is::<gyre_capability_sqlite::NoServer>();
    if config {
        return Some(Exit::Config);
    }
    if let Some(error) = error.downcast_ref::<gyre_fetch::Error>() {
        return Some(of_fetch(error));
    }
    if let Some(error) = error.downcast_ref::<gyre_oci::Error>() {
        return Some(of_registry(error));
    }
    matches!(error.downcast_ref(), Some(gyre_serve::ListenError::InUse(_))).then_some(Exit::AddressInUse)
}

/// A server that is not there is one thing, a file that is not the right one another.
fn of_fetch(error: &gyre_fetch::Error) -> Exit {
    use gyre_fetch::Error;
    match error {
        Error::Digest { .. } | Error::TooLarge { .. } => Exit::Config,
        Error::Disk { .. } => Exit::State,
        Error::Unreachable { .. } | Error::Status { .. } | Error::Timeout { .. } | Error::Cut { .. } => {
            Exit::Unavailable
        }
    }
}

fn of_registry(error: &gyre_oci::Error) -> Exit {
    use gyre_oci::Error;
    match error {
        Error::NotFound { .. } | Error::Refused { .. } | Error::Registry { .. } | Error::Digest { .. } => {
            Exit::Unavailable
        }
        Error::Cache { .. } => Exit::State,
        _ => Exit::Config,
    }
}

/// Whether nobody reads our stdout any more.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    error
        .chain()
        .any(|error| error.downcast_ref().is_some_and(broken))
}

/// What failed, and the cures one after another.
pub(crate) fn told(error: &anyhow::Error) -> (String, String) {
    let (whats, hints) = split(error.chain());
    (whats.join(": "), hints.join("; "))
}

/// `error: what: why` and a `hint:` line for each cure.
fn render<'a>(chain: impl Iterator<Item = &'a (dyn Error + 'static)>) -> String {
    let (whats, hints) = split(chain);
    let mut out = format!("error: {}\n", printable(&whats.join(": ")));
    for hint in hints {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "hint: {}", printable(&hint));
    }
    out
}

/// What failed, from the outside in, and the cures.
fn split<'a>(chain: impl Iterator<Item = &'a (dyn Error + 'static)>) -> (Vec<String>, Vec<String>) {
    let (mut whats, mut hints) = (Vec::<String>::new(), Vec::<String>::new());
    for message in chain.map(ToString::to_string) {
        let (what, hint) = match message.split_once(HINT).or_else(|| message.split_once(HINT_LINE)) {
            Some((what, hint)) => (what, Some(hint)),
            None => (message.as_str(), None),
        };
        // Libraries often repeat their source in their own message.
        if whats.last().is_none_or(|last| !last.ends_with(what)) {
            whats.push(what.to_owned());
        }
        hints.extend(hint.map(str::to_owned).filter(|hint| !hints.contains(hint)));
    }
    (whats, hints)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context, anyhow};
    use gyre_agent_wire::FoldError;
    use std::path::Path;

    fn problem(status: u16, kind: &str) -> client::Error {
        client::Error::Problem {
            status,
            kind: kind.into(),
            detail: "no such agent".into(),
            hint: "see `gyre agent list`".into(),
        }
    }

    fn failed(kind: &str) -> client::Error {
        FoldError::Failed {
            kind: kind.into(),
            message: "m".into(),
            hint: "h".into(),
        }
        .into()
    }

    #[test]
    fn every_error_has_its_code() {
        let io = || std::io::Error::other("disk");
        let state = Err::<(), _>(io())
            .with_context(|| StateUnwritable::new(Path::new("s")))
            .unwrap_err();
        let cases = [
            (anyhow!("anything"), Exit::Failed),
            (Usage::new("a", "b").into(), Exit::Usage),
            (anyhow!(Usage::new("a", "b")).context("outer"), Exit::Usage),
            (state, Exit::State),
            (
                client::Error::Unreachable { url: "u".into() }.into(),
                Exit::Unavailable,
            ),
            (client::Error::Interrupted.into(), Exit::Interrupted),
            (client::Error::Timeout { seconds: 1 }.into(), Exit::Failed),
            (problem(404, "not-found").into(), Exit::Failed),
            (problem(503, "overloaded").into(), Exit::Unavailable),
            (problem(404, "model-not-found").into(), Exit::Unavailable),
            (problem(502, "agent-unavailable").into(), Exit::Unavailable),
            (failed("internal").into(), Exit::Failed),
            (failed("model-not-found").into(), Exit::Unavailable),
            (client::Error::from(FoldError::Cut).into(), Exit::Failed),
            (
                gyre_serve::ListenError::InUse(([127, 0, 0, 1], 1).into()).into(),
                Exit::AddressInUse,
            ),
            (ModelError::NotGranted.into(), Exit::Config),
            (ModelError::NoFile { path: "m".into() }.into(), Exit::Unavailable),
            (
                gyre_manifest::load(Path::new("no/spin.toml"), None)
                    .unwrap_err()
                    .into(),
                Exit::Config,
            ),
        ];
        for (error, expected) in cases {
            assert_eq!(code(&error), expected, "{error:?}");
        }
    }

    #[test]
    fn errors_are_told_with_their_cures() {
        let cases = [
            (anyhow!("plain"), "error: plain\n"),
            (
                anyhow!("inner; hint: do this").context("outer"),
                "error: outer: inner\nhint: do this\n",
            ),
            (
                anyhow!("same; hint: x").context("same; hint: x"),
                "error: same\nhint: x\n",
            ),
            (
                problem(404, "not-found").into(),
                "error: no such agent\nhint: see `gyre agent list`\n",
            ),
            (anyhow!("\u{1b}[31mred"), "error: \u{fffd}[31mred\n"),
        ];
        for (error, expected) in cases {
            assert_eq!(render(error.chain()), expected);
        }
    }
}
