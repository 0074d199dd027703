//! The HTTP client of tests.

use anyhow::{Context, Result};
use reqwest::Client;
use std::time::Duration;

/// A client that follows no redirect and gives up after `wait`.
pub fn client(wait: Duration) -> Result<Client> {
    // The libraries leave open who does TLS; the first test of a process names it for all.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .timeout(wait)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .context("no HTTP client")
}
