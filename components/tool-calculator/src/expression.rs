//! Reading an expression and calculating it in one pass, by precedence climbing. Pure; work is linear in its length.

use crate::error::CalculationError;
use crate::function;
use crate::limits::{DEPTH_MAX, EXPRESSION_BYTES_MAX};
use crate::number::Number;

const VALUE: &str = "a number, a function or `(`";
const VALUE_HINT: &str = "write multiplication as `*`, as in `2 * (3 + 4)`";

/// The value of an expression.
pub fn evaluate(text: &str) -> Result<Number, CalculationError> {
    if text.len() > EXPRESSION_BYTES_MAX {
        return Err(CalculationError::TooLong(text.len()));
    }
    if text.trim().is_empty() {
        return Err(CalculationError::Empty);
    }
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
    };
    let value = reader.sum()?;
    match reader.peek() {
        None => Ok(value),
        Some(',') => Err(reader.expected("the end", "write thousands without commas: 1000 or 1_000")),
        Some(_) => Err(reader.expected("an operator or the end", VALUE_HINT)),
    }
}

struct Reader<'a> {
    text: &'a str,
    /// The byte that is next.
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Terms with `+` and `-` between them.
    fn sum(&mut self) -> Result<Number, CalculationError> {
        self.deeper(|reader| {
            let mut value = reader.product()?;
            loop {
                value = match reader.peek() {
                    Some('+') => value.plus(reader.after(1)?.product()?)?,
                    Some('-') => value.minus(reader.after(1)?.product()?)?,
                    Some('−') => value.minus(reader.after('−'.len_utf8())?.product()?)?,
                    _ => return Ok(value),
                };
            }
        })
    }

    /// Factors with `*`, `/` and `%` between them.
    fn product(&mut self) -> Result<Number, CalculationError> {
        let mut value = self.signed()?;
        loop {
            value = match self.peek() {
                // `**` is a power, read with its base.
                Some('*') => value.times(self.after(1)?.signed()?)?,
                Some(sign @ ('×' | '·')) => value.times(self.after(sign.len_utf8())?.signed()?)?,
                Some('/') => value.over(self.after(1)?.signed()?)?,
                Some('÷') => value.over(self.after('÷'.len_utf8())?.signed()?)?,
                Some('%') => {
                    self.at += 1;
                    if matches!(self.peek(), None | Some(')' | ',' | '+' | '-' | '*' | '/')) {
                        let hint = "`%` is the remainder; write 15 percent as 15/100";
                        return Err(self.expected("the divisor of `%`", hint));
                    }
                    value.modulo(self.signed()?)?
                }
                _ => return Ok(value),
            };
        }
    }

    /// A power with an optional sign before it: the sign comes after the power, so `-2^2` is -4.
    fn signed(&mut self) -> Result<Number, CalculationError> {
        match self.peek() {
            Some('+') => self.after(1)?.deeper(Self::signed),
            Some(sign @ ('-' | '−')) => Ok(self.after(sign.len_utf8())?.deeper(Self::signed)?.negated()),
            _ => self.power(),
        }
    }

    /// A value with an optional exponent; from the right, so `2^3^2` is 512.
    fn power(&mut self) -> Result<Number, CalculationError> {
        let base = self.value()?;
        let length = match self.peek() {
            Some('^') => 1,
            Some('*') if self.text[self.at..].starts_with("**") => 2,
            _ => return Ok(base),
        };
        let exponent = self.after(length)?.deeper(Self::signed)?;
        base.power(exponent)
    }

    fn value(&mut self) -> Result<Number, CalculationError> {
        match self.peek() {
            Some('(') => {
                let value = self.after(1)?.sum()?;
                self.close()?;
                Ok(value)
            }
            Some(sign) if sign.is_ascii_digit() || sign == '.' => self.number(),
            Some(sign) if sign.is_alphabetic() => {
                let name = self.take_while(|sign| sign.is_alphanumeric() || sign == '_');
                self.named(name)
            }
            _ => Err(self.expected(VALUE, VALUE_HINT)),
        }
    }

    fn number(&mut self) -> Result<Number, CalculationError> {
        let start = self.at;
        self.take_while(|sign| sign.is_ascii_digit() || matches!(sign, '.' | '_'));
        let mut rest = self.text[self.at..].chars();
        if matches!(rest.next(), Some('e' | 'E')) {
            let signed = matches!(rest.clone().next(), Some('+' | '-'));
            let digit = if signed { rest.nth(1) } else { rest.next() };
            if digit.is_some_and(|sign| sign.is_ascii_digit()) {
                self.at += 1 + usize::from(signed);
                self.take_while(|sign| sign.is_ascii_digit());
            }
        }
        Number::parse(&self.text[start..self.at].replace('_', ""))
    }

    fn named(&mut self, name: &'a str) -> Result<Number, CalculationError> {
        if self.peek() != Some('(') {
            let lower = name.to_lowercase();
            return match function::constant(&lower) {
                Some(value) => Ok(value),
                None if function::is_function(&lower) => {
                    Err(self.expected("`(` after the function", "write for example `sqrt(2)`"))
                }
                None => Err(function::unknown(name)),
            };
        }
        let mut arguments = vec![self.after(1)?.sum()?];
        while self.peek() == Some(',') {
            arguments.push(self.after(1)?.sum()?);
        }
        self.close()?;
        function::apply(&name.to_lowercase(), &arguments)
    }

    fn close(&mut self) -> Result<(), CalculationError> {
        if self.peek() != Some(')') {
            return Err(self.expected("an operator or `)`", "close every parenthesis"));
        }
        self.at += 1;
        Ok(())
    }

    /// The next character that is not white space.
    fn peek(&mut self) -> Option<char> {
        self.take_while(char::is_whitespace);
        self.text[self.at..].chars().next()
    }

    /// Goes over `length` bytes of what was peeked.
    fn after(&mut self, length: usize) -> Result<&mut Self, CalculationError> {
        self.at += length;
        match self.peek() {
            None => Err(self.expected(VALUE, VALUE_HINT)),
            Some(_) => Ok(self),
        }
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.find(|sign| !wanted(sign)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, CalculationError>,
    ) -> Result<T, CalculationError> {
        if self.depth == DEPTH_MAX {
            return Err(CalculationError::TooDeep);
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn expected(&mut self, expected: &'static str, hint: &'static str) -> CalculationError {
        let found = self
            .peek()
            .map_or_else(|| "the end".to_owned(), |sign| format!("`{sign}`"));
        let at = self.text[..self.at].chars().count() + 1;
        CalculationError::Expected {
            at,
            expected,
            found,
            hint,
        }
    }
}
