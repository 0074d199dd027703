//! What each verb does.

pub(crate) mod data;
pub(crate) mod evaluate;
pub(crate) mod export;
mod making;
pub(crate) mod run;
pub(crate) mod sample;
pub(crate) mod status;
