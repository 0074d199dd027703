//! The runtime configuration file: what satisfies the labels that a manifest grants.
