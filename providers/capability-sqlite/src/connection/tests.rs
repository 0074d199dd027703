//! Many connections to one file, as sandboxes hold them.

use super::*;
use futures::future::try_join_all;
use tempfile::TempDir;
use tokio::task::JoinHandle;

struct File {
    writers: Writers,
    folder: TempDir,
}

impl File {
    async fn new() -> Self {
        let file = Self {
            writers: Writers::default(),
            folder: tempfile::tempdir().expect("a folder"),
        };
        let table = "CREATE TABLE t (n INTEGER CHECK (n > 0))";
        run(&file.open().await, table).await.expect("creates");
        file
    }

    fn opening(&self) -> Opening {
        Opening::File(self.folder.path().join("test.db"), self.writers.clone())
    }

    async fn open(&self) -> Connection {
        Connection::open(self.opening()).await.expect("opens")
    }

    /// Starts a statement on a connection of its own, which waits for its turn when this returns.
    async fn queue(&self, statement: String) -> JoinHandle<Result<(), Error>> {
        let before = self.writers.waiting();
        let connection = self.open().await;
        let task = tokio::spawn(async move { run(&connection, &statement).await.map(drop) });
        while self.writers.waiting() == before {
            assert!(!task.is_finished(), "it did not wait");
            tokio::task::yield_now().await;
        }
        task
    }

    async fn numbers(&self) -> Vec<i64> {
        let rows = run(&self.open().await, "SELECT n FROM t ORDER BY rowid").await;
        rows.expect("selects")
    }
}

/// Runs a statement and gives the numbers of its rows.
async fn run(connection: &Connection, statement: &str) -> Result<Vec<i64>, Error> {
    let mut answer = connection.execute(statement.to_owned(), vec![]).await?;
    let mut numbers = Vec::new();
    while let Some(batch) = answer.rows.recv().await {
        numbers.extend(batch.iter().map(|row| match row.values[..] {
            [Value::Integer(number)] => number,
            ref other => panic!("{other:?}"),
        }));
    }
    answer.result.await.expect("a result")?;
    Ok(numbers)
}

#[tokio::test]
async fn writers_go_in_the_order_in_which_they_came() {
    let file = File::new().await;
    let first = file.open().await;
    run(&first, "BEGIN IMMEDIATE").await.expect("begins");
    let mut queue = Vec::new();
    for number in 1..=20 {
        queue.push(file.queue(format!("INSERT INTO t VALUES ({number})")).await);
    }
    assert!(file.numbers().await.is_empty(), "who only reads does not wait");
    run(&first, "COMMIT").await.expect("commits");
    for waits in queue {
        waits.await.expect("no panic").expect("inserts");
    }
    assert_eq!(file.numbers().await, (1..=20).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_very_many_writers_none_is_refused() {
    const WRITERS: i64 = 96;
    const EACH: i64 = 6;
    let file = File::new().await;
    let writer = async |number: i64| -> Result<(), Error> {
        for _ in 0..EACH {
            let connection = Connection::open(file.opening()).await?;
            run(&connection, "BEGIN IMMEDIATE").await?;
            let seen = run(&connection, "SELECT count(*) FROM t").await?;
            run(
                &connection,
                &format!("INSERT INTO t VALUES ({number}) RETURNING n"),
            )
            .await?;
            // Others come while this one holds the file.
            tokio::task::yield_now().await;
            let now = run(&connection, "SELECT count(*) FROM t").await?;
            assert_eq!(now[0], seen[0] + 1, "nobody comes into a transaction");
            run(&connection, "COMMIT").await?;
        }
        Ok(())
    };
    try_join_all((1..=WRITERS).map(writer))
        .await
        .expect("all are served");
    let mut numbers = file.numbers().await;
    numbers.sort_unstable();
    let expected: Vec<i64> = (1..=WRITERS).flat_map(|number| [number; EACH as usize]).collect();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn a_turn_lasts_from_the_first_write_to_the_end_of_its_transaction() {
    let insert = "INSERT INTO t VALUES (1)";
    for (statements, holds) in [
        (&[insert][..], false),
        (&["INSERT INTO t VALUES (1) RETURNING n"], false),
        (&["INSERT INTO t VALUES (-1)"], false),
        (&["nonsense"], false),
        (&["BEGIN", "SELECT n FROM t"], false),
        (&["BEGIN", insert], true),
        (&["BEGIN", insert, "ROLLBACK"], false),
        (&["BEGIN IMMEDIATE"], true),
        (
            &["BEGIN IMMEDIATE", "nonsense", "INSERT INTO t VALUES (-1)"],
            true,
        ),
        (&["BEGIN IMMEDIATE", "COMMIT"], false),
        (&["SAVEPOINT s", insert], true),
        (&["SAVEPOINT s", insert, "RELEASE s"], false),
        (&["BEGIN", "SAVEPOINT s", insert, "RELEASE s"], true),
        (&["PRAGMA user_version = 1"], false),
    ] {
        let file = File::new().await;
        let connection = file.open().await;
        for statement in statements {
            // Some are wrong on purpose.
            let _ = run(&connection, statement).await;
        }
        if holds {
            let waits = file.queue("INSERT INTO t VALUES (2)".to_owned()).await;
            drop(connection);
            waits.await.expect("no panic").expect("inserts");
            assert_eq!(file.numbers().await, [2], "{statements:?} was rolled back");
        } else {
            let other = file.open().await;
            run(&other, "INSERT INTO t VALUES (2)").await.expect("inserts");
        }
    }
}

#[tokio::test]
async fn who_gives_up_is_in_nobodys_way() {
    let file = File::new().await;
    let first = file.open().await;
    run(&first, "BEGIN IMMEDIATE").await.expect("begins");
    let gone = file.queue("INSERT INTO t VALUES (1)".to_owned()).await;
    let stays = file.queue("INSERT INTO t VALUES (2)".to_owned()).await;
    gone.abort();
    assert!(gone.await.is_err_and(|error| error.is_cancelled()));
    run(&first, "COMMIT").await.expect("commits");
    stays.await.expect("no panic").expect("inserts");
    assert_eq!(file.numbers().await, [2]);
}

#[tokio::test]
async fn statements_of_one_connection_keep_their_order() {
    let file = File::new().await;
    let first = file.open().await;
    run(&first, "BEGIN IMMEDIATE").await.expect("begins");
    let connection = file.open().await;
    let mut inserts = Box::pin(run(&connection, "INSERT INTO t VALUES (1)"));
    while file.writers.waiting() == 0 {
        assert!(futures::poll!(&mut inserts).is_pending());
        tokio::task::yield_now().await;
    }
    let mut selects = Box::pin(run(&connection, "SELECT n FROM t"));
    assert!(futures::poll!(&mut selects).is_pending());
    run(&first, "COMMIT").await.expect("commits");
    let (inserted, selected) = futures::join!(inserts, selects);
    inserted.expect("inserts");
    assert_eq!(selected.expect("selects"), [1]);
}
