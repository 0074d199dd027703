//! Ranges of numbers.
//!
//! The interface has no word for the empty range. It is given as what the server takes for it: from 0 to 0, both excluded.

use super::Wrong;
use crate::bindings::spin::postgres::postgres::RangeBoundKind;

const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;

type Bound<T> = Option<(T, RangeBoundKind)>;
/// A bound that is not there is infinite.
pub(super) type Range<T> = (Bound<T>, Bound<T>);

/// Reads a range of what `element` reads.
pub(super) fn decode<T: Clone>(
    raw: &[u8],
    zero: T,
    element: impl Fn(&[u8]) -> Result<T, Wrong>,
) -> Result<Range<T>, Wrong> {
    let (flags, mut rest) = raw.split_first().ok_or("a range that is too short")?;
    if flags & EMPTY != 0 {
        let bound = || Some((zero.clone(), RangeBoundKind::Exclusive));
        return Ok((bound(), bound()));
    }
    let mut bound = |infinite: u8, inclusive: u8| -> Result<Bound<T>, Wrong> {
        if flags & infinite != 0 {
            return Ok(None);
        }
        let kind = if flags & inclusive == 0 {
            RangeBoundKind::Exclusive
        } else {
            RangeBoundKind::Inclusive
        };
        let (length, after) = rest.split_at_checked(4).ok_or("a range that is too short")?;
        let length = usize::try_from(i32::from_be_bytes(length.try_into()?))?;
        let (value, after) = after
            .split_at_checked(length)
            .ok_or("a range that is too short")?;
        rest = after;
        Ok(Some((element(value)?, kind)))
    };
    let lower = bound(LOWER_INFINITE, LOWER_INCLUSIVE)?;
    let upper = bound(UPPER_INFINITE, UPPER_INCLUSIVE)?;
    Ok((lower, upper))
}

/// A range as the server reads it.
pub(super) fn text<T>(
    (lower, upper): &Range<T>,
    element: impl Fn(&T) -> Result<String, String>,
) -> Result<String, String> {
    let (open, from) = match lower {
        None => ('(', String::new()),
        Some((value, RangeBoundKind::Exclusive)) => ('(', element(value)?),
        Some((value, RangeBoundKind::Inclusive)) => ('[', element(value)?),
    };
    let (to, close) = match upper {
        None => (String::new(), ')'),
        Some((value, RangeBoundKind::Exclusive)) => (element(value)?, ')'),
        Some((value, RangeBoundKind::Inclusive)) => (element(value)?, ']'),
    };
    Ok(format!("{open}{from},{to}{close}"))
}
