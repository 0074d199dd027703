//! Reading, each call one statement: it sees one state of the stream.

use crate::entry::{Entry, Event, StreamInfo};
use crate::error::Error;
use crate::store::{Database, Row, number, text, unexpected};
use crate::{limits, schema};

/// The events of a slice, up to the first that would pass the bound of bytes; the slice's first is always among them.
macro_rules! entries {
    ($slice:literal, $order:literal) => {
        concat!(
            "WITH slice AS (SELECT key, sequence, bytes FROM ledger_events \
             WHERE stream = (SELECT key FROM ledger_streams WHERE name = ?) AND ",
            $slice,
            " ORDER BY sequence ",
            $order,
            " LIMIT ?), \
             sized AS (SELECT key, bytes, sum(bytes) OVER (ORDER BY sequence ",
            $order,
            ") AS total FROM slice) \
             SELECT e.sequence, e.at_ms, e.kind, e.body FROM sized \
             JOIN ledger_events e ON e.key = sized.key \
             WHERE total <= ? OR total = sized.bytes ORDER BY e.sequence"
        )
    };
}

/// Events after a sequence, oldest first.
pub async fn read(db: &impl Database, name: &str, after: u64, limit: u32) -> Result<Vec<Entry>, Error> {
    entries(db, entries!("sequence > ?", "ASC"), name, after, limit).await
}

/// The last events, oldest first.
pub async fn tail(db: &impl Database, name: &str, limit: u32) -> Result<Vec<Entry>, Error> {
    entries(db, entries!("sequence > ?", "DESC"), name, 0, limit).await
}

async fn entries(
    db: &impl Database,
    sql: &str,
    name: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    limits::name(name)?;
    limits::items(limit)?;
    schema::ensure(db).await?;
    let values = vec![
        name.into(),
        after.into(),
        u64::from(limit).into(),
        limits::ANSWER_BYTES_MAX.into(),
    ];
    let rows = db.query(sql, values).await?;
    rows.into_iter().map(entry).collect()
}

fn entry(row: Row) -> Result<Entry, Error> {
    let [sequence, at_ms, kind, body] = <[_; 4]>::try_from(row).map_err(|_| unexpected())?;
    Ok(Entry {
        sequence: number(Some(&sequence))?,
        at_ms: number(Some(&at_ms))?,
        event: Event {
            kind: text(Some(kind))?,
            body: text(Some(body))?,
        },
    })
}

/// Streams whose name begins with a prefix, changed last first.
pub async fn list(
    db: &impl Database,
    prefix: &str,
    offset: u32,
    limit: u32,
) -> Result<Vec<StreamInfo>, Error> {
    limits::prefix(prefix)?;
    limits::items(limit)?;
    schema::ensure(db).await?;
    let sql = "SELECT name, length, created_ms, updated_ms FROM ledger_streams \
               WHERE name >= ? AND name < ? ORDER BY changed DESC LIMIT ? OFFSET ?";
    // Names are visible ASCII: DEL comes after whatever may follow the prefix.
    let values = vec![
        prefix.into(),
        format!("{prefix}\u{7f}").as_str().into(),
        u64::from(limit).into(),
        u64::from(offset).into(),
    ];
    let rows = db.query(sql, values).await?;
    rows.into_iter().map(info).collect()
}

fn info(row: Row) -> Result<StreamInfo, Error> {
    let [name, length, created_ms, updated_ms] = <[_; 4]>::try_from(row).map_err(|_| unexpected())?;
    Ok(StreamInfo {
        name: text(Some(name))?,
        length: number(Some(&length))?,
        created_ms: number(Some(&created_ms))?,
        updated_ms: number(Some(&updated_ms))?,
    })
}
