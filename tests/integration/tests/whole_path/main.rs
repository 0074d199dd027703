//! The whole path: real processes, real sandboxes, a real engine worker.

mod admin;
mod agents;
mod bad_input;
mod bad_start;
mod command_line;
mod doubles;
mod embeddings;
mod expect;
mod fake_upstream;
mod first_light;
mod generative;
mod grants;
mod metrics;
mod model_remote;
mod model_server;
mod otlp;
mod sessions;
mod stock_spin;
mod telemetry;
mod ticks;
mod token_path;
mod tools;
mod topology;
mod up_model;
mod watch;
// It finds the worker in /proc.
#[cfg(target_os = "linux")]
mod worker_death;
