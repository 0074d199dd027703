//! The path from a recipe to a measured model, in phases that are done once.
//!
//! What a phase makes is known by its key: the hash of its name, its release, its parameters and the keys of the phases
//! whose outputs it reads. Each has a folder of its own under the work folder. A phase that is done is checked and skipped;
//! one that was killed begins anew, or goes on where it can (training).
//!
//! Data flows one way: a [`Recipe`] names the phases (`path`), each is a `Phase` with a way of making its files (`steps`),
//! and `done` keeps what was made.

mod done;
mod error;
mod key;
mod path;
mod phase;
mod recipe;
mod status;
mod steps;

pub use done::{Done, Made};
pub use error::PhaseError;
pub use key::Key;
pub use path::{Choice, Step, run};
pub use phase::{Phase, Work};
pub use recipe::{EvaluationPart, Recipe, SizeRecipe};
pub use status::{State, Status, status};
pub use steps::{Making, Subject, examples, measure};
