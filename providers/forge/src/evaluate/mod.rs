//! What a model is worth: held-out examples asked of a real worker, as agents ask it.
//!
//! Data flows one way: an example becomes a request (`request`), the worker (`worker`) its answer (`answer`), the judge of
//! [`crate::data`] a verdict (`outcome`), and all of them a summary (`summary`), of which tables (`table`) and plots
//! (`plot`) are made.

mod answer;
mod error;
mod outcome;
mod plot;
mod request;
mod run;
mod speed;
mod summary;
mod table;
mod wilson;
mod worker;

pub use answer::Answer;
pub use error::EvaluateError;
pub use outcome::Outcome;
pub use plot::draw;
pub use request::request;
pub use run::{Evaluation, evaluate};
pub use speed::{Speed, speed};
pub use summary::{Measured, Share, Summary};
pub use table::table;
pub use wilson::wilson;
pub use worker::{PROGRAM_VARIABLE, Worker, WorkerOptions, program};
