//! How a component is built: its `build` table.

use std::path::{Path, PathBuf};

use toml::Value;

use crate::{
    error::Problem,
    mount,
    section::{Section, as_string, wrong_type},
};

/// How a component is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// Commands of the shell, run one after another.
    pub commands: Vec<String>,
    /// Where they are run.
    pub folder: PathBuf,
    /// Files it is built from: patterns relative to that folder.
    pub watch: Vec<String>,
}

const COMMAND_HINT: &str = "write command = \"cargo build …\", or a list of commands";

/// Reads `build` of a component.
pub(crate) fn read(section: &mut Section, root: &Path) -> Result<Option<Build>, Problem> {
    let Some(mut build) = section.section("build")? else {
        return Ok(None);
    };
    let commands = required_commands(&mut build)?;
    let key = build.key("workdir");
    let folder = match build.string("workdir")? {
        None => root.to_owned(),
        Some(folder) if Path::new(&folder).has_root() => {
            let hint = "give it relative to the folder of spin.toml";
            return Err(Problem::new(key, "must be a relative path", hint));
        }
        Some(folder) => root.join(folder),
    };
    let key = build.key("watch");
    let watch = build.strings("watch")?;
    for (index, pattern) in watch.iter().enumerate() {
        mount::check_pattern(&format!("{key}[{index}]"), pattern)?;
    }
    build.finish()?;
    Ok(Some(Build {
        commands,
        folder,
        watch,
    }))
}

/// Reads `build` of a profile: it has other commands, and nothing else.
pub(crate) fn read_profile(section: &mut Section) -> Result<Option<Vec<String>>, Problem> {
    let Some(mut build) = section.section("build")? else {
        return Ok(None);
    };
    let commands = required_commands(&mut build)?;
    build.finish()?;
    Ok(Some(commands))
}

fn required_commands(build: &mut Section) -> Result<Vec<String>, Problem> {
    let key = build.key("command");
    match build.take("command") {
        Some(Value::String(command)) => Ok(vec![command]),
        Some(Value::Array(commands)) => commands
            .into_iter()
            .enumerate()
            .map(|(index, command)| as_string(format!("{key}[{index}]"), command))
            .collect(),
        None => Err(Problem::new(key, "missing", COMMAND_HINT)),
        Some(other) => Err(wrong_type(key, "a command or a list of commands", &other)),
    }
}
