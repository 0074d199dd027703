//! The statements against a real SQLite with FTS5, without a sandbox.

use std::future::Future;

use futures::executor::block_on;
use rusqlite::Connection;
use rusqlite::types::{Value as Sql, ValueRef};
use vector_scan::entry::{Attribute, Entry};
use vector_scan::error::Error;
use vector_scan::search::{Hit, Query, Search, search};
use vector_scan::store::{Database, Row, Value};
use vector_scan::write::{count, delete, upsert};

struct Native(Connection);

impl Native {
    fn new() -> Self {
        Self(Connection::open_in_memory().expect("a database"))
    }

    fn run(
        &self,
        sql: &str,
        parameters: Vec<Value>,
        on_row: &mut dyn FnMut(Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let failed = |error: rusqlite::Error| Error::Internal(format!("{error} in {sql}"));
        let parameters = parameters.into_iter().map(|value| match value {
            Value::Integer(number) => Sql::Integer(number),
            Value::Real(number) => Sql::Real(number),
            Value::Text(text) => Sql::Text(text),
            Value::Blob(bytes) => Sql::Blob(bytes),
            Value::Null => Sql::Null,
        });
        let mut statement = self.0.prepare(sql).map_err(failed)?;
        let columns = statement.column_count();
        let mut rows = statement
            .query(rusqlite::params_from_iter(parameters))
            .map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let value = |i| match row.get_ref_unwrap(i) {
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Real(number) => Value::Real(number),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
                ValueRef::Null => Value::Null,
            };
            on_row((0..columns).map(value).collect())?;
        }
        Ok(())
    }
}

impl Database for Native {
    fn query(
        &self,
        sql: &str,
        parameters: Vec<Value>,
        on_row: &mut dyn FnMut(Row) -> Result<(), Error>,
    ) -> impl Future<Output = Result<(), Error>> {
        std::future::ready(self.run(sql, parameters, on_row))
    }
}

fn attributes(pairs: &[(&str, &str)]) -> Vec<Attribute> {
    pairs
        .iter()
        .map(|(n, v)| Attribute {
            name: (*n).into(),
            value: (*v).into(),
        })
        .collect()
}

fn entry(id: &str, text: &str, vector: Option<&[f32]>, pairs: &[(&str, &str)]) -> Entry {
    Entry {
        id: id.into(),
        text: text.into(),
        vector: vector.map(<[f32]>::to_vec),
        attributes: attributes(pairs),
    }
}

fn find(db: &Native, query: Query, filter: &[(&str, &str)], limit: u32) -> Result<Vec<Hit>, Error> {
    block_on(search(
        db,
        &Search {
            collection: "c".into(),
            query,
            filter: attributes(filter),
            limit,
        },
    ))
}

fn ids(hits: &[Hit]) -> Vec<&str> {
    hits.iter().map(|h| h.id.as_str()).collect()
}

fn lexical(db: &Native, text: &str) -> Vec<Hit> {
    find(db, Query::Lexical(text.into()), &[], 10).expect("hits")
}

fn filled() -> Native {
    let db = Native::new();
    let entries = vec![
        entry(
            "a",
            "Gyre isolates every agent in a sandbox.",
            Some(&[2.0, 0.0]),
            &[("source", "x"), ("line", "1")],
        ),
        entry(
            "b",
            "A sandbox has only the powers it was granted.",
            Some(&[1.0, 1.0]),
            &[("source", "x")],
        ),
        entry(
            "c",
            "Tokens stream to the client.",
            Some(&[0.0, -3.0]),
            &[("source", "y")],
        ),
        entry("d", "Without a vector.", None, &[("source", "y")]),
    ];
    assert_eq!(block_on(upsert(&db, "c", entries)), Ok(4));
    db
}

#[test]
fn dense_search_ranks_by_cosine() {
    let db = filled();
    let hits = find(&db, Query::Dense(vec![5.0, 0.1]), &[], 2).expect("hits");
    assert_eq!(ids(&hits), ["a", "b"]);
    assert!((hits[0].score - 1.0).abs() < 1e-2);
    assert_eq!(hits[0].attributes, attributes(&[("line", "1"), ("source", "x")]));
    let filtered = find(&db, Query::Dense(vec![5.0, 0.1]), &[("source", "y")], 5).expect("hits");
    assert_eq!(ids(&filtered), ["c"]);
}

