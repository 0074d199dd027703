//! Trains a model: batches of a seeded order, an optimiser, checkpoints that a killed run goes on from.

mod batches;
mod checkpoint;
mod chunks;
mod error;
mod interrupt;
mod journal;
mod measure;
mod muon;
mod optimiser;
mod plot;
mod progress;
mod run;
mod schedule;
mod settings;
mod start;
mod step;
mod tokens;

pub use batches::{Batches, Place};
pub use error::TrainError;
pub use interrupt::stop_on_signals;
pub use journal::Line;
pub use plot::draw;
pub use progress::{Bar, Quiet, Watch};
pub use run::{Outcome, Run, train};
pub use schedule::Schedule;
pub use settings::{Optimiser, Settings, Upkeep};
pub use tokens::Tokens;
