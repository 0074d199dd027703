//! Telling a server to stop, as its supervisor would.

use crate::Server;
use anyhow::{Context, Result, ensure};
use std::process::Command;
use std::time::Duration;

const END_WAIT: Duration = Duration::from_secs(60);
const END_POLL: Duration = Duration::from_millis(20);

impl Server {
    /// Sends SIGTERM.
    pub fn terminate(&self) -> Result<()> {
        let sent = Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status();
        ensure!(sent.context("cannot run kill")?.success(), "not signalled");
        Ok(())
    }

    /// Waits until the process has ended; its exit code.
    pub async fn ended(&mut self) -> Result<i32> {
        let ending = async {
            loop {
                if let Some(status) = self.child.try_wait().context("no such process")? {
                    return status.code().context("it was killed by a signal");
                }
                tokio::time::sleep(END_POLL).await;
            }
        };
        let ended = tokio::time::timeout(END_WAIT, ending).await;
        ended.with_context(|| format!("it has not ended in {END_WAIT:?}"))?
    }
}
