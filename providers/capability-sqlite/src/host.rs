//! The WIT boundary.

use crate::bindings::spin::sqlite::sqlite::{
    Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
};
use crate::connection::Connection;
use crate::place::Opening;
use crate::rows::RowStream;
use crate::{CONNECTIONS_MAX, Sqlite, SqliteCtxView};
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

type Fallible<T> = wasmtime::Result<Result<T, Error>>;
type Streamed = (
    Vec<String>,
    StreamReader<RowResult>,
    FutureReader<Result<(), Error>>,
);

impl Host for SqliteCtxView<'_> {}

impl SqliteCtxView<'_> {
    /// How `database` is opened, if this sandbox may open it and one more connection.
    fn admit(&self, database: &str) -> Result<Opening, Error> {
        if !self.ctx.allowed.iter().any(|allowed| allowed == database) {
            return Err(Error::AccessDenied);
        }
        if self.ctx.open >= CONNECTIONS_MAX {
            return Err(Error::Io(format!(
                "more than {CONNECTIONS_MAX} connections; hint: drop some"
            )));
        }
        self.ctx.databases.opening(database).ok_or(Error::NoSuchDatabase)
    }

    fn keep(&mut self, connection: Connection) -> wasmtime::Result<Resource<Connection>> {
        let resource = self.table.push(connection)?;
        self.ctx.open += 1;
        Ok(resource)
    }

    fn connection(&self, resource: &Resource<Connection>) -> wasmtime::Result<Connection> {
        Ok(self.table.get(resource)?.clone())
    }
}

impl HostConnection for SqliteCtxView<'_> {
    async fn open(&mut self, database: String) -> Fallible<Resource<Connection>> {
        let opening = match self.admit(&database) {
            Ok(opening) => opening,
            Err(error) => return Ok(Err(error)),
        };
        match Connection::open(opening).await {
            Ok(connection) => Ok(Ok(self.keep(connection)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Fallible<QueryResult> {
        let connection = self.connection(&connection)?;
        let mut answer = match connection.execute(statement, parameters).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        let mut rows = Vec::new();
        while let Some(batch) = answer.rows.recv().await {
            rows.extend(batch);
        }
        Ok(answer.result.await?.map(|()| QueryResult {
            columns: answer.columns,
            rows,
        }))
    }

    async fn last_insert_rowid(&mut self, connection: Resource<Connection>) -> wasmtime::Result<i64> {
        Ok(self.connection(&connection)?.last_insert_rowid().await?)
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(self.connection(&connection)?.changes().await?)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        self.ctx.open = self.ctx.open.saturating_sub(1);
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for Sqlite {
    async fn open_async(store: &Accessor<T, Self>, database: String) -> Fallible<Resource<Connection>> {
        let opening = match store.with(|mut access| access.get().admit(&database)) {
            Ok(opening) => opening,
            Err(error) => return Ok(Err(error)),
        };
        match Connection::open(opening).await {
            Ok(connection) => Ok(Ok(store.with(|mut access| access.get().keep(connection))?)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn execute_async(
        store: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Fallible<Streamed> {
        let connection = store.with(|mut access| access.get().connection(&connection))?;
        let answer = match connection.execute(statement, parameters).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        store.with(|mut access| {
            let rows = StreamReader::new(&mut access, RowStream(answer.rows))?;
            let result = FutureReader::new(&mut access, answer.result)?;
            Ok(Ok((answer.columns, rows, result)))
        })
    }

    async fn last_insert_rowid_async(
        store: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        let connection = store.with(|mut access| access.get().connection(&connection))?;
        Ok(connection.last_insert_rowid().await?)
    }

    async fn changes_async(
        store: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<u64> {
        let connection = store.with(|mut access| access.get().connection(&connection))?;
        Ok(connection.changes().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Databases, SqliteCtx};
    use std::sync::Arc;
    use wasmtime::component::ResourceTable;

    fn admitted(allowed: &[&str], open: usize, database: &str) -> Result<Opening, Error> {
        let allowed: Vec<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let mut ctx = SqliteCtx::new(
            allowed.into(),
            Arc::new(Databases::new("state", Default::default())),
        );
        ctx.open = open;
        SqliteCtxView {
            ctx: &mut ctx,
            table: &mut ResourceTable::new(),
        }
        .admit(database)
    }

    #[test]
    fn only_granted_databases_open_and_only_so_many() {
        assert!(admitted(&["default"], 0, "default").is_ok());
        assert!(matches!(admitted(&[], 0, "default"), Err(Error::AccessDenied)));
        assert!(matches!(
            admitted(&["default"], 0, "other"),
            Err(Error::AccessDenied)
        ));
        assert!(matches!(
            admitted(&["other"], 0, "other"),
            Err(Error::NoSuchDatabase)
        ));
        assert!(matches!(
            admitted(&["default"], CONNECTIONS_MAX, "default"),
            Err(Error::Io(_))
        ));
    }
}
