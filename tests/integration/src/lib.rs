//! The whole path, by real processes.
