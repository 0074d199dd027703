//! What the tokens of a model cost.

use std::fmt;
use std::str::FromStr;

/// Millionths of a currency unit for a million tokens; which currency is the operator's matter.
///
/// A model that costs 0.15 for a million tokens read and 0.60 for a million written has the price `150000:600000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// For a million tokens read.
    pub prompt_micros: u64,
    /// For a million tokens written.
    pub completion_micros: u64,
}

/// A price that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a price is PROMPT:COMPLETION, two whole numbers: millionths of a currency unit for a million tokens"
)]
pub struct PriceError;

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.prompt_micros, self.completion_micros)
    }
}

impl FromStr for Price {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        let (prompt, completion) = text.split_once(':').ok_or(PriceError)?;
        let micros = |text: &str| text.parse().map_err(|_| PriceError);
        Ok(Self {
            prompt_micros: micros(prompt)?,
            completion_micros: micros(completion)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_as_it_is_written() {
        let price = Price {
            prompt_micros: 150_000,
            completion_micros: 600_000,
        };
        assert_eq!(price.to_string().parse(), Ok(price));
        for wrong in ["", "1", "1:", "1:-2", "1.5:2", "1:2:3"] {
            assert_eq!(wrong.parse::<Price>(), Err(PriceError), "{wrong}");
        }
    }
}
