//! The same cases on our host and on stock Spin.
//!
//! A case is a folder: an application, what is sent to it, and what must come back. Both hosts are held to the same
//! expectation. Where stock Spin is known not to meet one, the case names a row of the list of differences, and that
//! list is closed: a difference that is not on it fails, and so does one that is on it and no longer seen.

mod case;
mod check;
mod differences;
mod host;
mod run;
mod servers;
mod table;
mod upstream;

pub use case::{Case, Need, cases};
pub use differences::{Difference, Verdict, differences, judge};
pub use host::HostKind;
pub use run::{Outcome, run};
pub use table::render;
