//! `gyre chat`: asks an agent and shows the answer as it comes.

mod conversation;
mod input;
mod screen;

use super::{Error, Server, print, print_json, render};
use crate::cli::ChatArgs;
use crate::exit::{Exit, Usage};
use crate::text::one_line;
use crate::time::{now_ms, stamp};
use anyhow::Result;
use gyre_agent_wire::{Answer, Folder, Parser};
use reqwest::Response;
use screen::Screen;
use serde::Serialize;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::IsTerminal as _;
use std::time::Duration;

#[derive(Debug, Serialize)]
struct Request<'a> {
    input: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    stream: bool,
}

/// Runs the verb: one question when there is an input, else a conversation.
pub(crate) async fn run(args: &ChatArgs) -> Result<Exit> {
    let server = Server::new(&args.server.url, Duration::from_secs(args.timeout))?;
    match &args.input {
        None if std::io::stdin().is_terminal() => {
            if args.json {
                let what = "--json is for one answer, not for a conversation";
                return Err(Usage::new(what, "say what to ask").into());
            }
            conversation::run(args, &server).await
        }
        given => {
            let input = input::read(given.as_deref().unwrap_or("-"))?;
            once(args, &server, &input).await.map(|()| Exit::Ok)
        }
    }
}

/// Asks once; Ctrl-C ends it at once, and the server stops the run when the connection goes.
async fn once(args: &ChatArgs, server: &Server, input: &str) -> Result<()> {
    let made = args.new_session.then(new_session);
    let question = Question {
        agent: &args.agent,
        model: args.model.as_deref(),
        session: args.session.as_deref().or(made.as_deref()),
        live: !args.json,
    };
    let answer = tokio::select! {
        answer = question.ask(server, input) => answer?,
        _ = tokio::signal::ctrl_c() => return Err(Error::Interrupted.into()),
    };
    if args.json {
        return print_json(&answer);
    }
    show_end(&answer)?;
    if let Some(session) = made {
        let agent = one_line(&args.agent);
        eprintln!("hint: go on with `gyre chat {agent} --session {session}`");
    }
    Ok(())
}

/// What follows the text: where its citations are from, and who answered.
fn show_end(answer: &Answer) -> Result<()> {
    print(&render::citations(&answer.citations))?;
    eprintln!("{}", render::origin(answer));
    Ok(())
}

/// What stays the same from one question to the next.
struct Question<'a> {
    agent: &'a str,
    model: Option<&'a str>,
    session: Option<&'a str>,
    /// Whether the answer is shown while it comes.
    live: bool,
}

impl Question<'_> {
    async fn ask(&self, server: &Server, input: &str) -> Result<Answer> {
        let request = Request {
            input,
            model: self.model,
            session: self.session,
            stream: true,
        };
        let response = server
            .post_for_events(&["api", "v1", "agents", self.agent, "chat"], &request)
            .await?;
        let mut screen = Screen::new(self.live);
        let answer = follow(server, response, &mut screen).await;
        // Whatever follows, an error message included, starts on a line of its own.
        screen.end_line()?;
        answer
    }
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

/// A name that no session has: the time, and a number that the system made at random.
fn new_session() -> String {
    let random = RandomState::new().build_hasher().finish() & 0xff_ffff;
    format!("chat-{}-{random:06x}", stamp(now_ms()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Verb};
    use clap::Parser as _;

    #[test]
    fn a_new_session_has_a_valid_name_of_its_own() {
        let (one, other) = (new_session(), new_session());
        assert_ne!(one, other);
        let cli = Cli::parse_from(["gyre", "chat", "a", "b", "--session", &one]);
        assert!(matches!(cli.verb, Verb::Chat(args) if args.session.as_deref() == Some(one.as_str())));
    }
}
