//! A call for a completion, until it is made ready.

use std::time::Instant;

use super::budget::Times;
use super::line::{Lines, Placed};
use super::place::{Place, Tenant};
use super::request::ChatRequest;
use crate::call::Ticket;
use crate::inbox::{Inbox, Queued};
use crate::setup::Job;

/// A call for a completion.
pub(crate) struct ChatJob {
    pub(crate) ticket: Ticket,
    pub(crate) request: ChatRequest,
    pub(super) place: Place,
    pub(super) times: Times,
}

impl ChatJob {
    /// A call that came now; `host` is the tenant that the host names.
    pub(crate) fn new(ticket: Ticket, request: ChatRequest, host: &str) -> Self {
        Self {
            place: Place {
                priority: request.priority,
                tenant: Tenant::new(host, request.tenant.as_deref()),
            },
            times: Times::of(&request.budget, Instant::now()),
            ticket,
            request,
        }
    }
}

impl Job for ChatJob {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn into_ticket(self) -> Ticket {
        self.ticket
    }
}

impl Queued for ChatJob {
    type Line = Lines<Self>;
}

impl Placed for ChatJob {
    fn place(&self) -> &Place {
        &self.place
    }
}

/// Answers the jobs nobody waits for, or whose time is up.
pub(super) fn drop_waiting(inbox: &Inbox<ChatJob>) {
    let unwanted = |job: &ChatJob| job.ticket.is_cancelled() || job.times.expired().is_some();
    for job in inbox.remove(unwanted) {
        match job.times.expired() {
            Some(expired) if !job.ticket.is_cancelled() => job.ticket.fail(expired.error()),
            _ => drop(job),
        }
    }
}
