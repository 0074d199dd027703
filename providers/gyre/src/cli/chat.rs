//! The options of `gyre chat`.

use super::server::ServerArgs;
use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  gyre chat researcher
  gyre chat researcher \"How does Gyre isolate an agent?\"
  git diff | gyre chat researcher -
  gyre chat researcher \"And why?\" --session notes
  gyre chat researcher \"…\" --json | jq .citations

Without INPUT on a terminal it is a conversation: Ctrl-C cancels an answer, twice or Ctrl-D ends.
Calls of tools are told on stderr.";

/// `gyre chat`.
#[derive(Debug, Args)]
pub(crate) struct ChatArgs {
    /// The agent, as `gyre agent list` names it
    pub(crate) agent: String,
    /// What to ask; `-`, or nothing where stdin is no terminal, reads it from stdin
    pub(crate) input: Option<String>,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// The conversation that this continues, or begins where there is none of the name
    #[arg(long, value_name = "NAME", value_parser = session_name)]
    pub(crate) session: Option<String>,
    /// Begin a conversation under a new name, which is told
    #[arg(long, conflicts_with = "session")]
    pub(crate) new_session: bool,
    /// The model that answers [default: the application's]
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Print the whole answer as one JSON object when it is there
    #[arg(long)]
    pub(crate) json: bool,
    /// Give up on an answer after this long
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
}

const SESSION_BYTES_MAX: usize = 128;

fn session_name(given: &str) -> Result<String, String> {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if given.is_empty() || given.len() > SESSION_BYTES_MAX || !given.bytes().all(harmless) {
        return Err(format!(
            "write it with 1 to {SESSION_BYTES_MAX} letters, digits, `.`, `_` and `-`"
        ));
    }
    Ok(given.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_have_harmless_names() {
        for good in ["a", "2026-11.x_y", &"a".repeat(128)] {
            assert_eq!(session_name(good).as_deref(), Ok(good));
        }
        for bad in ["", "a b", "a/b", "ä", &"a".repeat(129)] {
            assert!(session_name(bad).is_err(), "{bad}");
        }
    }
}
