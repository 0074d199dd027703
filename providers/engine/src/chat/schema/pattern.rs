//! Which regular expressions may become grammars. Pure.
//!
//! llama.cpp takes what it cannot express for "any string", with a line in the log that quotes it. So what is
//! not of the language it reads is refused here, and what would make too many states: a grammar follows all ways
//! to read a text at once.

const BYTES_MAX: usize = 256;
const GROUPS_MAX: usize = 16;
/// Places in the pattern, each as often as it is repeated.
const PLACES_MAX: u64 = 256;
/// What follows a backslash and stands for itself.
const SELF: &str = "^$.[](){}|*+?";
/// What follows a backslash in a grammar.
const ESCAPES: &str = "trn\\\"[]-";

/// Checks a pattern; fails with what is wrong with it, as the end of a sentence.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    let inner = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$'));
    let Some(inner) = inner else {
        return Err("has a `pattern` that does not begin with ^ and end with $: say so".to_owned());
    };
    if pattern.len() > BYTES_MAX || inner.contains(char::is_control) {
        return Err(format!(
            "has a `pattern` of over {BYTES_MAX} bytes or with control characters"
        ));
    }
    let read = Reader { rest: inner }.whole().ok_or(
        "has a `pattern` that no grammar can keep to: use characters, [classes], (groups), |, ., *, +, ?, {m,n}",
    )?;
    if read > PLACES_MAX {
        return Err(format!(
            "has a `pattern` that repeats too much: at most {PLACES_MAX} places in all"
        ));
    }
    Ok(())
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    /// Places of the whole; `None` when it is not of the language.
    fn whole(mut self) -> Option<u64> {
        // Places of each group that is open, and of the last item in it.
        let mut open: Vec<(u64, Option<u64>)> = vec![(0, None)];
        while let Some(character) = self.next() {
            let depth = open.len();
            let (sum, last) = open.last_mut()?;
            let mut put = |places: u64| {
                *sum = sum.saturating_add(last.replace(places).unwrap_or_default());
            };
            match character {
                '(' => {
                    if self.rest.starts_with('?') {
                        self.rest = self.rest.strip_prefix("?:")?;
                    }
                    if depth > GROUPS_MAX {
                        return None;
                    }
                    open.push((0, None));
                }
                ')' => {
                    let (sum, last) = open.pop()?;
                    let places = sum.saturating_add(last.unwrap_or_default()).max(1);
                    let (sum, last) = open.last_mut()?;
                    *sum = sum.saturating_add(last.replace(places).unwrap_or_default());
                }
                '[' => {
                    self.class()?;
                    put(1);
                }
                '|' => {
                    put(0);
                    *last = None;
                }
                '*' | '+' | '?' => *last = Some((*last)?),
                '{' => *last = Some((*last)?.saturating_mul(self.count()?)),
                '\\' => {
                    self.escape(true)?;
                    put(1);
                }
                '^' | '$' | ']' | '}' => return None,
                _ => put(1),
            }
        }
        let (sum, last) = open.pop()?;
        open.is_empty()
            .then(|| sum.saturating_add(last.unwrap_or_default()))
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    fn class(&mut self) -> Option<()> {
        // An empty class, or one that denies nothing, is no class.
        let body = self.rest.strip_prefix('^').unwrap_or(self.rest);
        if body.starts_with(']') {
            return None;
        }
        loop {
            match self.next()? {
                ']' => return Some(()),
                '\\' => self.escape(false)?,
                _ => {}
            }
        }
    }

    fn escape(&mut self, outside: bool) -> Option<()> {
        let digits = match self.next()? {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            it if ESCAPES.contains(it) || (outside && SELF.contains(it)) => return Some(()),
            _ => return None,
        };
        (0..digits).try_for_each(|_| self.next().filter(char::is_ascii_hexdigit).map(drop))
    }

    /// How often at most, or at least where there is no most.
    fn count(&mut self) -> Option<u64> {
        let (inner, rest) = self.rest.split_once('}')?;
        self.rest = rest;
        let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
        let number = |text: &str, empty| match text {
            "" => Some(empty),
            text if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse::<u64>().ok(),
            _ => None,
        };
        if least.is_empty() && most.is_empty() {
            return None;
        }
        let least = number(least, 0)?;
        let most = number(most, least)?;
        (least <= most).then_some(most.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_the_language_pass() {
        for pattern in [
            "^[a-z]+$",
            "^(a|b){1,20}$",
            "^(?:[0-9]{3}-)*[0-9]{4}$",
            r"^\(\x41\u0042\)$",
            "^$",
            "^[^a]{0,200}$",
            "^.{5,}$",
        ] {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn others_are_refused() {
        for (pattern, part) in [
            ("a+", "^"),
            (r"^\d+$", "no grammar"),
            ("^(?=a)a$", "no grammar"),
            ("^(a$", "no grammar"),
            ("^a)$", "no grammar"),
            ("^*$", "no grammar"),
            ("^a{x}$", "no grammar"),
            ("^a{9,1}$", "no grammar"),
            ("^[]$", "no grammar"),
            (r"^[\d]$", "no grammar"),
            (r"^\x4$", "no grammar"),
            ("^a\n$", "control"),
            ("^((a?){100}){100}$", "repeats"),
            ("^(a{0,99}){0,99}$", "repeats"),
            ("^[a-z]{1,100000}$", "repeats"),
            ("^a{99999999999999999999999}$", "no grammar"),
        ] {
            let error = check(pattern).expect_err(pattern);
            assert!(error.contains(part), "{pattern}: {error}");
        }
        let nested = format!("^{}a{}$", "(".repeat(60), ")".repeat(60));
        assert!(check(&nested).is_err());
        assert!(check(&format!("^{}$", "a".repeat(300))).is_err());
    }
}
