//! Guests that compute without pause stall nobody.

use super::{app, failure, quiet_answers};
use anyhow::{Result, ensure};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const SPINNERS: usize = 8;

/// Each of eight computes for 1.5 s, which takes two cores 6 s and one 12 s; an answer takes a few turns of 10 ms.
#[tokio::test]
async fn others_are_answered_while_eight_guests_spin() -> Result<()> {
    let server = Arc::new(app("cpu_ms_max = 1500")?.start().await?);
    quiet_answers(&server).await?;
    let over = Arc::new(AtomicUsize::new(0));
    let spinners: Vec<_> = (0..SPINNERS)
        .map(|_| {
            let (server, over) = (Arc::clone(&server), Arc::clone(&over));
            tokio::spawn(async move {
                let answer = server.get("/hostile/loop").await;
                over.fetch_add(1, Ordering::SeqCst);
                answer
            })
        })
        .collect();
    // Until they spin.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    for _ in 0..3 {
        quiet_answers(&server).await?;
    }
    ensure!(
        over.load(Ordering::SeqCst) == 0,
        "it was answered only after a guest had ended"
    );
    for spinner in spinners {
        let (status, answer) = spinner.await??;
        ensure!(status == 500, "{status}: {answer}");
        failure(&server, &answer, 500, "cpu").await?;
    }
    quiet_answers(&server).await
}