#[test]
fn lexical_search_ranks_by_words_and_stems() {
    let db = filled();
    assert_eq!(ids(&lexical(&db, "How is an agent isolated?")), ["a"]);
    let hits = lexical(&db, "sandboxes for agents");
    assert_eq!(ids(&hits), ["a", "b"]);
    assert!(hits[0].score > hits[1].score);
    assert!(lexical(&db, "nothing of the kind").is_empty());
    assert!(lexical(&db, "?!").is_empty());
    let filtered = find(
        &db,
        Query::Lexical("sandbox client".into()),
        &[("source", "y")],
        5,
    )
    .expect("hits");
    assert_eq!(ids(&filtered), ["c"]);
}

#[test]
fn an_upsert_replaces_and_forgets_the_old_words() {
    let db = filled();
    let new = entry("a", "Entirely new.", Some(&[0.0, 1.0]), &[("source", "z")]);
    block_on(upsert(&db, "c", vec![new])).expect("stored");
    assert_eq!(ids(&lexical(&db, "isolates")), Vec::<&str>::new());
    assert_eq!(ids(&lexical(&db, "entirely")), ["a"]);
    assert_eq!(block_on(count(&db, "c", &[])), Ok(4));
    assert_eq!(block_on(count(&db, "c", &attributes(&[("source", "x")]))), Ok(1));
}

#[test]
fn an_upsert_stores_all_or_nothing() {
    let db = filled();
    let mixed = vec![
        entry("e", "Good.", Some(&[1.0, 0.0]), &[]),
        entry("f", "Of another dimension.", Some(&[1.0, 0.0, 0.0]), &[]),
    ];
    let refused = block_on(upsert(&db, "c", mixed));
    assert_eq!(
        refused,
        Err(Error::DimensionMismatch {
            expected: 2,
            given: 3
        })
    );
    assert_eq!(block_on(count(&db, "c", &[])), Ok(4));
    let searched = find(&db, Query::Dense(vec![1.0]), &[], 1);
    assert_eq!(
        searched,
        Err(Error::DimensionMismatch {
            expected: 2,
            given: 1
        })
    );
}

#[test]
fn a_delete_takes_words_and_attributes_along() {
    let db = filled();
    assert_eq!(
        block_on(delete(&db, "c", &attributes(&[("source", "x"), ("line", "1")]))),
        Ok(1)
    );
    assert_eq!(block_on(delete(&db, "c", &attributes(&[("source", "x")]))), Ok(1));
    assert_eq!(block_on(delete(&db, "c", &attributes(&[("source", "x")]))), Ok(0));
    assert!(lexical(&db, "sandbox").is_empty());
    assert_eq!(block_on(count(&db, "c", &[])), Ok(2));
    assert!(matches!(block_on(delete(&db, "c", &[])), Err(Error::Invalid(_))));
}

#[test]
fn collections_do_not_mix() {
    let db = filled();
    let other = entry("a", "sandbox", Some(&[1.0, 2.0, 3.0]), &[("source", "x")]);
    block_on(upsert(&db, "other", vec![other])).expect("stored");
    assert_eq!(block_on(count(&db, "c", &[])), Ok(4));
    assert_eq!(ids(&lexical(&db, "sandbox")), ["a", "b"]);
    assert_eq!(
        block_on(delete(&db, "other", &attributes(&[("source", "x")]))),
        Ok(1)
    );
    assert_eq!(block_on(count(&db, "c", &[])), Ok(4));
}

#[test]
fn values_are_never_sql() {
    let db = filled();
    let evil = "x' OR 1=1; DROP TABLE vector_entries; --";
    assert_eq!(block_on(count(&db, evil, &attributes(&[(evil, evil)]))), Ok(0));
    assert_eq!(
        ids(&lexical(&db, evil)),
        ["d"],
        "found by its word `vector`, and nothing else happened"
    );
    let stored = entry(evil, evil, None, &[(evil, evil)]);
    assert_eq!(block_on(upsert(&db, "c", vec![stored])), Ok(1));
    assert_eq!(block_on(count(&db, "c", &[])), Ok(5));
}

#[test]
fn bounds_are_kept() {
    let db = Native::new();
    for entries in [
        vec![],
        vec![entry("", "t", None, &[])],
        vec![entry("a", "", None, &[])],
    ] {
        assert!(matches!(
            block_on(upsert(&db, "c", entries)),
            Err(Error::Invalid(_))
        ));
    }
    assert!(matches!(
        find(&db, Query::Lexical("a".into()), &[], 0),
        Err(Error::Invalid(_))
    ));
    assert!(matches!(
        find(&db, Query::Lexical("a".into()), &[], 1001),
        Err(Error::Invalid(_))
    ));
    assert_eq!(find(&db, Query::Dense(vec![1.0]), &[], 1), Ok(vec![]));
}
