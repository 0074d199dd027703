//! The tables. Triggers keep words and attributes in step with entries.

use crate::error::Error;
use crate::store::{self, Database};

const STATEMENTS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS vector_entries (
        key INTEGER PRIMARY KEY,
        collection TEXT NOT NULL,
        id TEXT NOT NULL,
        text TEXT NOT NULL,
        vector BLOB,
        UNIQUE (collection, id)
    )",
    "CREATE INDEX IF NOT EXISTS vector_entries_dense ON vector_entries (collection) WHERE vector IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS vector_attributes (
        entry INTEGER NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (entry, name, value)
    ) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS vector_attributes_by_value ON vector_attributes (name, value, entry)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS vector_words USING fts5(
        text, content = 'vector_entries', content_rowid = 'key', tokenize = 'porter unicode61 remove_diacritics 2'
    )",
    "CREATE TRIGGER IF NOT EXISTS vector_entries_added AFTER INSERT ON vector_entries BEGIN
        INSERT INTO vector_words (rowid, text) VALUES (new.key, new.text);
    END",
    "CREATE TRIGGER IF NOT EXISTS vector_entries_removed AFTER DELETE ON vector_entries BEGIN
        INSERT INTO vector_words (vector_words, rowid, text) VALUES ('delete', old.key, old.text);
        DELETE FROM vector_attributes WHERE entry = old.key;
    END",
];

/// The last thing that is created: when it is there, all is.
const LAST: &str = "SELECT 1 FROM sqlite_schema WHERE name = 'vector_entries_removed'";

/// Creates what is missing.
pub async fn ensure(db: &impl Database) -> Result<(), Error> {
    if store::integer(db, LAST, vec![]).await?.is_some() {
        return Ok(());
    }
    store::execute(db, "BEGIN IMMEDIATE", vec![]).await?;
    let created = create(db).await;
    finish(db, created).await
}

async fn create(db: &impl Database) -> Result<(), Error> {
    for statement in STATEMENTS {
        store::execute(db, statement, vec![]).await?;
    }
    Ok(())
}

/// Commits what went well, takes back what did not.
pub async fn finish<T>(db: &impl Database, outcome: Result<T, Error>) -> Result<T, Error> {
    match outcome {
        Ok(value) => {
            if let Err(error) = store::execute(db, "COMMIT", vec![]).await {
                // A commit that failed may leave the transaction open.
                let _ = store::execute(db, "ROLLBACK", vec![]).await;
                return Err(error);
            }
            Ok(value)
        }
        Err(error) => {
            // The first error tells what happened; closing the connection rolls back as well.
            let _ = store::execute(db, "ROLLBACK", vec![]).await;
            Err(error)
        }
    }
}
