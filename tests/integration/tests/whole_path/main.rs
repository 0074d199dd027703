//! The whole path: real processes, real sandboxes, a real engine worker.

mod admin;
mod agents;
mod bad_input;
mod bad_start;
mod channels;
mod command_line;
#[cfg(target_os = "linux")]
mod confinement;
mod databases;
mod doubles;
mod drafts;
mod egress;
mod embeddings;
mod expect;
mod fake_upstream;
mod first_light;
mod generative;
mod grants;
mod graphs;
mod http;
mod http02;
mod limits;
mod llm;
mod manifest;
mod metrics;
mod model_remote;
mod model_server;
mod otlp;
mod postgres;
mod postgres_values;
mod program;
mod registry;
mod running_models;
mod runs_at_once;
mod sampling;
mod serving;
mod sessions;
mod stock_spin;
mod stores;
mod telemetry;
mod templates;
mod ticks;
mod token_path;
mod tools;
mod topology;
mod up_model;
mod waiting;
mod watch;
// It finds the worker in /proc.
#[cfg(target_os = "linux")]
mod worker_death;
