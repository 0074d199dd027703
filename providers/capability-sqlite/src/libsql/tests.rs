use super::{Remote, Server};
use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};
use gyre_test_support::Hrana;
use std::sync::Arc;
use std::time::Duration;

fn server(url: &str, token: &str) -> Arc<Server> {
    // Another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Arc::new(Server::new(url, token).expect("an address"))
}

fn remote(hrana: &Hrana) -> Remote {
    Remote::new(server(hrana.url(), Hrana::TOKEN))
}

async fn run(remote: &Remote, sql: &str, parameters: Vec<Value>) -> Result<Vec<RowResult>, Error> {
    let mut answer = remote.execute(sql.to_owned(), parameters).await?;
    let mut rows = Vec::new();
    while let Some(batch) = answer.rows.recv().await {
        assert!(batch.len() <= 64, "{} rows in a batch", batch.len());
        rows.extend(batch);
    }
    answer.result.await.expect("a result").map(|()| rows)
}

async fn count(remote: &Remote) -> i64 {
    let rows = run(remote, "SELECT count(*) FROM t", vec![])
        .await
        .expect("selects");
    match &rows[0].values[..] {
        [Value::Integer(count)] => *count,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went() {
    let hrana = Hrana::start().await.expect("a server");
    let remote = remote(&hrana);
    run(&remote, "CREATE TABLE t (i, r, s, b, n)", vec![])
        .await
        .expect("creates");
    let values = || {
        vec![
            Value::Integer(i64::MIN),
            Value::Real(-0.5),
            Value::Text("'); DROP TABLE t; --".into()),
            Value::Blob(vec![0, 255, 7]),
            Value::Null,
        ]
    };
    for _ in 0..200 {
        run(&remote, "INSERT INTO t VALUES (?, ?, ?, ?, ?)", values())
            .await
            .expect("inserts");
    }
    assert_eq!(
        (remote.last_insert_rowid().await, remote.changes().await),
        (200, 1)
    );
    run(&remote, "UPDATE t SET n = 1 WHERE rowid > 100", vec![])
        .await
        .expect("updates");
    assert_eq!(remote.changes().await, 100);
    let rows = run(&remote, "SELECT i, r, s, b, n FROM t", vec![])
        .await
        .expect("selects");
    assert_eq!(rows.len(), 200);
    assert_eq!(format!("{:?}", rows[0].values), format!("{:?}", values()));
    let answer = remote
        .execute("SELECT 1 AS one, 2 AS two".into(), vec![])
        .await
        .expect("selects");
    assert_eq!(answer.columns, ["one", "two"]);
    assert!(matches!(
        run(&remote, "nonsense", vec![]).await,
        Err(Error::Io(_))
    ));
    assert_eq!(count(&remote).await, 200, "an error ends nothing");
}

#[tokio::test]
async fn a_transaction_is_one_stream_and_a_lost_one_is_never_gone_on_with() {
    let hrana = Hrana::start().await.expect("a server");
    let (one, other) = (remote(&hrana), remote(&hrana));
    run(&one, "CREATE TABLE t (n)", vec![]).await.expect("creates");
    for statement in ["BEGIN", "INSERT INTO t VALUES (1)"] {
        run(&one, statement, vec![]).await.expect("runs");
    }
    assert_eq!((count(&one).await, count(&other).await), (1, 0));
    run(&one, "COMMIT", vec![]).await.expect("commits");
    assert_eq!(count(&other).await, 1);

    for statement in ["BEGIN", "INSERT INTO t VALUES (2)"] {
        run(&one, statement, vec![]).await.expect("runs");
    }
    hrana.forget_streams();
    let lost = run(&one, "INSERT INTO t VALUES (3)", vec![]).await;
    assert!(matches!(lost, Err(Error::Io(_))), "{lost:?}");
    let after = run(&one, "INSERT INTO t VALUES (4)", vec![]).await;
    assert!(matches!(after, Err(Error::InvalidConnection)), "{after:?}");
    let forgotten = run(&other, "SELECT 1", vec![]).await;
    assert!(forgotten.is_err(), "its stream is gone too");
    assert_eq!(
        count(&other).await,
        1,
        "but it had no transaction, so it goes on in a new one"
    );
}

#[tokio::test]
async fn a_connection_that_is_dropped_rolls_back() {
    let hrana = Hrana::start().await.expect("a server");
    let (one, other) = (remote(&hrana), remote(&hrana));
    run(&one, "CREATE TABLE t (n)", vec![]).await.expect("creates");
    for statement in ["BEGIN", "INSERT INTO t VALUES (1)"] {
        run(&one, statement, vec![]).await.expect("runs");
    }
    drop(one);
    let closed = async {
        while hrana.streams() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), closed)
        .await
        .expect("it closes its stream");
    assert_eq!(count(&other).await, 0);
    run(&other, "INSERT INTO t VALUES (2)", vec![])
        .await
        .expect("nothing is locked");
}

#[tokio::test]
async fn what_goes_wrong_is_told_without_address_or_token() {
    let hrana = Hrana::start().await.expect("a server");
    let told = async |remote: Remote| match run(&remote, "SELECT 1", vec![]).await {
        Err(Error::Io(text)) => text,
        other => panic!("{other:?}"),
    };
    let wrong = told(Remote::new(server(hrana.url(), "hunter2"))).await;
    assert!(wrong.contains("check the token"), "{wrong}");
    let lost = told(Remote::new(server("http://user:hunter2@127.0.0.1:1", "hunter2"))).await;
    assert!(lost.contains("cannot be reached"), "{lost}");
    let path = told(Remote::new(server(
        &format!("{}/hunter2", hrana.url()),
        Hrana::TOKEN,
    )))
    .await;
    assert!(path.contains("404"), "{path}");
    hrana.send_to("http://elsewhere.example.com/hunter2");
    let elsewhere = told(remote(&hrana)).await;
    assert!(elsewhere.contains("another one"), "{elsewhere}");
    for text in [wrong, lost, path, elsewhere] {
        assert!(
            text.contains("hint:") && !text.contains("hunter2") && !text.contains("127.0.0.1"),
            "{text}"
        );
    }
    assert_eq!(
        format!("{:?}", server("http://user:hunter2@h", "hunter2")),
        "Server"
    );
    for (url, token) in [
        ("libsql://h", ""),
        ("hunter2", ""),
        ("http://", ""),
        ("http://h", "hunter2\n"),
    ] {
        let error = Server::new(url, token).expect_err(url).to_string();
        assert!(error.contains("hint:") && !error.contains("hunter2"), "{error}");
    }
}
