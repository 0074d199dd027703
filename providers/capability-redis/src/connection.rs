//! An open connection to a Redis server.

use crate::address::Address;
use crate::bindings::spin::redis::redis::Error;
use crate::failure::{self, ConnectError};
use crate::socket::{Allowance, Socket};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, FromRedisValue};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const REPLY_TIMEOUT: Duration = Duration::from_secs(30);
/// A reply is in memory as a whole before the guest gets it.
const REPLY_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// An open connection. Its clones are the same connection; it closes with the last.
#[derive(Clone)]
pub struct Connection {
    commands: MultiplexedConnection,
    allowance: Allowance,
    _driver: Arc<Driver>,
}

/// The task that reads and writes the socket; it ends with its connection, whatever the server does.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connection {
    pub(crate) async fn open(address: &Address) -> Result<Self, ConnectError> {
        tokio::time::timeout(CONNECT_TIMEOUT, Self::connect(address))
            .await
            .map_err(|_elapsed| ConnectError::Timeout(CONNECT_TIMEOUT))?
    }

    async fn connect(address: &Address) -> Result<Self, ConnectError> {
        let allowance = Allowance::new(REPLY_BYTES_MAX);
        let socket = Socket::connect(address, allowance.clone()).await?;
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(REPLY_TIMEOUT));
        let (commands, driver) = MultiplexedConnection::new_with_config(&address.settings, socket, config)
            .await
            .map_err(ConnectError::Refused)?;
        Ok(Self {
            commands,
            allowance,
            _driver: Arc::new(Driver(tokio::spawn(driver))),
        })
    }

    /// Sends a command and reads its reply.
    pub(crate) async fn run<T: FromRedisValue>(&self, command: Cmd) -> Result<T, Error> {
        self.allowance.refill();
        let reply = command.query_async(&mut self.commands.clone()).await;
        reply.map_err(|error| {
            let too_large = self.allowance.is_spent().then_some(REPLY_BYTES_MAX);
            failure::of_command(&error, too_large)
        })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}
