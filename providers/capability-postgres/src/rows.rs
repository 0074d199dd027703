//! Rows on their way: a task reads them in batches, and only as fast as the guest takes them.

use crate::bindings::spin::postgres::postgres::{Error, Row};
use crate::pools::STATEMENT_MS_MAX;
use crate::{failure, value};
use futures::TryStreamExt;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::RowStream;
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult, VecBuffer};

/// The server ends a statement at its limit; this is for one that does not answer at all.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_millis(STATEMENT_MS_MAX + 5_000);
const BATCH_ROWS_MAX: usize = 64;
const BATCH_BYTES_MAX: usize = 64 * 1024;
const ROW_BYTES_MAX: usize = 32 * 1024 * 1024;
/// What a query that answers at once may give.
const RESULT_BYTES_MAX: usize = 32 * 1024 * 1024;

struct Batch {
    rows: Vec<Row>,
    bytes: usize,
}

/// Rows under way, and how they end.
pub(crate) struct Rows {
    batches: mpsc::Receiver<Batch>,
    pub(crate) result: oneshot::Receiver<Result<(), Error>>,
}

/// Reads `stream` until it ends, fails, or nobody wants more. `connection` is held for as long.
pub(crate) fn read(stream: RowStream, connection: impl Send + 'static) -> Rows {
    let (sender, batches) = mpsc::channel(1);
    let (ended, result) = oneshot::channel();
    tokio::spawn(async move {
        let outcome = tokio::select! {
            () = sender.closed() => Ok(()),
            outcome = send(stream, &sender) => outcome,
        };
        drop(sender);
        // A guest that has dropped the future does not ask how it went.
        let _ = ended.send(outcome);
        drop(connection);
    });
    Rows { batches, result }
}

async fn send(stream: RowStream, batches: &mpsc::Sender<Batch>) -> Result<(), Error> {
    let mut stream = pin!(stream);
    // Waits for room first, so that nothing is read before it is wanted.
    while let Ok(room) = batches.reserve().await {
        let batch = next_batch(stream.as_mut()).await?;
        let is_last = batch.rows.len() < BATCH_ROWS_MAX && batch.bytes < BATCH_BYTES_MAX;
        room.send(batch);
        if is_last {
            break;
        }
    }
    Ok(())
}

/// A batch that is full, or the last.
async fn next_batch(mut stream: Pin<&mut RowStream>) -> Result<Batch, Error> {
    let mut batch = Batch {
        rows: Vec::new(),
        bytes: 0,
    };
    while batch.rows.len() < BATCH_ROWS_MAX && batch.bytes < BATCH_BYTES_MAX {
        let row = match tokio::time::timeout(ANSWER_TIMEOUT, stream.try_next()).await {
            Ok(row) => row.map_err(|error| failure::of_statement(&error))?,
            Err(_elapsed) => return Err(too_slow()),
        };
        let Some(row) = row else { break };
        let bytes = row.raw_size_bytes();
        if bytes > ROW_BYTES_MAX {
            return Err(failure::text(format!(
                "a row has more than {ROW_BYTES_MAX} bytes; hint: read large values in parts, by substring()"
            )));
        }
        batch.rows.push(value::row(&row)?);
        batch.bytes += bytes + row.len() * size_of::<usize>();
    }
    Ok(batch)
}

pub(crate) fn too_slow() -> Error {
    failure::text(format!(
        "no answer within {} s; hint: ask for less at once",
        ANSWER_TIMEOUT.as_secs()
    ))
}

impl Rows {
    /// All rows, where they are few enough.
    pub(crate) async fn collect(mut self) -> Result<Vec<Row>, Error> {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while let Some(batch) = self.batches.recv().await {
            bytes += batch.bytes;
            if bytes > RESULT_BYTES_MAX {
                return Err(failure::text(format!(
                    "the rows have more than {RESULT_BYTES_MAX} bytes; hint: use query-async, or ask for less"
                )));
            }
            rows.extend(batch.rows);
        }
        match self.result.await {
            Ok(outcome) => outcome.map(|()| rows),
            Err(_task_gone) => Err(failure::text("the rows were cut")),
        }
    }

    /// The rows as a stream, and how it ends.
    pub(crate) fn split(self) -> (RowProducer, oneshot::Receiver<Result<(), Error>>) {
        (RowProducer(self.batches), self.result)
    }
}

pub(crate) struct RowProducer(mpsc::Receiver<Batch>);

impl<D> StreamProducer<D> for RowProducer {
    type Item = Row;
    type Buffer = VecBuffer<Row>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Row, VecBuffer<Row>>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        // A read of nothing asks whether the stream is ready; a receiver cannot tell without taking.
        if destination.remaining(&mut store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        match self.0.poll_recv(cx) {
            // The last batch may be empty.
            Poll::Ready(Some(batch)) if batch.rows.is_empty() => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Ready(Some(batch)) => {
                destination.set_buffer(batch.rows.into());
                Poll::Ready(Ok(StreamResult::Completed))
            }
            Poll::Ready(None) => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}
