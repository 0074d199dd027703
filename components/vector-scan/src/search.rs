//! Searching: the k best keys first, then what is known of them.

use std::collections::BTreeMap;

use crate::entry::Attribute;
use crate::error::Error;
use crate::rank::{Best, Scored};
use crate::store::{self, Database, Row, Value};
use crate::write::{condition, dimension_of};
use crate::{blob, limits, query, schema};

/// What to search for.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// Nearest by cosine.
    Dense(Vec<f32>),
    /// Best by BM25.
    Lexical(String),
}

/// A search.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// Where.
    pub collection: String,
    /// What for.
    pub query: Query,
    /// Only entries that have all of these.
    pub filter: Vec<Attribute>,
    /// Hits at most.
    pub limit: u32,
}

/// A passage found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// Higher is better.
    pub score: f32,
    /// The passage.
    pub text: String,
    /// What is known of it.
    pub attributes: Vec<Attribute>,
}

/// Best hits first.
pub async fn search(db: &impl Database, search: &Search) -> Result<Vec<Hit>, Error> {
    limits::collection(&search.collection)?;
    limits::attributes(&search.filter)?;
    limits::hits(search.limit)?;
    schema::ensure(db).await?;
    let best = match &search.query {
        Query::Dense(vector) => dense(db, search, &blob::unit(vector)?).await?,
        Query::Lexical(text) => match query::match_expression(text) {
            Some(expression) => lexical(db, search, expression).await?,
            None => Vec::new(),
        },
    };
    describe(db, best).await
}

async fn dense(db: &impl Database, search: &Search, vector: &[f32]) -> Result<Vec<Scored>, Error> {
    let given = u32::try_from(vector.len()).unwrap_or(u32::MAX);
    match dimension_of(db, &search.collection).await? {
        None => return Ok(Vec::new()),
        Some(expected) if expected != given => return Err(Error::DimensionMismatch { expected, given }),
        Some(_) => {}
    }
    let (condition, values) = condition(&search.collection, &search.filter);
    let sql = format!("SELECT key, vector FROM vector_entries WHERE vector IS NOT NULL AND {condition}");
    let mut best = Best::new(search.limit as usize);
    db.query(&sql, values, &mut |row| {
        let [Value::Integer(key), Value::Blob(stored)] = row.as_slice() else {
            return Err(store::unexpected());
        };
        let score = blob::dot(vector, stored).ok_or_else(store::unexpected)?;
        best.push(Scored { score, key: *key });
        Ok(())
    })
    .await?;
    Ok(best.into_sorted())
}

async fn lexical(db: &impl Database, search: &Search, expression: String) -> Result<Vec<Scored>, Error> {
    let (condition, values) = condition(&search.collection, &search.filter);
    let sql = format!(
        "SELECT vector_entries.key, -bm25(vector_words) FROM vector_words \
         JOIN vector_entries ON vector_entries.key = vector_words.rowid \
         WHERE vector_words MATCH ? AND {condition} ORDER BY bm25(vector_words), vector_entries.key LIMIT ?"
    );
    let mut parameters = vec![Value::Text(expression)];
    parameters.extend(values);
    parameters.push(Value::Integer(i64::from(search.limit)));
    let mut best = Vec::new();
    db.query(&sql, parameters, &mut |row| {
        let [Value::Integer(key), Value::Real(score)] = row.as_slice() else {
            return Err(store::unexpected());
        };
        #[expect(clippy::cast_possible_truncation, reason = "the port's scores are f32")]
        best.push(Scored {
            score: *score as f32,
            key: *key,
        });
        Ok(())
    })
    .await?;
    Ok(best)
}

async fn describe(db: &impl Database, best: Vec<Scored>) -> Result<Vec<Hit>, Error> {
    if best.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<Value> = best.iter().map(|s| Value::Integer(s.key)).collect();
    let marks = store::placeholders(keys.len());
    let sql = format!("SELECT key, id, text FROM vector_entries WHERE key IN ({marks})");
    let mut passages: BTreeMap<i64, (String, String)> = BTreeMap::new();
    for row in store::rows(db, &sql, keys.clone()).await? {
        let (key, id, text) = keyed(row)?;
        passages.insert(key, (id, text));
    }
    let sql = format!("SELECT entry, name, value FROM vector_attributes WHERE entry IN ({marks})");
    let mut attributes: BTreeMap<i64, Vec<Attribute>> = BTreeMap::new();
    for row in store::rows(db, &sql, keys).await? {
        let (key, name, value) = keyed(row)?;
        attributes.entry(key).or_default().push(Attribute { name, value });
    }
    // An entry that was deleted since the ranking is left out.
    let hits = best.into_iter().filter_map(|scored| {
        let (id, text) = passages.remove(&scored.key)?;
        let attributes = attributes.remove(&scored.key).unwrap_or_default();
        Some(Hit {
            id,
            score: scored.score,
            text,
            attributes,
        })
    });
    Ok(hits.collect())
}

fn keyed(row: Row) -> Result<(i64, String, String), Error> {
    match <[Value; 3]>::try_from(row) {
        Ok([Value::Integer(key), Value::Text(first), Value::Text(second)]) => Ok((key, first, second)),
        _ => Err(store::unexpected()),
    }
}
