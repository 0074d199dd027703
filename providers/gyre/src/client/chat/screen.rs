//! Where events are shown while they come: text on stdout, calls of tools on stderr.

use crate::client::{note, print};
use crate::text::printable;
use anyhow::Result;
use gyre_agent_wire::Event;

/// What is on the screen.
pub(super) struct Screen {
    live: bool,
    mid_line: bool,
}

impl Screen {
    /// A screen on which only failures show, unless it is live.
    pub(super) fn new(live: bool) -> Self {
        Self {
            live,
            mid_line: false,
        }
    }

    /// Shows an event.
    pub(super) fn show(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::TextDelta { text } if self.live && !text.is_empty() => {
                print(&printable(text))?;
                self.mid_line = !text.ends_with('\n');
            }
            Event::ToolCall { .. } | Event::ToolResult { is_error: false, .. } if !self.live => {}
            Event::ToolCall { .. } | Event::ToolResult { .. } => {
                self.end_line()?;
                note::tell(event);
            }
            _ => {}
        }
        Ok(())
    }

    /// What comes next begins on a line of its own.
    pub(super) fn end_line(&mut self) -> Result<()> {
        if std::mem::take(&mut self.mid_line) {
            print("\n")?;
        }
        Ok(())
    }
}
