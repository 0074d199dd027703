//! A connection as a sandbox holds it: the way to its thread, or to its server.

use crate::bindings::spin::sqlite::sqlite::{Error, Value};
use crate::libsql::Remote;
use crate::place::Opening;
use crate::worker::{self, Answer, Begun, Command, Execute};
use crate::writers::Writers;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};

/// Dropping the last of its clones rolls back what was not committed.
#[derive(Clone)]
pub struct Connection(Way);

#[derive(Clone)]
enum Way {
    Thread(Arc<Thread>),
    Server(Arc<Remote>),
}

/// The way to a thread.
struct Thread {
    commands: mpsc::Sender<Command>,
    writers: Writers,
    /// Statements begin in the order in which they were asked for, also where one waits for its turn.
    order: Mutex<()>,
}

impl Connection {
    pub(crate) async fn open(opening: Opening) -> Result<Self, Error> {
        let (file, writers) = match opening {
            Opening::File(file, writers) => (Some(file), writers),
            // Nobody else writes it.
            Opening::Memory => (None, Writers::default()),
            Opening::Libsql(server) => return Ok(Self(Way::Server(Arc::new(Remote::new(server))))),
        };
        let thread = Thread::start(file, writers).await?;
        Ok(Self(Way::Thread(Arc::new(thread))))
    }

    pub(crate) async fn execute(&self, statement: String, parameters: Vec<Value>) -> Result<Answer, Error> {
        match &self.0 {
            Way::Server(remote) => remote.execute(statement, parameters).await,
            Way::Thread(thread) => thread.execute(statement, parameters).await,
        }
    }

    pub(crate) async fn last_insert_rowid(&self) -> Result<i64, Error> {
        match &self.0 {
            Way::Server(remote) => Ok(remote.last_insert_rowid().await),
            Way::Thread(thread) => thread.ask(Command::LastInsertRowid).await,
        }
    }

    pub(crate) async fn changes(&self) -> Result<u64, Error> {
        match &self.0 {
            Way::Server(remote) => Ok(remote.changes().await),
            Way::Thread(thread) => thread.ask(Command::Changes).await,
        }
    }
}

impl Thread {
    async fn start(file: Option<PathBuf>, writers: Writers) -> Result<Self, Error> {
        let commands = tokio::task::spawn_blocking(move || worker::start(file.as_deref()))
            .await
            .map_err(|error| Error::Io(error.to_string()))??;
        Ok(Self {
            commands,
            writers,
            order: Mutex::new(()),
        })
    }

    async fn execute(&self, statement: String, parameters: Vec<Value>) -> Result<Answer, Error> {
        let _order = self.order.lock().await;
        let mut execute = Execute {
            statement,
            parameters,
            turn: None,
        };
        loop {
            match self.ask(|answer| Command::Execute(execute, answer)).await?? {
                Begun::Runs(answer) => return Ok(answer),
                Begun::Waits(waits) => {
                    execute = waits;
                    // Waited for here, not by the thread: who is given up meanwhile is out of the queue at once.
                    execute.turn = Some(self.writers.turn().await?);
                }
            }
        }
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

#[cfg(test)]
mod tests;
