use super::batches::BATCH_ROWS_MAX;
use super::*;
use crate::connection;
use crate::place::Opening;
use crate::writers::Writers;

struct Database {
    connection: connection::Connection,
    _folder: tempfile::TempDir,
}

impl Database {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let opening = Opening::File(folder.path().join("test.db"), Writers::default());
        Self {
            connection: connection::Connection::open(opening).await.expect("it opens"),
            _folder: folder,
        }
    }

    async fn begin(&self, statement: &str, parameters: Vec<Value>) -> Result<Answer, Error> {
        self.connection.execute(statement.to_owned(), parameters).await
    }

    async fn run(&self, statement: &str, parameters: Vec<Value>) -> Result<Vec<RowResult>, Error> {
        let mut answer = self.begin(statement, parameters).await?;
        let mut rows = Vec::new();
        while let Some(batch) = answer.rows.recv().await {
            assert!(batch.len() <= BATCH_ROWS_MAX, "{} rows in a batch", batch.len());
            rows.extend(batch);
        }
        answer.result.await.expect("a result").map(|()| rows)
    }
}

#[tokio::test]
async fn rows_come_in_bounded_batches_and_parameters_are_bound() {
    let database = Database::new().await;
    database
        .run("CREATE TABLE t (n INTEGER, s TEXT)", vec![])
        .await
        .expect("creates");
    let nasty = "'); DROP TABLE t; --";
    for n in 0..200 {
        let row = vec![Value::Integer(n), Value::Text(nasty.to_owned())];
        database
            .run("INSERT INTO t VALUES (?, ?)", row)
            .await
            .expect("inserts");
    }
    let rows = database
        .run("SELECT n, s FROM t ORDER BY n", vec![])
        .await
        .expect("selects");
    assert_eq!(rows.len(), 200);
    assert!(matches!(&rows[199].values[..], [Value::Integer(199), Value::Text(text)] if text == nasty));
}

#[tokio::test]
async fn a_reader_that_leaves_does_not_hold_up_the_next_statement() {
    let database = Database::new().await;
    let many = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c";
    drop(database.begin(many, vec![]).await.expect("begins"));
    assert_eq!(database.run("SELECT 1", vec![]).await.expect("selects").len(), 1);
}

#[test]
fn a_new_file_may_be_opened_by_many_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    for round in 0..100 {
        let file = folder.path().join(format!("{round}.db"));
        let together = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    together.wait();
                    open(Some(&file)).expect("opens")
                });
            }
        });
    }
}

#[tokio::test]
async fn other_files_and_settings_are_out_of_reach() {
    let database = Database::new().await;
    for statement in [
        "ATTACH 'other.db' AS other",
        "PRAGMA journal_mode = DELETE",
        "SELECT load_extension('x')",
    ] {
        let refused = database.run(statement, vec![]).await;
        assert!(
            matches!(refused, Err(Error::AccessDenied | Error::Io(_))),
            "{statement}: {refused:?}"
        );
    }
    database
        .run("PRAGMA user_version = 3", vec![])
        .await
        .expect("its own data");
    assert!(matches!(
        database.run("nonsense", vec![]).await,
        Err(Error::Io(_))
    ));
}
