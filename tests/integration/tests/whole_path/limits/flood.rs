//! More connections than the server takes, none of which says anything whole.

use super::socket::Socket;
use super::{app, quiet_answers};
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 16;
/// Until the server cuts them it is full.
const IDLE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn connections_that_say_nothing_are_cut_and_others_get_their_turn() -> Result<()> {
    let server = app("")?
        .option("--connections", &CONNECTIONS.to_string())
        .option("--idle", &IDLE.as_secs().to_string())
        .start()
        .await?;
    let mut sockets = Vec::new();
    for number in 0..CONNECTIONS {
        let mut socket = Socket::open(&server).await?;
        // Every other one is as slow as can be.
        if number % 2 == 0 {
            socket.say(b"GET /quiet/ok HT").await?;
        }
        sockets.push(socket);
    }
    let begun = Instant::now();
    quiet_answers(&server).await?;
    ensure!(begun.elapsed() > IDLE / 2, "there was room for one more");
    for socket in &mut sockets {
        let heard = socket.heard().await?;
        ensure!(heard.status() != Some(200), "{}", heard.text());
    }
    quiet_answers(&server).await
}
