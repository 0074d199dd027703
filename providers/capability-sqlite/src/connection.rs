//! A connection as a sandbox holds it: the way to its thread, or to its server.

use crate::bindings::spin::sqlite::sqlite::{Error, Value};
use crate::libsql::Remote;
use crate::place::Place;
use crate::worker::{self, Answer, Command, Execute};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Dropping the last of its clones rolls back what was not committed.
#[derive(Clone)]
pub struct Connection(Way);

#[derive(Clone)]
enum Way {
    Thread(mpsc::Sender<Command>),
    Server(Arc<Remote>),
}

impl Connection {
    pub(crate) async fn open(place: Place) -> Result<Self, Error> {
        let file = match place {
            Place::File(file) => Some(file),
            Place::Memory => None,
            Place::Libsql(server) => return Ok(Self(Way::Server(Arc::new(Remote::new(server))))),
        };
        thread(file).await
    }

    pub(crate) async fn execute(&self, statement: String, parameters: Vec<Value>) -> Result<Answer, Error> {
        match &self.0 {
            Way::Server(remote) => remote.execute(statement, parameters).await,
            Way::Thread(commands) => {
                let execute = |answer| {
                    Command::Execute(Execute {
                        statement,
                        parameters,
                        answer,
                    })
                };
                ask(commands, execute).await?
            }
        }
    }

    pub(crate) async fn last_insert_rowid(&self) -> Result<i64, Error> {
        match &self.0 {
            Way::Server(remote) => Ok(remote.last_insert_rowid().await),
            Way::Thread(commands) => ask(commands, Command::LastInsertRowid).await,
        }
    }

    pub(crate) async fn changes(&self) -> Result<u64, Error> {
        match &self.0 {
            Way::Server(remote) => Ok(remote.changes().await),
            Way::Thread(commands) => ask(commands, Command::Changes).await,
        }
    }
}

async fn thread(file: Option<PathBuf>) -> Result<Connection, Error> {
    let commands = tokio::task::spawn_blocking(move || worker::start(file.as_deref()))
        .await
        .map_err(|error| Error::Io(error.to_string()))??;
    Ok(Connection(Way::Thread(commands)))
}

async fn ask<A>(
    commands: &mpsc::Sender<Command>,
    command: impl FnOnce(oneshot::Sender<A>) -> Command,
) -> Result<A, Error> {
    let (sender, receiver) = oneshot::channel();
    let gone = |_| Error::Io("the thread of this connection has ended".to_owned());
    commands
        .send(command(sender))
        .await
        .map_err(|_| Error::InvalidConnection)?;
    receiver.await.map_err(gone)
}
