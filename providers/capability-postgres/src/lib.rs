//! PostgreSQL of a sandbox (`spin:postgres@4.2.0`).
