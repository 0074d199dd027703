//! The WIT boundary.

use crate::address::Address;
use crate::bindings::spin::redis::redis::{
    Error, Host, HostConnection, HostConnectionWithStore, RedisParameter, RedisResult,
};
use crate::connection::Connection;
use crate::reply::{self, Reply};
use crate::{CONNECTIONS_MAX, Redis, RedisCtxView};
use redis::{Cmd, FromRedisValue, cmd};
use wasmtime::component::{Accessor, Resource};

type Fallible<T> = wasmtime::Result<Result<T, Error>>;

impl Host for RedisCtxView<'_> {}

impl RedisCtxView<'_> {
    /// The server of `address`, if this sandbox may reach it and open one more connection.
    fn admit(&self, address: &str) -> Result<Address, Error> {
        let address = Address::parse(address).ok_or(Error::InvalidAddress)?;
        let (scheme, host, port) = (address.scheme(), address.url_host(), address.port);
        if !self.ctx.allowed.allows_host(scheme, &host, Some(port)) {
            let component = &self.ctx.component;
            tracing::warn!(
                %component,
                "outbound connection denied: add \"{address}\" to allowed_outbound_hosts of [component.{component}] if it should be allowed",
            );
            return Err(Error::InvalidAddress);
        }
        if self.ctx.open >= CONNECTIONS_MAX {
            return Err(Error::TooManyConnections);
        }
        Ok(address)
    }

    /// Connecting waits, and others may have connected meanwhile: the bound is looked at again.
    fn keep(&mut self, connection: Connection) -> Fallible<Resource<Connection>> {
        if self.ctx.open >= CONNECTIONS_MAX {
            return Ok(Err(Error::TooManyConnections));
        }
        let resource = self.table.push(connection)?;
        self.ctx.open += 1;
        Ok(Ok(resource))
    }
}

impl HostConnection for RedisCtxView<'_> {
    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        self.ctx.open = self.ctx.open.saturating_sub(1);
        Ok(())
    }
}

/// Runs a command on the connection behind a handle.
async fn run<T, R: FromRedisValue>(
    access: &Accessor<T, Redis>,
    connection: &Resource<Connection>,
    command: Cmd,
) -> Fallible<R> {
    let connection = access.with(|mut access| access.get().table.get(connection).cloned())?;
    Ok(connection.run(command).await)
}

impl<T: Send> HostConnectionWithStore<T> for Redis {
    async fn open(access: &Accessor<T, Self>, address: String) -> Fallible<Resource<Connection>> {
        let address = match access.with(|mut access| access.get().admit(&address)) {
            Ok(address) => address,
            Err(error) => return Ok(Err(error)),
        };
        match Connection::open(&address).await {
            Ok(connection) => access.with(|mut access| access.get().keep(connection)),
            Err(error) => Ok(Err(error.into())),
        }
    }

    async fn publish(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        channel: String,
        payload: Vec<u8>,
    ) -> Fallible<()> {
        run(
            access,
            &connection,
            cmd("PUBLISH").arg(channel).arg(payload).take(),
        )
        .await
    }

    async fn get(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Fallible<Option<Vec<u8>>> {
        run(access, &connection, cmd("GET").arg(key).take()).await
    }

    async fn set(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        value: Vec<u8>,
    ) -> Fallible<()> {
        run(access, &connection, cmd("SET").arg(key).arg(value).take()).await
    }

    async fn incr(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Fallible<i64> {
        run(access, &connection, cmd("INCR").arg(key).take()).await
    }

    async fn del(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        keys: Vec<String>,
    ) -> Fallible<u32> {
        run(access, &connection, cmd("DEL").arg(keys).take()).await
    }

    async fn sadd(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Fallible<u32> {
        run(access, &connection, cmd("SADD").arg(key).arg(values).take()).await
    }

    async fn smembers(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Fallible<Vec<String>> {
        run(access, &connection, cmd("SMEMBERS").arg(key).take()).await
    }

    async fn srem(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Fallible<u32> {
        run(access, &connection, cmd("SREM").arg(key).arg(values).take()).await
    }

    async fn execute(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        command: String,
        arguments: Vec<RedisParameter>,
    ) -> Fallible<Vec<RedisResult>> {
        let reply: Result<Reply, Error> =
            run(access, &connection, reply::command(&command, arguments)).await?;
        Ok(reply.map(|Reply(results)| results))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RedisCtx;
    use gyre_capability_http::AllowedHosts;
    use std::sync::Arc;
    use wasmtime::component::ResourceTable;

    fn admitted(allowed: &[&str], open: usize, address: &str) -> Result<(), Error> {
        let allowed = AllowedHosts::parse(allowed).expect("hosts");
        let mut ctx = RedisCtx::new("c".into(), Arc::new(allowed));
        ctx.open = open;
        RedisCtxView {
            ctx: &mut ctx,
            table: &mut ResourceTable::new(),
        }
        .admit(address)
        .map(|_address| ())
    }

    #[test]
    fn only_granted_servers_are_reached_and_only_so_often() {
        let server = "redis://localhost:6379";
        assert!(admitted(&[server], 0, "redis://user:secret@localhost").is_ok());
        assert!(admitted(&["redis://localhost"], 0, server).is_ok());
        let denied = [
            admitted(&[], 0, server),
            admitted(&["redis://localhost:6380"], 0, server),
            admitted(&["rediss://localhost:6379"], 0, server),
            admitted(&["http://localhost:6379"], 0, server),
            admitted(&[server], 0, "localhost"),
        ];
        for denied in denied {
            assert!(matches!(denied, Err(Error::InvalidAddress)), "{denied:?}");
        }
        assert!(matches!(
            admitted(&[server], CONNECTIONS_MAX, server),
            Err(Error::TooManyConnections)
        ));
    }
}
