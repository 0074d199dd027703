//! `gyre doctor`: checks what `gyre up` and the client verbs need, and names a cure for what is wrong.

mod devices;
mod machine;
mod manifest;
mod models;
mod server;

use crate::cli::DoctorArgs;
use crate::client::{Server, print, print_json};
use crate::exit::Exit;
use crate::text::one_line;
use anyhow::Result;
use serde::Serialize;
use std::time::Duration;

const SERVER_TIMEOUT: Duration = Duration::from_secs(10);

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// As it should be.
    Ok,
    /// Gyre runs, and does less than it could.
    Warn,
    /// Something will not work.
    Fail,
}

/// One line of the report.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Check {
    name: &'static str,
    level: Level,
    message: String,
    /// What to do, unless all is well.
    cure: Option<String>,
}

impl Check {
    fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            level: Level::Ok,
            message: message.into(),
            cure: None,
        }
    }

    fn warn(name: &'static str, message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            name,
            level: Level::Warn,
            message: message.into(),
            cure: Some(cure.into()),
        }
    }

    fn fail(name: &'static str, message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            name,
            level: Level::Fail,
            message: message.into(),
            cure: Some(cure.into()),
        }
    }
}

#[derive(Debug, Serialize)]
struct Report {
    status: Level,
    checks: Vec<Check>,
}

/// Runs the verb.
pub(crate) async fn run(args: &DoctorArgs) -> Result<Exit> {
    let server = Server::new(&args.server.url, SERVER_TIMEOUT)?;
    let mut checks = manifest::check(&args.up);
    let config = args.up.runtime_config()?;
    checks.push(machine::state(&args.up.state_dir(&config)?));
    checks.push(machine::worker());
    checks.extend(devices::check(machine::worker_path()).await);
    checks.extend(machine::onnx());
    checks.push(machine::wall());
    checks.extend(models::check(&args.up.engine.folder.path()?));
    checks.extend(models::given(
        &args.up.engine,
        &manifest::default_models(&args.up),
    ));
    checks.push(server::port(args.up.listen).await);
    checks.push(server::health(&server, &args.server.url).await);
    let report = Report {
        status: worst(&checks),
        checks,
    };
    if args.json {
        print_json(&report)?;
    } else {
        print(&lines(&report.checks))?;
    }
    Ok(if report.status == Level::Fail {
        Exit::Failed
    } else {
        Exit::Ok
    })
}

fn worst(checks: &[Check]) -> Level {
    [Level::Fail, Level::Warn]
        .into_iter()
        .find(|level| checks.iter().any(|c| c.level == *level))
        .unwrap_or(Level::Ok)
}

fn lines(checks: &[Check]) -> String {
    let line = |check: &Check| {
        let level = match check.level {
            Level::Ok => "ok  ",
            Level::Warn => "warn",
            Level::Fail => "fail",
        };
        let cure = check
            .cure
            .as_ref()
            .map(|cure| format!("\n      hint: {}", one_line(cure)))
            .unwrap_or_default();
        format!("{level}  {}: {}{cure}\n", check.name, one_line(&check.message))
    };
    checks.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_is_a_line_with_its_cure() {
        let checks = [
            Check::ok("state", "/s"),
            Check::warn("worker", "none", "build it"),
            Check::fail("port", "taken", "choose"),
        ];
        let expected = "ok    state: /s\nwarn  worker: none\n      hint: build it\nfail  port: taken\n      hint: choose\n";
        assert_eq!(lines(&checks), expected);
        assert_eq!(worst(&checks), Level::Fail);
        assert_eq!(worst(&checks[..2]), Level::Warn);
        assert_eq!(worst(&checks[..1]), Level::Ok);
    }
}
