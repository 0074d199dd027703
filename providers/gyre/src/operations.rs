//! What runs beside the public socket: the operators' socket and the ticks.

use anyhow::Result;
use gyre_serve::{Admin, App, Phase, ticks};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A tick under way at the end has so long to finish, as requests have.
const TICKS_WAIT: Duration = Duration::from_secs(10);

/// What runs until it is ended.
pub(crate) struct Operations {
    phase: watch::Sender<Phase>,
    stop: watch::Sender<bool>,
    admin: Option<JoinHandle<()>>,
    ticks: Option<JoinHandle<()>>,
    app: Arc<App>,
}

impl Operations {
    /// Answers on the operators' socket, if they want one. Ticks begin when all is ready.
    pub(crate) fn start(app: &Arc<App>, socket: Option<TcpListener>) -> Result<Self> {
        let phase = watch::Sender::new(Phase::Starting);
        let admin = match socket {
            Some(socket) => {
                let admin = Admin::on(socket)?;
                announce(admin.address());
                Some(tokio::spawn(admin.run(Arc::clone(app), phase.subscribe())))
            }
            None => None,
        };
        Ok(Self {
            phase,
            stop: watch::Sender::new(false),
            admin,
            ticks: None,
            app: Arc::clone(app),
        })
    }

    /// Requests are taken, and components ticked, from now on.
    pub(crate) fn ready(&mut self) {
        self.phase.send_replace(Phase::Ready);
        let ticks = ticks::run(Arc::clone(&self.app), self.stop.subscribe());
        self.ticks = Some(tokio::spawn(ticks));
    }

    /// No new request is taken, and no tick begins.
    pub(crate) fn draining(&self) {
        self.phase.send_replace(Phase::Draining);
        self.stop.send_replace(true);
    }

    /// Waits for the tick under way, and closes the operators' socket.
    pub(crate) async fn end(self) {
        if let Some(mut ticks) = self.ticks
            && tokio::time::timeout(TICKS_WAIT, &mut ticks).await.is_err()
        {
            ticks.abort();
            eprintln!("gyre: a tick was cut");
        }
        if let Some(admin) = self.admin {
            admin.abort();
        }
    }
}

fn announce(address: SocketAddr) {
    eprintln!("gyre: /metrics, /ready and /live on http://{address}");
    if !address.ip().is_loopback() {
        eprintln!(
            "gyre: whoever reaches {address} may read them; hint: keep it inside your network, or listen on 127.0.0.1"
        );
    }
}
