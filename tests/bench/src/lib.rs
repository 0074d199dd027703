//! What the benches share: clients, histograms, raw output, plots.
