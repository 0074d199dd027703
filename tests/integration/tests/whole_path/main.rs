//! The whole path: real processes, real sandboxes, a real engine worker.

mod agents;
mod bad_input;
mod bad_start;
mod channels;
mod command_line;
#[cfg(target_os = "linux")]
mod confinement;
mod databases;
mod doubles;
mod egress;
mod embeddings;
mod expect;
mod fake_upstream;
mod first_light;
mod generative;
mod grants;
mod http;
mod http02;
mod limits;
mod llm;
mod manifest;
mod model_remote;
mod model_server;
mod postgres;
mod postgres_values;
mod program;
mod registry;
mod sessions;
mod stock_spin;
mod stores;
mod templates;
mod token_path;
mod tools;
mod topology;
mod up_model;
// It finds the worker in /proc.
#[cfg(target_os = "linux")]
mod worker_death;
