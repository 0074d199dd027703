//! What is stored.

/// A named value of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A passage to store.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Unique in its collection.
    pub id: String,
    /// The passage.
    pub text: String,
    /// Its embedding.
    pub vector: Option<Vec<f32>>,
    /// What is known of it.
    pub attributes: Vec<Attribute>,
}
