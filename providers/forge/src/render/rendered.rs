//! A rendered conversation, cut into what is given and what the model writes.

/// A conversation as text, piece by piece; together the pieces are the whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// In order; targets and others in turn.
    pub pieces: Vec<Piece>,
}

/// A part of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its text, which may hold marks of the guard.
    pub text: String,
    /// The model writes it: an answer and the token that ends it.
    pub target: bool,
}

impl Rendered {
    /// The whole text, without the guard's marks.
    pub fn text(&self) -> String {
        let pieces = self.pieces.iter().map(|piece| piece.text.as_str());
        pieces.collect::<String>().replace(super::MARK, "")
    }

    /// Whether the model writes any of it.
    pub fn has_targets(&self) -> bool {
        self.pieces.iter().any(|piece| piece.target)
    }
}
