//! The whole path: real processes, real sandboxes, a real engine worker.

mod expect;
mod first_light;
mod topology;
