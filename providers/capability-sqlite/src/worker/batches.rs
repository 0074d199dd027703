//! Rows on their way to a reader, in bounded batches.

use super::as_error;
use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};
use rusqlite::Rows;
use rusqlite::types::ValueRef;
use tokio::sync::mpsc;

/// A batch of rows is sent when it reaches either bound.
pub(super) const BATCH_ROWS_MAX: usize = 64;
const BATCH_BYTES_MAX: usize = 256 * 1024;
/// Text and blobs of one query's rows at most.
const QUERY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Steps through the rows until they end, fail, or nobody reads them any more.
pub(super) fn send(
    mut rows: Rows<'_>,
    width: usize,
    batches: &mpsc::Sender<Vec<RowResult>>,
) -> Result<(), Error> {
    let mut batch = Vec::new();
    let (mut batch_bytes, mut query_bytes) = (0, 0);
    while let Some(row) = rows.next().map_err(as_error)? {
        let values = (0..width)
            .map(|column| row.get_ref(column).map(from_sql))
            .collect::<Result<Vec<_>, _>>()
            .map_err(as_error)?;
        let bytes = values.iter().map(size).sum::<usize>();
        query_bytes += bytes;
        if query_bytes > QUERY_BYTES_MAX {
            return Err(Error::Io(format!(
                "the rows exceed {QUERY_BYTES_MAX} bytes; hint: select fewer"
            )));
        }
        batch_bytes += bytes;
        batch.push(RowResult { values });
        if batch.len() >= BATCH_ROWS_MAX || batch_bytes >= BATCH_BYTES_MAX {
            batch_bytes = 0;
            if batches.blocking_send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
    }
    if !batch.is_empty() {
        // A reader that has gone does not want the last rows either.
        let _ = batches.blocking_send(batch);
    }
    Ok(())
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(blob) => blob.len(),
        Value::Integer(_) | Value::Real(_) | Value::Null => 8,
    }
}

fn from_sql(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => Value::Integer(integer),
        ValueRef::Real(real) => Value::Real(real),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(blob) => Value::Blob(blob.to_vec()),
    }
}
