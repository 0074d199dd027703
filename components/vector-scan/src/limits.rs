//! Bounds on what is stored and asked.

use crate::entry::{Attribute, Entry};
use crate::error::Error;

/// Entries of one upsert.
pub const ENTRIES_MAX: usize = 8192;
/// Bytes of a passage.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Bytes of an id.
pub const ID_BYTES_MAX: usize = 1024;
/// Bytes of a collection's name.
pub const COLLECTION_BYTES_MAX: usize = 64;
/// Attributes of an entry or a filter.
pub const ATTRIBUTES_MAX: usize = 16;
/// Bytes of an attribute's name.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes of an attribute's value.
pub const VALUE_BYTES_MAX: usize = 4 * 1024;
/// Dimensions of a vector.
pub const DIMENSIONS_MAX: usize = 8192;
/// Hits of one search.
pub const HITS_MAX: u32 = 1000;

/// Checks a collection's name.
pub fn collection(name: &str) -> Result<(), Error> {
    between(
        "a collection's name",
        name.len(),
        1,
        COLLECTION_BYTES_MAX,
        "bytes",
    )
}

/// Checks the attributes of an entry or a filter.
pub fn attributes(attributes: &[Attribute]) -> Result<(), Error> {
    between(
        "a list of attributes",
        attributes.len(),
        0,
        ATTRIBUTES_MAX,
        "attributes",
    )?;
    for attribute in attributes {
        between(
            "an attribute's name",
            attribute.name.len(),
            1,
            NAME_BYTES_MAX,
            "bytes",
        )?;
        between(
            "an attribute's value",
            attribute.value.len(),
            0,
            VALUE_BYTES_MAX,
            "bytes",
        )?;
    }
    Ok(())
}

/// Checks all entries of an upsert before anything is written.
pub fn entries(entries: &[Entry]) -> Result<(), Error> {
    between("an upsert", entries.len(), 1, ENTRIES_MAX, "entries")?;
    for entry in entries {
        between("an entry's id", entry.id.len(), 1, ID_BYTES_MAX, "bytes")?;
        between("an entry's text", entry.text.len(), 1, TEXT_BYTES_MAX, "bytes")?;
        attributes(&entry.attributes)?;
    }
    Ok(())
}

/// Checks how many hits are asked for.
pub fn hits(limit: u32) -> Result<(), Error> {
    between(
        "the limit of a search",
        limit as usize,
        1,
        HITS_MAX as usize,
        "hits",
    )
}

fn between(what: &str, given: usize, min: usize, max: usize, unit: &str) -> Result<(), Error> {
    if (min..=max).contains(&given) {
        return Ok(());
    }
    Err(Error::Invalid(format!(
        "{what} must have {min} to {max} {unit}, given are {given}"
    )))
}
