//! Appending and removing, each in one transaction.

use crate::entry::Event;
use crate::error::Error;
use crate::store::{self, Database, Value, number, transaction};
use crate::{limits, schema};

/// Appends all events, or none; when a length is expected, only to a stream that has it. Gives the new length.
pub async fn append<D: Database>(
    db: &D,
    now_ms: u64,
    name: &str,
    expected: Option<u64>,
    events: Vec<Event>,
) -> Result<u64, Error> {
    limits::name(name)?;
    limits::events(&events)?;
    schema::ensure(db).await?;
    transaction(db, async |db: &D| {
        let stream = stream(db, name).await?;
        let length = stream.as_ref().map_or(0, |stream| stream.length);
        if expected.is_some_and(|expected| expected != length) {
            return Err(Error::Conflict(length));
        }
        if length + events.len() as u64 > limits::STREAM_EVENTS_MAX {
            return Err(limits::invalid(
                format!(
                    "a stream has at most {} events, this one has {length}",
                    limits::STREAM_EVENTS_MAX
                ),
                "begin another stream, or remove this one",
            ));
        }
        let stream = match stream {
            Some(stream) => stream,
            None => begin(db, name, now_ms).await?,
        };
        add(db, stream, now_ms, events).await
    })
    .await
}

/// A stream as it is stored.
struct Stream {
    key: u64,
    length: u64,
    updated_ms: u64,
}

async fn stream(db: &impl Database, name: &str) -> Result<Option<Stream>, Error> {
    let sql = "SELECT key, length, updated_ms FROM ledger_streams WHERE name = ?";
    let rows = db.query(sql, vec![name.into()]).await?;
    let read = |row: &store::Row| {
        Ok(Stream {
            key: number(row.first())?,
            length: number(row.get(1))?,
            updated_ms: number(row.get(2))?,
        })
    };
    rows.first().map(read).transpose()
}

async fn begin(db: &impl Database, name: &str, now_ms: u64) -> Result<Stream, Error> {
    let sql = "INSERT INTO ledger_streams (name, length, created_ms, updated_ms, changed) \
               VALUES (?, 0, ?, ?, 0) RETURNING key";
    let rows = db
        .query(sql, vec![name.into(), now_ms.into(), now_ms.into()])
        .await?;
    Ok(Stream {
        key: number(rows.first().and_then(|row| row.first()))?,
        length: 0,
        updated_ms: now_ms,
    })
}

async fn add(db: &impl Database, mut stream: Stream, now_ms: u64, events: Vec<Event>) -> Result<u64, Error> {
    // A clock may be set back; time within a stream may not.
    stream.updated_ms = stream.updated_ms.max(now_ms);
    let sql = "INSERT INTO ledger_events (stream, sequence, at_ms, bytes, kind, body) \
               VALUES (?, ?, ?, ?, ?, ?) RETURNING key";
    let mut changed = 0;
    for event in events {
        stream.length += 1;
        let values = vec![
            stream.key.into(),
            stream.length.into(),
            stream.updated_ms.into(),
            (event.body.len() as u64).into(),
            Value::Text(event.kind),
            Value::Text(event.body),
        ];
        let rows = db.query(sql, values).await?;
        changed = number(rows.first().and_then(|row| row.first()))?;
    }
    let sql = "UPDATE ledger_streams SET length = ?, updated_ms = ?, changed = ? WHERE key = ?";
    let values = [stream.length, stream.updated_ms, changed, stream.key];
    db.query(sql, values.map(Value::from).to_vec()).await?;
    Ok(stream.length)
}

/// Removes a stream and its events; whether there was one.
pub async fn remove<D: Database>(db: &D, name: &str) -> Result<bool, Error> {
    limits::name(name)?;
    schema::ensure(db).await?;
    transaction(db, async |db: &D| {
        let Some(stream) = stream(db, name).await? else {
            return Ok(false);
        };
        for sql in [
            "DELETE FROM ledger_events WHERE stream = ?",
            "DELETE FROM ledger_streams WHERE key = ?",
        ] {
            db.query(sql, vec![stream.key.into()]).await?;
        }
        Ok(true)
    })
    .await
}
