//! A store kept by a Redis server: all its keys are the store's, as in Spin.

use crate::bindings::spin::key_value::key_value::Error;
use crate::bounds::{VALUE_BYTES_MAX, check_batch, check_value};
use crate::page::{Cursor, Entries, PAGE_KEYS_MAX, Page};
use crate::place::RedisServer;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Cmd, FromRedisValue, Pipeline, RedisError};
use std::fmt;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Tries to connect again before a call fails.
const RETRIES_MAX: usize = 1;
/// Calls under way on the connection before the next caller waits.
const CALLS_MAX: usize = 64;
/// Values that are asked for at once, each with its bound.
const ROUND_KEYS_MAX: usize = 16;

/// Sets KEYS[1] to ARGV[2] if its value is ARGV[1], or if there is none and ARGV[3] says that none was seen.
const SWAP: &str = "local now = redis.call('GET', KEYS[1]) \
     if (now == false and ARGV[3] == 'none') or (now ~= false and ARGV[3] == 'some' and now == ARGV[1]) \
     then redis.call('SET', KEYS[1], ARGV[2]) return 1 end return 0";

/// One connection, shared by all that hold the store; it connects again by itself.
#[derive(Clone)]
pub(crate) struct RedisStore(ConnectionManager);

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisStore")
    }
}

impl RedisStore {
    pub(crate) async fn open(server: &RedisServer) -> Result<Self, Error> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(ANSWER_TIMEOUT))
            .set_number_of_retries(RETRIES_MAX)
            .set_concurrency_limit(CALLS_MAX);
        let manager = server.0.get_connection_manager_with_config(config).await;
        manager.map(Self).map_err(|error| as_error(&error))
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let entries = self.get_many(vec![key.to_owned()]).await?;
        Ok(entries.into_iter().next().and_then(|(_key, value)| value))
    }

    pub(crate) async fn exists(&self, key: &str) -> Result<bool, Error> {
        self.ask(redis::cmd("EXISTS").arg(key)).await
    }

    pub(crate) async fn page(&self, cursor: u64) -> Result<Page, Error> {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("COUNT").arg(PAGE_KEYS_MAX);
        let (next, keys): (u64, Vec<Vec<u8>>) = self.ask(&scan).await?;
        let keys = keys.into_iter().map(String::from_utf8).collect::<Result<_, _>>();
        Ok(Page {
            keys: keys.map_err(|_| {
                Error::Other(
                    "a key of this Redis server is not UTF-8; hint: give the store a server of its own"
                        .into(),
                )
            })?,
            next: (next != 0).then_some(Cursor::Scan(next)),
        })
    }

    /// No more than the bound of a value is ever asked for, whoever wrote it.
    pub(crate) async fn get_many(&self, keys: Vec<String>) -> Result<Entries, Error> {
        let mut entries = Vec::with_capacity(keys.len());
        let mut batch_bytes = 0;
        for round in keys.chunks(ROUND_KEYS_MAX) {
            let mut pipeline = redis::pipe();
            pipeline.atomic();
            for key in round {
                pipeline.cmd("EXISTS").arg(key);
                pipeline.cmd("GETRANGE").arg(key).arg(0).arg(VALUE_BYTES_MAX);
            }
            let answers: Vec<redis::Value> = self.ask_all(&pipeline).await?;
            for (key, answer) in round.iter().zip(answers.chunks_exact(2)) {
                let there = bool::from_redis_value_ref(&answer[0]).map_err(|_| odd())?;
                let value = Vec::<u8>::from_redis_value_ref(&answer[1]).map_err(|_| odd())?;
                check_value(&value)?;
                batch_bytes += value.len();
                check_batch(batch_bytes)?;
                entries.push((key.clone(), there.then_some(value)));
            }
        }
        Ok(entries)
    }

    pub(crate) async fn set_many(&self, entries: &[(String, Vec<u8>)]) -> Result<(), Error> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut set = redis::cmd("MSET");
        for (key, value) in entries {
            set.arg(key).arg(value.as_slice());
        }
        self.ask(&set).await
    }

    pub(crate) async fn delete_many(&self, keys: &[String]) -> Result<(), Error> {
        if keys.is_empty() {
            return Ok(());
        }
        let _deleted: u64 = self.ask(redis::cmd("DEL").arg(keys)).await?;
        Ok(())
    }

    /// As in Spin, a number is written in decimal digits.
    pub(crate) async fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        self.ask(redis::cmd("INCRBY").arg(key).arg(delta)).await
    }

    /// Sets the value if it still is `seen`; says whether it was.
    pub(crate) async fn swap(&self, key: &str, seen: Option<Vec<u8>>, value: Vec<u8>) -> Result<bool, Error> {
        let was = if seen.is_some() { "some" } else { "none" };
        let mut swap = redis::cmd("EVAL");
        swap.arg(SWAP).arg(1).arg(key);
        swap.arg(seen.unwrap_or_default()).arg(value).arg(was);
        self.ask(&swap).await
    }

    async fn ask<A: FromRedisValue>(&self, command: &Cmd) -> Result<A, Error> {
        let answer = command.query_async(&mut self.0.clone()).await;
        answer.map_err(|error| as_error(&error))
    }

    async fn ask_all<A: FromRedisValue>(&self, commands: &Pipeline) -> Result<A, Error> {
        let answer = commands.query_async(&mut self.0.clone()).await;
        answer.map_err(|error| as_error(&error))
    }
}

fn odd() -> Error {
    Error::Other("the Redis server of this store gave an odd answer; hint: is it a Redis server?".to_owned())
}

/// Quotes nothing of the server's but its code: its texts may name keys, values or addresses.
fn as_error(error: &RedisError) -> Error {
    let of_many = error.clone().into_server_errors();
    let first = of_many.as_ref().and_then(|errors| errors.first());
    Error::Other(match first.map_or_else(|| error.code(), |(_, error)| Some(error.code())) {
        Some(code @ ("NOAUTH" | "WRONGPASS" | "NOPERM")) => {
            format!("the Redis server of this store refuses us ({code}); hint: check user and password in its url")
        }
        Some("WRONGTYPE") => {
            "the Redis server keeps something else than a value there; hint: give the store a server of its own"
                .to_owned()
        }
        Some(code) => format!("the Redis server of this store refuses the command ({code}); hint: see the server's log"),
        None if error.is_timeout() => {
            "the Redis server of this store does not answer in time; hint: see whether it is overloaded".to_owned()
        }
        None if error.is_io_error() || error.is_connection_refusal() => {
            "the Redis server of this store cannot be reached; hint: see that it runs, and check its url".to_owned()
        }
        None => odd_error(error),
    })
}

fn odd_error(error: &RedisError) -> String {
    format!(
        "the Redis server of this store failed ({:?}); hint: see the server's log",
        error.kind()
    )
}

#[cfg(test)]
mod tests;
