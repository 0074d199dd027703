//! A connection that gets the messages of channels, for the Redis trigger.

use crate::address::Address;
use crate::failure::ConnectError;
use crate::socket::{Allowance, Socket};
use futures::StreamExt;
use redis::aio::{PubSub, PubSubSink, PubSubStream};
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// What may arrive before the message it belongs to is whole.
const MESSAGE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// How often a quiet server is asked whether it is still there.
const ALIVE_EVERY: Duration = Duration::from_secs(30);
const ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// A message of a channel.
pub struct Message {
    /// The channel.
    pub channel: String,
    /// What was published.
    pub payload: Vec<u8>,
}

/// A connection that is subscribed to channels.
pub struct Subscriber {
    asking: PubSubSink,
    messages: PubSubStream,
    allowance: Allowance,
}

impl Subscriber {
    /// Connects and subscribes to all of `channels`.
    pub async fn connect(address: &Address, channels: &[&str]) -> Result<Self, ConnectError> {
        tokio::time::timeout(CONNECT_TIMEOUT, Self::subscribe(address, channels))
            .await
            .map_err(|_elapsed| ConnectError::Timeout(CONNECT_TIMEOUT))?
    }

    async fn subscribe(address: &Address, channels: &[&str]) -> Result<Self, ConnectError> {
        let allowance = Allowance::new(MESSAGE_BYTES_MAX);
        let socket = Socket::connect(address, allowance.clone()).await?;
        let mut connection = PubSub::new(&address.settings, socket)
            .await
            .map_err(ConnectError::Refused)?;
        for channel in channels {
            connection
                .subscribe(*channel)
                .await
                .map_err(ConnectError::Refused)?;
        }
        let (asking, messages) = connection.split();
        Ok(Self {
            asking,
            messages,
            allowance,
        })
    }

    /// The next message; `None` when the connection is lost, or the server has gone silent.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            match tokio::time::timeout(ALIVE_EVERY, self.messages.next()).await {
                Ok(message) => {
                    let message = message?;
                    self.allowance.refill();
                    return Some(Message {
                        channel: message.get_channel_name().to_owned(),
                        payload: message.get_payload_bytes().to_vec(),
                    });
                }
                Err(_quiet) if self.is_alive().await => self.allowance.refill(),
                Err(_quiet) => return None,
            }
        }
    }

    async fn is_alive(&mut self) -> bool {
        let pong = self.asking.ping::<redis::Value>();
        matches!(tokio::time::timeout(ALIVE_TIMEOUT, pong).await, Ok(Ok(_)))
    }
}
