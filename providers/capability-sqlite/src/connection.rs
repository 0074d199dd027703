//! A connection as a sandbox holds it: the way to its thread.

use crate::bindings::spin::sqlite::sqlite::{Error, Value};
use crate::worker::{self, Answer, Command, Execute};
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot};

/// Dropping it ends the thread, which rolls back what was not committed.
#[derive(Clone)]
pub struct Connection {
    commands: mpsc::Sender<Command>,
}

impl Connection {
    pub(crate) async fn open(file: PathBuf) -> Result<Self, Error> {
        let commands = tokio::task::spawn_blocking(move || worker::start(&file))
            .await
            .map_err(|error| Error::Io(error.to_string()))??;
        Ok(Self { commands })
    }

    pub(crate) async fn execute(&self, statement: String, parameters: Vec<Value>) -> Result<Answer, Error> {
        self.ask(|answer| {
            Command::Execute(Execute {
                statement,
                parameters,
                answer,
            })
        })
        .await?
    }

    pub(crate) async fn last_insert_rowid(&self) -> Result<i64, Error> {
        self.ask(Command::LastInsertRowid).await
    }

    pub(crate) async fn changes(&self) -> Result<u64, Error> {
        self.ask(Command::Changes).await
    }

    async fn ask<A>(&self, command: impl FnOnce(oneshot::Sender<A>) -> Command) -> Result<A, Error> {
        let (sender, receiver) = oneshot::channel();
        let gone = |_| Error::Io("the thread of this connection has ended".to_owned());
        self.commands
            .send(command(sender))
            .await
            .map_err(|_| Error::InvalidConnection)?;
        receiver.await.map_err(gone)
    }
}
