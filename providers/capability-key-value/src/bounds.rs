//! What keys, values and batches may be at most.

use crate::bindings::spin::key_value::key_value::Error;

/// Bytes of a key.
const KEY_BYTES_MAX: usize = 1024;
/// Bytes of a value.
pub(crate) const VALUE_BYTES_MAX: usize = 1024 * 1024;
/// Keys of one batch.
const BATCH_KEYS_MAX: usize = 1024;
/// Bytes of the values of one batch.
pub(crate) const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

pub(crate) fn check_keys(keys: &[String]) -> Result<(), Error> {
    check_count(keys.len())?;
    keys.iter().try_for_each(|key| check_key(key))
}

pub(crate) fn check_count(keys: usize) -> Result<(), Error> {
    if keys <= BATCH_KEYS_MAX {
        return Ok(());
    }
    Err(Error::Other(format!(
        "{keys} keys at once, the limit is {BATCH_KEYS_MAX}; hint: ask for them in parts"
    )))
}

pub(crate) fn check_key(key: &str) -> Result<(), Error> {
    check_length("key", key.len(), KEY_BYTES_MAX)
}

pub(crate) fn check_value(value: &[u8]) -> Result<(), Error> {
    check_length("value", value.len(), VALUE_BYTES_MAX)
}

fn check_length(what: &str, bytes: usize, bytes_max: usize) -> Result<(), Error> {
    if bytes <= bytes_max {
        return Ok(());
    }
    Err(Error::Other(format!(
        "the {what} has {bytes} bytes, the limit is {bytes_max}; hint: store less under one key"
    )))
}

/// Refuses values that are too much together.
pub(crate) fn check_batch(bytes: usize) -> Result<(), Error> {
    if bytes <= BATCH_BYTES_MAX {
        return Ok(());
    }
    Err(Error::Other(format!(
        "the values have more than {BATCH_BYTES_MAX} bytes together, which is the limit; hint: ask for them in parts"
    )))
}
