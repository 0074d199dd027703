use super::*;
use crate::cas::Cas;
use crate::place::Place;
use crate::store::Store;
use gyre_test_support::Redis;
use std::collections::BTreeSet;

/// What files and servers do alike.
async fn does_what_stores_do(store: &Store) {
    let get = async |key: &str| store.get(key.to_owned()).await.expect("gets");
    assert_eq!(get("a").await, None);
    for (key, value) in [("a", "1"), ("é", "2"), ("empty", "")] {
        store.set(key.into(), value.into()).await.expect("sets");
    }
    assert_eq!(get("a").await, Some(b"1".to_vec()));
    assert_eq!(get("empty").await, Some(Vec::new()));
    assert!(store.exists("é".into()).await.expect("asks"));
    let many = store
        .get_many(vec!["é".into(), "none".into()])
        .await
        .expect("gets");
    assert_eq!(
        many,
        [("é".to_owned(), Some(b"2".to_vec())), ("none".to_owned(), None)]
    );
    store
        .delete_many(vec!["é".into(), "none".into()])
        .await
        .expect("deletes");
    store
        .set_many(vec![("b".into(), b"2".to_vec()), ("c".into(), b"3".to_vec())])
        .await
        .expect("sets");
    assert_eq!((get("é").await, get("b").await), (None, Some(b"2".to_vec())));
    for (delta, sum) in [(5, 5), (-7, -2), (i64::MAX, i64::MAX - 2)] {
        assert_eq!(store.increment("n".into(), delta).await.expect("adds"), sum);
    }
    assert!(store.increment("n".into(), 3).await.is_err(), "too much");
    assert!(store.increment("a/b".into(), 1).await.is_ok() && store.delete("a/b".into()).await.is_ok());

    let cas = Cas::new(store.clone(), "swapped".into()).await.expect("looks");
    assert_eq!(cas.seen(), None);
    assert!(cas.swap(b"first".to_vec()).await.expect("swaps"));
    assert!(
        !cas.swap(b"second".to_vec()).await.expect("is told"),
        "it is there now"
    );
    let fresh = cas.again().await.expect("looks");
    assert_eq!(fresh.seen(), Some(&b"first".to_vec()));
    assert!(fresh.swap(b"second".to_vec()).await.expect("swaps"));
    assert!(!fresh.swap(b"third".to_vec()).await.expect("is told"));
    store.delete("swapped".into()).await.expect("deletes");
    assert!(
        !fresh.swap(b"third".to_vec()).await.expect("is told"),
        "it is gone"
    );
    assert_eq!(get("swapped").await, None);
}

async fn listed(store: &Store) -> Vec<String> {
    let mut listing = crate::keys::list(store.clone());
    let mut keys = Vec::new();
    while let Some(page) = listing.pages.recv().await {
        keys.extend(page);
    }
    listing.result.await.expect("a result").expect("no error");
    keys
}

async fn connected(redis: &Redis) -> Store {
    let server = RedisServer::new(&redis.url()).expect("an address");
    Store::open(&Place::Redis(server), "cache").await.expect("opens")
}

#[tokio::test]
async fn files_memory_and_servers_do_the_same() {
    let redis = Redis::start().expect("a server");
    does_what_stores_do(&connected(&redis).await).await;
    does_what_stores_do(&Store::open(&Place::Memory, "m").await.expect("opens")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = Place::File(folder.path().join("a.db"));
    does_what_stores_do(&Store::open(&file, "f").await.expect("opens")).await;
}

#[tokio::test]
async fn keys_of_a_server_come_in_pages() {
    let redis = Redis::start().expect("a server");
    let store = connected(&redis).await;
    assert_eq!(listed(&store).await, Vec::<String>::new());
    let expected: BTreeSet<String> = (0..500).map(|n| format!("key/{n}")).collect();
    let entries = expected.iter().map(|key| (key.clone(), b"v".to_vec()));
    store.set_many(entries.collect()).await.expect("sets");
    assert_eq!(
        listed(&store).await.into_iter().collect::<BTreeSet<_>>(),
        expected
    );
}

#[tokio::test]
async fn a_value_that_others_wrote_is_bounded_and_of_the_right_kind() {
    let redis = Redis::start().expect("a server");
    let store = connected(&redis).await;
    let client = redis::Client::open(redis.url()).expect("an address");
    let mut other = client.get_multiplexed_async_connection().await.expect("connects");
    let mut run = async |command: &[&str]| {
        let mut all = redis::cmd(command[0]);
        all.arg(&command[1..]);
        all.query_async::<redis::Value>(&mut other).await.expect("runs")
    };
    run(&["SETRANGE", "long", &(VALUE_BYTES_MAX + 10).to_string(), "x"]).await;
    run(&["RPUSH", "list", "x"]).await;
    let refused = |error: Error, part: &str| matches!(&error, Error::Other(text) if text.contains(part) && text.contains("hint:"));
    let error = store.get("long".into()).await.expect_err("too long");
    assert!(refused(error.clone(), "the limit is"), "{error:?}");
    let error = store.get("list".into()).await.expect_err("no value");
    assert!(refused(error.clone(), "something else"), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_gone_is_told() {
    let redis = Redis::start().expect("a server");
    let url = redis.url();
    let store = connected(&redis).await;
    drop(redis);
    let error = store.get("a".into()).await.expect_err("nobody there");
    assert!(
        matches!(&error, Error::Other(text) if text.contains("hint:")),
        "{error:?}"
    );
    let server = RedisServer::new(&url).expect("an address");
    let error = Store::open(&Place::Redis(server), "cache")
        .await
        .expect_err("nobody there");
    assert!(
        matches!(&error, Error::Other(text) if text.contains("cannot be reached")),
        "{error:?}"
    );
}
