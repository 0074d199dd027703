//! The tests are in `tests/whole_path`, one binary: every test starts a real `gyre up` of its own.
