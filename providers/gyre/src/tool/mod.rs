//! `gyre tool`: what the components of tools can do.

use crate::cli::{DescribeArgs, FreezeArgs, ToolArgs, ToolVerb};
use crate::text::printable;
use anyhow::Result;
use gyre_describe::{Effects, FrozenTools};
use std::fmt::Write as _;
use std::io::Write as _;

/// Runs the verb.
pub(crate) async fn run(args: &ToolArgs) -> Result<()> {
    match &args.verb {
        ToolVerb::Describe(args) => describe(args).await,
        ToolVerb::Freeze(args) => freeze(args).await,
    }
}

async fn describe(args: &DescribeArgs) -> Result<()> {
    let tools = gyre_describe::describe(&args.file).await?;
    let out = if args.json {
        format!("{}\n", serde_json::to_string(&tools)?)
    } else {
        render(&tools)
    };
    std::io::stdout().write_all(out.as_bytes())?;
    Ok(())
}

async fn freeze(args: &FreezeArgs) -> Result<()> {
    let mut out = std::io::stdout();
    for file in &args.files {
        let frozen = gyre_describe::freeze(file, &args.out).await?;
        if frozen.written {
            writeln!(out, "frozen: {}", frozen.file.display())?;
        }
    }
    Ok(())
}

/// For people: a line a tool, what it does below it.
fn render(tools: &FrozenTools) -> String {
    let width = tools.tools.iter().map(|tool| tool.name.len()).max().unwrap_or(0);
    let mut out = format!("{} ({})\n", printable(&tools.component), tools.digest);
    for tool in &tools.tools {
        let effects = match tool.effects {
            Effects::Pure => "pure",
            Effects::Reads => "reads",
            Effects::Writes => "writes",
        };
        let arguments = tool.input_schema["properties"].as_object();
        let arguments: Vec<&str> = arguments
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "  {:width$}  {effects:6}  {}\n  {:width$}          {}",
            tool.name,
            printable(&arguments.join(", ")),
            "",
            printable(&tool.description)
        );
    }
    out
}
