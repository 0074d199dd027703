//! Storing and deleting, each in one transaction.

use crate::entry::{Attribute, Entry};
use crate::error::Error;
use crate::store::{self, Database, Value};
use crate::{blob, limits, schema};

/// Stores all entries, or none.
pub async fn upsert(db: &impl Database, collection: &str, entries: Vec<Entry>) -> Result<u32, Error> {
    limits::collection(collection)?;
    limits::entries(&entries)?;
    schema::ensure(db).await?;
    let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    store::execute(db, "BEGIN IMMEDIATE", vec![]).await?;
    let stored = store_all(db, collection, entries).await;
    schema::finish(db, stored).await?;
    Ok(count)
}

async fn store_all(db: &impl Database, collection: &str, entries: Vec<Entry>) -> Result<(), Error> {
    let mut dimension = dimension_of(db, collection).await?;
    for entry in entries {
        let vector = match &entry.vector {
            Some(vector) => {
                let given = u32::try_from(vector.len()).unwrap_or(u32::MAX);
                let expected = *dimension.get_or_insert(given);
                if given != expected {
                    return Err(Error::DimensionMismatch { expected, given });
                }
                Value::Blob(blob::encode(&blob::unit(vector)?))
            }
            None => Value::Null,
        };
        store_one(db, collection, entry, vector).await?;
    }
    Ok(())
}

/// Dimension of the vectors of a collection; none when it has no vectors.
pub async fn dimension_of(db: &impl Database, collection: &str) -> Result<Option<u32>, Error> {
    let sql =
        "SELECT length(vector) / 4 FROM vector_entries WHERE collection = ? AND vector IS NOT NULL LIMIT 1";
    let dimension = store::integer(db, sql, vec![collection.into()]).await?;
    dimension
        .map(|d| u32::try_from(d).map_err(|_| store::unexpected()))
        .transpose()
}

async fn store_one(db: &impl Database, collection: &str, entry: Entry, vector: Value) -> Result<(), Error> {
    let remove = "DELETE FROM vector_entries WHERE collection = ? AND id = ?";
    store::execute(db, remove, vec![collection.into(), entry.id.as_str().into()]).await?;
    let add = "INSERT INTO vector_entries (collection, id, text, vector) VALUES (?, ?, ?, ?) RETURNING key";
    let values = vec![
        collection.into(),
        Value::Text(entry.id),
        Value::Text(entry.text),
        vector,
    ];
    let key = store::integer(db, add, values)
        .await?
        .ok_or_else(store::unexpected)?;
    if entry.attributes.is_empty() {
        return Ok(());
    }
    let rows = vec!["(?, ?, ?)"; entry.attributes.len()].join(", ");
    let sql = format!("INSERT OR IGNORE INTO vector_attributes (entry, name, value) VALUES {rows}");
    let values = entry
        .attributes
        .into_iter()
        .flat_map(|a| [Value::Integer(key), Value::Text(a.name), Value::Text(a.value)])
        .collect();
    store::execute(db, &sql, values).await
}

/// Deletes entries that have all of these attributes.
pub async fn delete(db: &impl Database, collection: &str, filter: &[Attribute]) -> Result<u64, Error> {
    limits::collection(collection)?;
    limits::attributes(filter)?;
    if filter.is_empty() {
        return Err(Error::Invalid(
            "a delete needs at least one attribute to filter by".into(),
        ));
    }
    schema::ensure(db).await?;
    store::execute(db, "BEGIN IMMEDIATE", vec![]).await?;
    let deleted = delete_all(db, collection, filter).await;
    schema::finish(db, deleted).await
}

async fn delete_all(db: &impl Database, collection: &str, filter: &[Attribute]) -> Result<u64, Error> {
    // Counted first: rows deleted by triggers must not be counted.
    let count = count_all(db, collection, filter).await?;
    let (condition, values) = condition(collection, filter);
    let sql = format!("DELETE FROM vector_entries WHERE {condition}");
    store::execute(db, &sql, values).await?;
    Ok(count)
}

/// Counts entries that have all of these attributes.
pub async fn count(db: &impl Database, collection: &str, filter: &[Attribute]) -> Result<u64, Error> {
    limits::collection(collection)?;
    limits::attributes(filter)?;
    schema::ensure(db).await?;
    count_all(db, collection, filter).await
}

async fn count_all(db: &impl Database, collection: &str, filter: &[Attribute]) -> Result<u64, Error> {
    let (condition, values) = condition(collection, filter);
    let sql = format!("SELECT count(*) FROM vector_entries WHERE {condition}");
    let count = store::integer(db, &sql, values)
        .await?
        .ok_or_else(store::unexpected)?;
    u64::try_from(count).map_err(|_| store::unexpected())
}

/// The condition that an entry is of a collection and has these attributes. Holds placeholders, never values.
#[must_use]
pub fn condition(collection: &str, filter: &[Attribute]) -> (String, Vec<Value>) {
    let mut sql = String::from("vector_entries.collection = ?");
    let mut values = vec![collection.into()];
    for attribute in filter {
        sql.push_str(
            " AND EXISTS (SELECT 1 FROM vector_attributes a \
             WHERE a.entry = vector_entries.key AND a.name = ? AND a.value = ?)",
        );
        values.extend([attribute.name.as_str().into(), attribute.value.as_str().into()]);
    }
    (sql, values)
}
