//! Keys as a stream of the component model.

use crate::bindings::spin::key_value::key_value::Error;
use crate::store::Store;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::{mpsc, oneshot};
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult, VecBuffer};

/// A listing under way.
pub(crate) struct Listing {
    pub(crate) pages: mpsc::Receiver<Vec<String>>,
    pub(crate) result: oneshot::Receiver<Result<(), Error>>,
}

/// Lists the keys page by page, until they end, fail, or nobody reads them any more.
pub(crate) fn list(store: Store) -> Listing {
    let (pages, receiver) = mpsc::channel(1);
    let (result, outcome) = oneshot::channel();
    tokio::spawn(async move {
        let outcome = send_pages(&store, &pages).await;
        drop(pages);
        // A guest that has dropped the future does not ask how it went.
        let _ = result.send(outcome);
    });
    Listing {
        pages: receiver,
        result: outcome,
    }
}

async fn send_pages(store: &Store, pages: &mpsc::Sender<Vec<String>>) -> Result<(), Error> {
    let mut from = None;
    // Waits for room first, so that no page is read before it is wanted.
    while let Ok(room) = pages.reserve().await {
        let page = store.page(from).await?;
        // A server may give a page without keys and have more.
        if !page.keys.is_empty() {
            room.send(page.keys);
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    Ok(())
}

pub(crate) struct KeyStream(pub(crate) mpsc::Receiver<Vec<String>>);

impl<D> StreamProducer<D> for KeyStream {
    type Item = String;
    type Buffer = VecBuffer<String>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, String, VecBuffer<String>>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        // A read of nothing asks whether the stream is ready; a receiver cannot tell without taking.
        if destination.remaining(&mut store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        match self.0.poll_recv(cx) {
            Poll::Ready(Some(page)) => {
                destination.set_buffer(page.into());
                Poll::Ready(Ok(StreamResult::Completed))
            }
            Poll::Ready(None) => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}
