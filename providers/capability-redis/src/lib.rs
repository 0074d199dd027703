//! Redis of a sandbox (`spin:redis@3.0.0`).
