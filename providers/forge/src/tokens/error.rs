//! What can go wrong with token files.

use std::io;
use std::path::PathBuf;

use crate::render::RenderError;
use crate::tokenizer::TokenizerError;
use crate::train::TrainError;

/// Why there is no token file.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// A file cannot be read or written.
    #[error("{path} cannot be read or written ({source}); check the folder and the space left")]
    File {
        /// Its place.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is no example.
    #[error("line {line} of {path} is no example ({source}); make the data anew")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// An example cannot be rendered.
    #[error("the example {id} cannot be rendered: {source}")]
    Render {
        /// Its name.
        id: String,
        /// Why.
        source: RenderError,
    },
    /// A text has no tokens.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// Nothing is left to learn from.
    #[error(
        "none of {0} examples has an answer within {1} tokens; raise the context or make shorter examples"
    )]
    Nothing(usize, usize),
    /// The tokens make no file.
    #[error("the tokens make no file ({0}): a mistake in this program")]
    Tokens(String),
    /// The file cannot be written.
    #[error(transparent)]
    Train(#[from] TrainError),
}
