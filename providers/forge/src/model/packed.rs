//! Conversations one after another, as a model reads them in one pass.

use super::{ModelError, Shape};

/// A token that a row must foresee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// The row of the token before it.
    pub row: usize,
    /// The token.
    pub id: u32,
}

/// Conversations without gaps; nothing is seen across their ends.
#[derive(Clone, Debug, Default)]
pub struct Packed {
    ids: Vec<u32>,
    places: Vec<u32>,
    starts: Vec<usize>,
    predictions: Vec<Prediction>,
}

impl Packed {
    /// No conversations.
    pub fn new() -> Self {
        Self {
            starts: vec![0],
            ..Self::default()
        }
    }

    /// Adds a conversation; a token whose target is not 0 is one that the tokens before it must foresee.
    pub fn push(&mut self, ids: &[u16], targets: &[u8]) {
        assert_eq!(ids.len(), targets.len(), "each token is a target or not");
        if ids.is_empty() {
            return;
        }
        let first = self.ids.len();
        self.ids.extend(ids.iter().map(|&id| u32::from(id)));
        self.places.extend(0..ids.len() as u32);
        let foreseen = (1..ids.len()).filter(|&at| targets[at] != 0);
        self.predictions.extend(foreseen.map(|at| Prediction {
            row: first + at - 1,
            id: u32::from(ids[at]),
        }));
        self.starts.push(self.ids.len());
    }

    /// All tokens.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// Where conversations start, and the end.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// What is to be foreseen, by rising row.
    pub fn predictions(&self) -> &[Prediction] {
        &self.predictions
    }

    pub(crate) fn places(&self) -> &[u32] {
        &self.places
    }

    /// Fails when such a model cannot read it.
    pub(crate) fn check(&self, shape: &Shape) -> Result<(), ModelError> {
        if let Some(id) = self.ids.iter().find(|id| **id as usize >= shape.vocabulary) {
            let why = format!("the token {id} is not among {}", shape.vocabulary);
            return Err(ModelError::Tokens(why));
        }
        let lengths = self.starts.windows(2).map(|pair| pair[1] - pair[0]);
        match lengths.max() {
            Some(longest) if longest > shape.context => Err(ModelError::Tokens(format!(
                "a conversation of {longest} tokens is longer than the context of {}",
                shape.context
            ))),
            _ => Ok(()),
        }
    }
}
