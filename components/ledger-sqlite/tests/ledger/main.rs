//! The ledger against a real SQLite.

mod concurrent;
mod model;
mod native;
mod sqlite;
