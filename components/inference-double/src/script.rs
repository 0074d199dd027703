//! What the double is asked to do. Pure.
//!
//! ```text
//! double: 5 tokens 100 ms        five tokens, each after 100 ms
//! double: fail after 2 tokens    two tokens, then an internal error
//! double: hang                   the introduction, then nothing for ten minutes
//! double: overloaded             refused at once
//! double: call NAME {"a":1}      a tool call in two parts; once it was answered, the answer's words
//! ```
//! Any other message is repeated word by word.

/// What every answer begins with.
pub(crate) const INTRODUCTION: &str = "I am a double, not a model.";

const TOKENS_MAX: u32 = 10_000;
const DELAY_MS_MAX: u64 = 60_000;

/// A script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Script {
    /// Pieces of text with a pause before each, then the ending.
    Say {
        /// The pieces after the introduction.
        pieces: Vec<String>,
        /// Pause before each.
        delay_ms: u64,
        /// How it ends.
        ending: Ending,
    },
    /// A tool call.
    Call {
        /// Name of the tool.
        name: String,
        /// Arguments.
        arguments: String,
    },
    /// Refuse at once.
    Overloaded,
}

/// How a script ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As it should.
    Stop,
    /// With an internal error.
    Fail,
    /// Not at all, for a long time.
    Hang,
}

/// Reads the script in a message. Fails with what is wrong in it.
pub(crate) fn read(message: &str) -> Result<Script, String> {
    let Some(order) = message.trim().strip_prefix("double:") else {
        return Ok(repeat(message));
    };
    let words: Vec<&str> = order.split_whitespace().collect();
    match words.as_slice() {
        ["overloaded"] => Ok(Script::Overloaded),
        ["hang"] => Ok(Script::Say {
            pieces: Vec::new(),
            delay_ms: 0,
            ending: Ending::Hang,
        }),
        ["fail", "after", count, "tokens"] => say(count, "0", Ending::Fail),
        [count, "tokens"] => say(count, "0", Ending::Stop),
        [count, "tokens", delay_ms, "ms"] => say(count, delay_ms, Ending::Stop),
        ["call", name, arguments @ ..] => Ok(Script::Call {
            name: (*name).to_owned(),
            arguments: arguments.join(" "),
        }),
        _ => Err("the double does not know this order; hint: its README lists them".into()),
    }
}

/// Says the words of a text.
pub(crate) fn repeat(text: &str) -> Script {
    let pieces = text.split_whitespace().map(|word| format!(" {word}")).collect();
    Script::Say {
        pieces,
        delay_ms: 0,
        ending: Ending::Stop,
    }
}

fn say(count: &str, delay_ms: &str, ending: Ending) -> Result<Script, String> {
    let count = count.parse().ok().filter(|count| *count <= TOKENS_MAX);
    let delay_ms = delay_ms.parse().ok().filter(|delay_ms| *delay_ms <= DELAY_MS_MAX);
    let (Some(count), Some(delay_ms)) = (count, delay_ms) else {
        return Err(format!(
            "the double says at most {TOKENS_MAX} tokens, each after at most {DELAY_MS_MAX} ms"
        ));
    };
    let pieces = (1..=count).map(|number| format!(" token-{number}")).collect();
    Ok(Script::Say {
        pieces,
        delay_ms,
        ending,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(of: &str) -> Vec<String> {
        of.split_whitespace().map(|word| format!(" {word}")).collect()
    }

    #[test]
    fn orders() {
        let said = |text: &str, delay_ms, ending| {
            Ok(Script::Say {
                pieces: pieces(text),
                delay_ms,
                ending,
            })
        };
        for (message, wanted) in [
            ("hello  there", said("hello there", 0, Ending::Stop)),
            ("double: 2 tokens", said("token-1 token-2", 0, Ending::Stop)),
            (
                "double: 2 tokens 100 ms",
                said("token-1 token-2", 100, Ending::Stop),
            ),
            ("double: fail after 1 tokens", said("token-1", 0, Ending::Fail)),
            ("double: hang", said("", 0, Ending::Hang)),
            ("double: overloaded", Ok(Script::Overloaded)),
            (
                "double: call add {\"a\": 1}",
                Ok(Script::Call {
                    name: "add".into(),
                    arguments: "{\"a\": 1}".into(),
                }),
            ),
        ] {
            assert_eq!(read(message), wanted, "{message}");
        }
    }

    #[test]
    fn orders_out_of_bounds_are_refused() {
        for message in [
            "double: 10001 tokens",
            "double: 1 tokens 60001 ms",
            "double: -1 tokens",
            "double: dance",
        ] {
            assert!(read(message).is_err(), "{message}");
        }
    }
}
