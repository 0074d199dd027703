//! What can be done with sessions, over any ledger.

use gyre_agent_wire::Problem;
use gyre_ledger::{Ledger, StreamName, gather};
use serde::Serialize;

use crate::name;
use crate::recall;
use crate::turn::{Message, Role, Turn};

/// Bytes of turns in one answer, unless it is a single turn.
const TRANSCRIPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The answer of `recall_session`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Recalled {
    session: String,
    /// How many turns the session has, recalled or not.
    turns: u64,
    messages: Vec<Message>,
}

/// The answer of `append_turn`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Appended {
    session: String,
    turns: u64,
}

/// The answer of `GET /sessions`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Sessions {
    sessions: Vec<Summary>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Summary {
    id: String,
    turns: u64,
    created_ms: u64,
    updated_ms: u64,
}

/// The answer of `GET /sessions/{id}`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Transcript {
    #[serde(flatten)]
    summary: Summary,
    messages: Vec<Said>,
    /// Given where there is more: what to send as `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_after: Option<u64>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Said {
    role: Role,
    content: String,
    run: String,
    at_ms: u64,
}

/// Keeps a turn.
pub async fn append(ledger: &impl Ledger, name: &StreamName, turn: &Turn) -> Result<Appended, Problem> {
    let turns = ledger.append(name.stream(), None, vec![turn.to_event()?]).await?;
    Ok(Appended {
        session: name.id().to_owned(),
        turns,
    })
}

/// The newest turns, within the bounds of a recall.
pub async fn recall(ledger: &impl Ledger, name: &StreamName, limit: u32) -> Result<Recalled, Problem> {
    // A turn has a message at least, so no more turns than messages can be wanted.
    let entries = ledger.tail(name.stream(), limit).await?;
    let turns = entries.last().map_or(0, |entry| entry.sequence);
    let kept = entries
        .iter()
        .map(Turn::from_entry)
        .collect::<Result<Vec<_>, _>>()?;
    let kept = recall::newest(kept, limit as usize, recall::BYTES_MAX);
    Ok(Recalled {
        session: name.id().to_owned(),
        turns,
        messages: kept.into_iter().flat_map(|turn| turn.messages).collect(),
    })
}

/// The sessions of a tenant, changed last first.
pub async fn list(ledger: &impl Ledger, tenant: &str, offset: u32, limit: u32) -> Result<Sessions, Problem> {
    let prefix = name::prefix(tenant);
    let streams = ledger.list(&prefix, offset, limit).await?;
    let summary = |stream: gyre_ledger::Stream| Summary {
        id: stream.name[prefix.len()..].to_owned(),
        turns: stream.length,
        created_ms: stream.created_ms,
        updated_ms: stream.updated_ms,
    };
    Ok(Sessions {
        sessions: streams.into_iter().map(summary).collect(),
    })
}

/// What was said in a session after a turn, from the first on.
pub async fn get(ledger: &impl Ledger, name: &StreamName, after: u64) -> Result<Transcript, Problem> {
    let first = ledger.read(name.stream(), 0, 1).await?;
    let last = ledger.tail(name.stream(), 1).await?;
    let (Some(first), Some(last)) = (first.first(), last.last()) else {
        return Err(unknown(name));
    };
    let gathered = gather(ledger, name.stream(), after, TRANSCRIPT_BYTES_MAX).await?;
    let mut messages = Vec::new();
    for entry in &gathered.entries {
        let turn = Turn::from_entry(entry)?;
        messages.extend(turn.messages.into_iter().map(|message| Said {
            role: message.role,
            content: message.content,
            run: turn.run.clone(),
            at_ms: entry.at_ms,
        }));
    }
    let summary = Summary {
        id: name.id().to_owned(),
        turns: last.sequence,
        created_ms: first.at_ms,
        updated_ms: last.at_ms,
    };
    Ok(Transcript {
        summary,
        messages,
        next_after: gathered.next_after,
    })
}

/// Forgets a session.
pub async fn delete(ledger: &impl Ledger, name: &StreamName) -> Result<(), Problem> {
    match ledger.remove(name.stream()).await? {
        true => Ok(()),
        false => Err(unknown(name)),
    }
}

fn unknown(name: &StreamName) -> Problem {
    Problem::new(
        404,
        "session-not-found",
        format!("there is no session `{}`", name.id()),
        "GET /sessions lists those there are; a session begins with its first turn",
    )
}

#[cfg(test)]
mod tests;
