use super::*;
use crate::bounds::VALUE_BYTES_MAX;
use crate::keys;
use crate::place::Place;
use crate::store::Store;
use std::collections::BTreeMap;
use tempfile::TempDir;

async fn opened(file: PathBuf) -> Result<Store, Error> {
    Store::open(&Place::File(file), "test").await
}

async fn store() -> (Store, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = opened(folder.path().join("test.db")).await.expect("it opens");
    (store, folder)
}

async fn listed(store: &Store) -> Vec<String> {
    let mut listing = keys::list(store.clone());
    let mut keys = Vec::new();
    while let Some(page) = listing.pages.recv().await {
        assert!(page.len() <= PAGE_KEYS_MAX, "{} keys in a page", page.len());
        keys.extend(page);
    }
    listing.result.await.expect("a result").expect("no error");
    keys
}

#[tokio::test]
async fn it_does_what_a_map_does() {
    let (store, _folder) = store().await;
    let mut map = BTreeMap::new();
    let keys = [
        "",
        "a",
        "b",
        "a/b",
        "'); DROP TABLE spin_key_value; --",
        "é",
        "\0",
    ];
    for (round, key) in keys.iter().chain(&keys[2..5]).enumerate() {
        let value = vec![u8::try_from(round).expect("few rounds"); round];
        store.set((*key).to_owned(), value.clone()).await.expect("sets");
        map.insert((*key).to_owned(), value);
    }
    for gone in ["b", "never there"] {
        store.delete(gone.to_owned()).await.expect("deletes");
        map.remove(gone);
    }
    for key in keys {
        let found = store.get(key.to_owned()).await.expect("gets");
        assert_eq!(found.as_ref(), map.get(key), "{key:?}");
        assert_eq!(
            store.exists(key.to_owned()).await.expect("asks"),
            map.contains_key(key)
        );
    }
    assert_eq!(listed(&store).await, map.into_keys().collect::<Vec<_>>());
}

#[tokio::test]
async fn many_keys_come_in_pages_each_once() {
    let (store, _folder) = store().await;
    let expected: Vec<String> = (0..PAGE_KEYS_MAX * 2).map(|n| format!("key/{n:04}")).collect();
    for key in &expected {
        store.set(key.clone(), Vec::new()).await.expect("sets");
    }
    assert_eq!(listed(&store).await, expected);
}

#[tokio::test]
async fn a_reader_that_leaves_holds_up_nobody() {
    let (store, _folder) = store().await;
    store.set("a".into(), Vec::new()).await.expect("sets");
    drop(keys::list(store.clone()));
    let unread = keys::list(store.clone());
    assert_eq!(listed(&store).await, ["a"]);
    drop(unread);
}

#[tokio::test]
async fn what_was_set_is_there_after_a_restart() {
    let (store, folder) = store().await;
    store.set("a".into(), b"1".to_vec()).await.expect("sets");
    drop(store);
    let again = opened(folder.path().join("test.db")).await.expect("it opens");
    assert_eq!(again.get("a".into()).await.expect("gets"), Some(b"1".to_vec()));
}

#[tokio::test]
async fn keys_and_values_are_bounded() {
    let (store, _folder) = store().await;
    let long = || "k".repeat(1025);
    let refused = |error: Error| matches!(error, Error::Other(text) if text.contains("the limit is") && text.contains("hint:"));
    assert!(refused(store.get(long()).await.expect_err("get")));
    assert!(refused(store.exists(long()).await.expect_err("exists")));
    assert!(refused(store.delete(long()).await.expect_err("delete")));
    assert!(refused(store.set(long(), Vec::new()).await.expect_err("set")));
    let value = vec![7; VALUE_BYTES_MAX];
    store
        .set("k".into(), value.clone())
        .await
        .expect("the longest fits");
    let mut longer = value.clone();
    longer.push(7);
    assert!(refused(store.set("k".into(), longer).await.expect_err("value")));
    assert_eq!(
        store.get("k".into()).await.expect("gets"),
        Some(value),
        "as it was"
    );
}

#[tokio::test]
async fn a_file_that_is_no_store_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("test.db");
    std::fs::write(
        &file,
        "this is not a database, and long enough to be looked at as one: it has no header",
    )
    .expect("writes");
    let error = opened(file).await.expect_err("no store");
    assert!(
        matches!(&error, Error::Other(text) if text.contains("hint:")),
        "{error:?}"
    );
}
