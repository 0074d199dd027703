//! A conversation on a terminal: one question a line, until Ctrl-D.

use super::{Question, input, new_session, show_end};
use crate::cli::ChatArgs;
use crate::client::{Error, Server, agent};
use crate::exit::Exit;
use crate::report;
use crate::text::one_line;
use anyhow::{Context, Result};
use std::io::{BufRead as _, Read as _};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, Sender, channel};

const PROMPT: &str = "> ";

/// Runs until stdin ends.
pub(super) async fn run(args: &ChatArgs, server: &Server) -> Result<Exit> {
    // Who does not exist is told before anything is typed.
    let agent = agent::fetch(server, &args.agent).await?;
    let forgets = agent.memory() == Some(false);
    let session = match &args.session {
        Some(given) => Some(given.clone()),
        None if forgets => None,
        None => Some(new_session()),
    };
    greet(&args.agent, session.as_deref());
    let mut conversation = Conversation {
        question: Question {
            agent: &args.agent,
            model: args.model.as_deref(),
            session: session.as_deref(),
            live: true,
        },
        server,
        lines: lines()?,
        interrupts: signal(SignalKind::interrupt()).context("cannot listen for Ctrl-C")?,
        interrupted: false,
        answered: false,
    };
    conversation.talk().await?;
    if let Some(session) = session.as_deref().filter(|_| conversation.answered) {
        let agent = one_line(&args.agent);
        eprintln!("hint: go on with `gyre chat {agent} --session {session}`");
    }
    Ok(Exit::Ok)
}

fn greet(agent: &str, session: Option<&str>) {
    let agent = one_line(agent);
    match session {
        Some(session) => eprintln!("{agent}, session {session}; Ctrl-D ends"),
        None => eprintln!("{agent} keeps no memory: each question stands alone; Ctrl-D ends"),
    }
}

struct Conversation<'a> {
    question: Question<'a>,
    server: &'a Server,
    lines: Receiver<Line>,
    interrupts: Signal,
    /// Whether Ctrl-C was the last thing that the user said.
    interrupted: bool,
    answered: bool,
}

type Line = std::io::Result<String>;

impl Conversation<'_> {
    async fn talk(&mut self) -> Result<()> {
        while let Some(line) = self.next_line().await? {
            if line.trim().is_empty() {
                continue;
            }
            if let Err(error) = input::check(&line) {
                report::report(&error);
                continue;
            }
            let answer = tokio::select! {
                answer = self.question.ask(self.server, line.trim_end()) => answer,
                _ = self.interrupts.recv() => {
                    self.interrupted = true;
                    eprintln!("\ncancelled; Ctrl-C again ends");
                    continue;
                }
            };
            match answer {
                Ok(mut answer) => {
                    self.answered = true;
                    // It was told at the beginning.
                    answer.session = None;
                    show_end(&answer)?;
                }
                Err(error) if report::is_broken_pipe(&error) => return Err(error),
                Err(error) => {
                    report::report(&error);
                }
            }
        }
        Ok(())
    }

    /// The next line; none at the end of stdin.
    async fn next_line(&mut self) -> Result<Option<String>> {
        loop {
            eprint!("{PROMPT}");
            tokio::select! {
                line = self.lines.recv() => {
                    self.interrupted = false;
                    if line.is_none() {
                        eprintln!();
                    }
                    return line.transpose().context("cannot read stdin");
                }
                _ = self.interrupts.recv() => {
                    eprintln!();
                    if std::mem::replace(&mut self.interrupted, true) {
                        return Err(Error::Interrupted.into());
                    }
                    eprintln!("Ctrl-C again or Ctrl-D ends");
                }
            }
        }
    }
}

/// Reads lines in a thread: a read from a terminal cannot be cancelled, and must not keep the program from ending.
fn lines() -> Result<Receiver<Line>> {
    let (sender, lines) = channel(1);
    std::thread::Builder::new()
        .name("stdin".to_owned())
        .spawn(move || read_lines(&sender))
        .context("cannot read stdin")?;
    Ok(lines)
}

fn read_lines(sender: &Sender<Line>) {
    let mut stdin = std::io::stdin().lock();
    loop {
        let mut line = String::new();
        // A line that is longer comes in parts, and each is refused for its size.
        let read = stdin
            .by_ref()
            .take(input::INPUT_BYTES_MAX as u64 + 1)
            .read_line(&mut line);
        let line = match read {
            Ok(0) => return,
            Ok(_) => Ok(line),
            Err(error) => Err(error),
        };
        let failed = line.is_err();
        if sender.blocking_send(line).is_err() || failed {
            return;
        }
    }
}
