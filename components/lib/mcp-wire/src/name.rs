//! Names in headers: as they are when they are plain, else in base64 between `=?base64?` and `?=`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const OPEN: &str = "=?base64?";
const CLOSE: &str = "?=";

/// A name as a header's value.
#[must_use]
pub fn encode(name: &str) -> String {
    let plain = !name.starts_with("=?")
        && name.trim() == name
        && name.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    if plain {
        name.to_owned()
    } else {
        format!("{OPEN}{}{CLOSE}", STANDARD.encode(name))
    }
}

/// The name of a header's value; none when its base64 or UTF-8 is wrong.
#[must_use]
pub fn decode(value: &str) -> Option<String> {
    match value.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE)) {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok(),
        None => Some(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_survive_headers(name in ".{0,40}") {
            let value = encode(&name);
            prop_assert!(value.bytes().all(|b| (b' '..=b'~').contains(&b)), "{value:?}");
            prop_assert_eq!(decode(&value), Some(name));
        }
    }

    #[test]
    fn plain_names_stay_readable() {
        assert_eq!(encode("search_knowledge"), "search_knowledge");
        assert_eq!(encode("=?base64?x?="), "=?base64?PT9iYXNlNjQ/eD89?=");
        assert_eq!(decode("=?base64?!!?="), None);
    }
}
