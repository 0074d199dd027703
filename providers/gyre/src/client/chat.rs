//! `gyre chat`: asks an agent and shows the answer as it comes.

use super::{Error, Server, print, print_json, render};
use crate::cli::ChatArgs;
use crate::exit::Usage;
use crate::text::printable;
use anyhow::{Context, Result};
use gyre_agent_wire::{Answer, Event, Folder, Parser};
use reqwest::Response;
use serde::Serialize;
use std::io::Read as _;
use std::time::Duration;

/// The server refuses larger requests; the client says so before it sends one.
const INPUT_BYTES_MAX: usize = 256 * 1024;

#[derive(Debug, Serialize)]
struct Request<'a> {
    input: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    stream: bool,
}

/// Runs the verb; Ctrl-C ends it at once, and the server stops the run when the connection goes.
pub(crate) async fn run(args: &ChatArgs) -> Result<()> {
    let input = input(&args.input)?;
    tokio::select! {
        done = ask(args, &input) => done,
        _ = tokio::signal::ctrl_c() => Err(Error::Interrupted.into()),
    }
}

async fn ask(args: &ChatArgs, input: &str) -> Result<()> {
    let server = Server::new(&args.server.url, Duration::from_secs(args.timeout))?;
    let request = Request {
        input,
        model: args.model.as_deref(),
        stream: true,
    };
    let response = server
        .post_for_events(&["api", "v1", "agents", &args.agent, "chat"], &request)
        .await?;
    let mut screen = Screen {
        live: !args.json,
        mid_line: false,
    };
    let answer = follow(&server, response, &mut screen).await;
    // Whatever follows, an error message included, starts on a line of its own.
    screen.end_line()?;
    let answer = answer?;
    if args.json {
        return print_json(&answer);
    }
    print(&render::citations(&answer.citations))?;
    eprintln!("{}", render::origin(&answer));
    Ok(())
}

/// Reads the events to their end; an answer is whole only when its last event says so.
async fn follow(server: &Server, mut response: Response, screen: &mut Screen) -> Result<Answer> {
    let (mut parser, mut folder) = (Parser::new(), Folder::new());
    while !parser.has_ended() {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(error) if error.is_timeout() => return Err(server.failed(error).into()),
            Err(error) => return Err(Error::Cut(Box::new(error.without_url())).into()),
        };
        for event in parser.feed(&chunk).map_err(|cut| Error::Cut(Box::new(cut)))? {
            screen.show(&event)?;
            folder.push(event).map_err(Error::from)?;
        }
    }
    parser.finish().map_err(|cut| Error::Cut(Box::new(cut)))?;
    Ok(folder.finish().map_err(Error::from)?)
}

/// Where events are shown while they come.
struct Screen {
    live: bool,
    mid_line: bool,
}

impl Screen {
    fn show(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::TextDelta { text } if self.live && !text.is_empty() => {
                print(&printable(text))?;
                self.mid_line = !text.ends_with('\n');
            }
            Event::ToolResult {
                name, is_error: true, ..
            } => {
                self.end_line()?;
                eprintln!(
                    "note: the tool {} failed; the answer is made without it",
                    printable(name)
                );
            }
            _ => {}
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<()> {
        if std::mem::take(&mut self.mid_line) {
            print("\n")?;
        }
        Ok(())
    }
}

/// The input itself, or stdin for `-`.
fn input(given: &str) -> Result<String> {
    let input = if given == "-" { stdin()? } else { given.to_owned() };
    if input.trim().is_empty() {
        return Err(Usage::new(
            "the input is empty",
            "ask something, or give it on stdin with `-`",
        )
        .into());
    }
    if input.len() > INPUT_BYTES_MAX {
        let what = format!("the input is larger than {INPUT_BYTES_MAX} bytes");
        return Err(Usage::new(what, "ask less, and give documents with `gyre ingest`").into());
    }
    Ok(input)
}

fn stdin() -> Result<String> {
    let mut bytes = Vec::new();
    // One byte more than is taken, so that too much is noticed.
    std::io::stdin()
        .take(INPUT_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .context("cannot read stdin")?;
    if bytes.len() > INPUT_BYTES_MAX {
        // Cut in the middle of a character or not: it is refused for its size.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes)
        .map_err(|_| Usage::new("the input is not UTF-8", "convert it, for example with iconv").into())
}
