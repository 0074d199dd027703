//! The WIT boundary.

use crate::bindings::spin::postgres::postgres::{
    Column, Error, Host, HostConnection, HostConnectionBuilder, HostConnectionBuilderWithStore,
    HostConnectionWithStore, ParameterValue, Row, RowSet,
};
use crate::builder::Builder;
use crate::connection::Connection;
use crate::pools::{Key, Pools};
use crate::{BUILDERS_MAX, CONNECTIONS_MAX, Postgres, PostgresCtxView, address};
use std::sync::Arc;
use tokio_postgres::Config;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

type Fallible<T> = wasmtime::Result<Result<T, Error>>;
type Streamed = (Vec<Column>, StreamReader<Row>, FutureReader<Result<(), Error>>);

/// What was granted, not yet connected.
struct Admitted {
    pools: Arc<Pools>,
    key: Key,
    config: Config,
}

impl Admitted {
    async fn connect(self) -> Result<Connection, Error> {
        let connection = self.pools.connect(self.key, self.config).await?;
        Ok(Connection::new(connection))
    }
}

impl PostgresCtxView<'_> {
    /// Whether this sandbox may reach the servers of an address and open one more connection.
    fn admit(&self, Builder { address, ca }: Builder) -> Result<Admitted, Error> {
        let component = &self.ctx.component;
        let config = address::admit(&address, &self.ctx.allowed).inspect_err(|refusal| {
            tracing::warn!(%component, "outbound connection denied: {refusal}");
        })?;
        self.has_room()?;
        Ok(Admitted {
            pools: Arc::clone(&self.ctx.pools),
            key: Key {
                component: Arc::clone(component),
                address,
                ca,
            },
            config,
        })
    }

    fn has_room(&self) -> Result<(), Error> {
        if self.ctx.open < CONNECTIONS_MAX {
            return Ok(());
        }
        Err(Error::ConnectionFailed(format!(
            "more than {CONNECTIONS_MAX} connections; hint: drop some"
        )))
    }

    /// Connecting waits, and others may have connected meanwhile: the bound is looked at again.
    fn keep(&mut self, connection: Connection) -> Fallible<Resource<Connection>> {
        if let Err(error) = self.has_room() {
            return Ok(Err(error));
        }
        let resource = self.table.push(connection)?;
        self.ctx.open += 1;
        Ok(Ok(resource))
    }

    async fn connect(&mut self, builder: Builder) -> Fallible<Resource<Connection>> {
        let admitted = match self.admit(builder) {
            Ok(admitted) => admitted,
            Err(error) => return Ok(Err(error)),
        };
        match admitted.connect().await {
            Ok(connection) => self.keep(connection),
            Err(error) => Ok(Err(error)),
        }
    }

    fn connection(&self, resource: &Resource<Connection>) -> wasmtime::Result<Connection> {
        Ok(self.table.get(resource)?.clone())
    }
}

impl Host for PostgresCtxView<'_> {}

impl HostConnectionBuilder for PostgresCtxView<'_> {
    async fn new(&mut self, address: String) -> wasmtime::Result<Resource<Builder>> {
        // A constructor has no error to give: a guest that makes builders without end is stopped.
        if self.ctx.builders >= BUILDERS_MAX {
            wasmtime::bail!("more than {BUILDERS_MAX} connection builders; hint: drop those that have built");
        }
        let resource = self.table.push(Builder::new(address))?;
        self.ctx.builders += 1;
        Ok(resource)
    }

    async fn set_ca_root(&mut self, builder: Resource<Builder>, certificate: String) -> Fallible<()> {
        Ok(self.table.get_mut(&builder)?.trust(certificate))
    }

    async fn build(&mut self, builder: Resource<Builder>) -> Fallible<Resource<Connection>> {
        let builder = self.table.get(&builder)?.clone();
        self.connect(builder).await
    }

    async fn drop(&mut self, builder: Resource<Builder>) -> wasmtime::Result<()> {
        self.table.delete(builder)?;
        self.ctx.builders = self.ctx.builders.saturating_sub(1);
        Ok(())
    }
}

impl HostConnection for PostgresCtxView<'_> {
    async fn open(&mut self, address: String) -> Fallible<Resource<Connection>> {
        self.connect(Builder::new(address)).await
    }

    async fn query(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Fallible<RowSet> {
        let connection = self.connection(&connection)?;
        let answer = match connection.query(&statement, parameters).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        let rows = answer.rows.collect().await;
        Ok(rows.map(|rows| RowSet {
            columns: answer.columns,
            rows,
        }))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Fallible<u64> {
        let connection = self.connection(&connection)?;
        Ok(connection.execute(&statement, parameters).await)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        self.ctx.open = self.ctx.open.saturating_sub(1);
        Ok(())
    }
}

async fn connect<T>(access: &Accessor<T, Postgres>, builder: Builder) -> Fallible<Resource<Connection>> {
    let admitted = match access.with(|mut access| access.get().admit(builder)) {
        Ok(admitted) => admitted,
        Err(error) => return Ok(Err(error)),
    };
    match admitted.connect().await {
        Ok(connection) => access.with(|mut access| access.get().keep(connection)),
        Err(error) => Ok(Err(error)),
    }
}

impl<T: Send> HostConnectionBuilderWithStore<T> for Postgres {
    async fn build_async(
        access: &Accessor<T, Self>,
        builder: Resource<Builder>,
    ) -> Fallible<Resource<Connection>> {
        let builder = access.with(|mut access| access.get().table.get(&builder).cloned())?;
        connect(access, builder).await
    }
}

impl<T: Send> HostConnectionWithStore<T> for Postgres {
    async fn open_async(access: &Accessor<T, Self>, address: String) -> Fallible<Resource<Connection>> {
        connect(access, Builder::new(address)).await
    }

    async fn query_async(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Fallible<Streamed> {
        let connection = access.with(|mut access| access.get().connection(&connection))?;
        let answer = match connection.query(&statement, parameters).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        let (rows, result) = answer.rows.split();
        access.with(|mut access| {
            let rows = StreamReader::new(&mut access, rows)?;
            let result = FutureReader::new(&mut access, result)?;
            Ok(Ok((answer.columns, rows, result)))
        })
    }

    async fn execute_async(
        access: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Fallible<u64> {
        let connection = access.with(|mut access| access.get().connection(&connection))?;
        Ok(connection.execute(&statement, parameters).await)
    }
}
