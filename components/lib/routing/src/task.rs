//! What a router knows of a request.

/// A request, as far as it changes who answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Task {
    /// The model that was asked for.
    pub model: String,
    /// Tokens of the prompt, at least about.
    pub input_tokens: u64,
    /// Tokens that the answer will take, about; for what it may cost.
    pub output_tokens: u64,
    /// What an answer needs.
    pub needs: Needs,
    /// Whether it is streamed.
    pub stream: bool,
    /// Tags of the request.
    pub tags: Vec<String>,
    /// On whose behalf.
    pub tenant: Option<String>,
    /// Its class, by which outcomes are kept; empty for the common one.
    pub class: String,
    /// An embedding of what is asked; empty where there is none.
    pub embedding: Vec<f32>,
}

/// What an answer needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// Tools are offered.
    pub tools: bool,
    /// JSON of a schema is asked for.
    pub json: bool,
    /// There are pictures.
    pub vision: bool,
}
