//! Numbers of any precision, as text in base 10.

use super::Wrong;
use std::fmt::Write as _;
use tokio_postgres::types::{FromSql, Type};

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITE: u16 = 0xD000;
const MINUS_INFINITE: u16 = 0xF000;
/// Digits of base 10 in one digit of the wire.
const GROUP: usize = 4;
/// Longest text of a number: more than the server takes.
const TEXT_BYTES_MAX: usize = 200_000;

/// A number in a list.
pub(super) struct Numeric(pub(super) String);

impl FromSql<'_> for Numeric {
    fn from_sql(_ty: &Type, raw: &[u8]) -> Result<Self, Wrong> {
        text(raw).map(Self)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }
}

/// The number that `raw` is: a count, the weight of the first digit, the sign, the scale, and digits of base 10,000.
pub(super) fn text(raw: &[u8]) -> Result<String, Wrong> {
    let words: Vec<u16> = raw
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect();
    let [count, weight, sign, scale, digits @ ..] = words.as_slice() else {
        return Err("a number that is too short".into());
    };
    if usize::from(*count) != digits.len() || digits.iter().any(|digit| *digit > 9_999) {
        return Err("a number that cannot be read".into());
    }
    match *sign {
        NAN => return Ok("NaN".to_owned()),
        INFINITE => return Ok("Infinity".to_owned()),
        MINUS_INFINITE => return Ok("-Infinity".to_owned()),
        _ => {}
    }
    let mut text = String::new();
    if *sign == NEGATIVE {
        text.push('-');
    }
    write(
        &mut text,
        digits,
        i32::from(weight.cast_signed()),
        usize::from(*scale),
    );
    Ok(text)
}

fn write(text: &mut String, digits: &[u16], weight: i32, scale: usize) {
    let digit = |place: i32| usize::try_from(place).ok().and_then(|place| digits.get(place));
    let digit = |place: i32| digit(place).copied().unwrap_or(0);
    // Writing to a String cannot fail.
    if weight < 0 {
        text.push('0');
    } else {
        let _ = write!(text, "{}", digit(0));
        for place in 1..=weight {
            let _ = write!(text, "{:04}", digit(place));
        }
    }
    if scale > 0 {
        text.push('.');
        let end = text.len() + scale;
        let mut place = weight;
        while text.len() < end {
            place += 1;
            let _ = write!(text, "{:04}", digit(place));
        }
        debug_assert!(text.len() < end + GROUP);
        text.truncate(end);
    }
}

/// A number that the server can be given as text, also within a list or a range: it has no character of theirs.
pub(super) fn checked(number: &str) -> Result<&str, String> {
    if ["NaN", "Infinity", "-Infinity"].contains(&number) {
        return Ok(number);
    }
    let plain = number.strip_prefix(['-', '+']).unwrap_or(number);
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        ),
        None => (plain, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = number.len() <= TEXT_BYTES_MAX
        && !(whole.is_empty() && fraction.is_empty())
        && [whole, fraction].into_iter().all(is_digits)
        && exponent.is_none_or(|exponent| !exponent.is_empty() && is_digits(exponent));
    if fits {
        Ok(number)
    } else {
        Err("it is no decimal number; hint: write it as 12.34".to_owned())
    }
}
