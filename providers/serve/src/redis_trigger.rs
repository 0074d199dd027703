//! The Redis trigger: subscribes to channels, and hands each message to the components that want it.
//!
//! As on stock Spin, the messages of a channel reach a component in order. Unlike there, a slow component holds up no
//! other, a lost server is asked for again, and what cannot be handled in time is bounded, dropped and counted.

use crate::app::App;
use crate::receiver::Receiver;
use crate::subscription::Subscription;
use gyre_capability_redis::{Address, Subscriber};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(10);
/// Messages that wait at shutdown have this long to be handled.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// The subscriptions of an application.
pub struct Channels {
    app: Arc<App>,
}

/// One server and who gets the messages of its channels.
struct Server {
    address: Address,
    receivers: BTreeMap<String, Vec<Receiver>>,
}

impl Channels {
    /// The subscriptions of `app`; none is made yet.
    pub fn new(app: &Arc<App>) -> Self {
        Self { app: Arc::clone(app) }
    }

    /// Who gets messages from where.
    pub fn subscriptions(&self) -> &[Subscription] {
        self.app.subscriptions()
    }

    /// Subscribes and hands messages on until `shutdown`, then lets those that wait be handled. Returns whether all were.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> bool {
        let mut work = JoinSet::new();
        let servers = self.servers(&mut work);
        let mut watching = JoinSet::new();
        for server in servers {
            watching.spawn(watch(server));
        }
        shutdown.await;
        // With the last of them end the queues, and with these the work.
        watching.shutdown().await;
        let handled = async { while work.join_next().await.is_some() {} };
        tokio::time::timeout(DRAIN_TIMEOUT, handled).await.is_ok()
    }

    fn servers(&self, work: &mut JoinSet<()>) -> Vec<Server> {
        let mut servers: BTreeMap<&str, Server> = BTreeMap::new();
        for subscription in self.subscriptions() {
            let Subscription {
                component, channel, ..
            } = subscription;
            let (receiver, working) = Receiver::new(Arc::clone(&self.app), channel, component);
            work.spawn(working);
            let server = servers.entry(&subscription.text).or_insert_with(|| Server {
                address: subscription.address.clone(),
                receivers: BTreeMap::new(),
            });
            server
                .receivers
                .entry(channel.clone())
                .or_default()
                .push(receiver);
        }
        servers.into_values().collect()
    }
}

/// Stays subscribed to one server.
async fn watch(server: Server) {
    let address = &server.address;
    let channels: Vec<&str> = server.receivers.keys().map(String::as_str).collect();
    let mut retry = RETRY_FIRST;
    loop {
        match Subscriber::connect(address, &channels).await {
            Ok(subscriber) => {
                tracing::info!(%address, ?channels, "subscribed");
                retry = RETRY_FIRST;
                hand_on(subscriber, &server.receivers).await;
                tracing::warn!(%address, "the connection to Redis is lost: messages until the next are missed");
            }
            Err(error) => tracing::warn!(%address, ?retry, "no messages: {error}"),
        }
        tokio::time::sleep(retry).await;
        retry = RETRY_MAX.min(retry * 2);
    }
}

async fn hand_on(mut subscriber: Subscriber, receivers: &BTreeMap<String, Vec<Receiver>>) {
    while let Some(message) = subscriber.next().await {
        for receiver in receivers.get(&message.channel).into_iter().flatten() {
            receiver.take(message.payload.clone());
        }
    }
}
