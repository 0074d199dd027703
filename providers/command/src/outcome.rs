//! How a program ended: its own exit code, or where it trapped.

use crate::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use wasmtime::WasmBacktrace;
use wasmtime_wasi::I32Exit;

/// Frames told of a trap; a recursion has thousands.
const FRAMES_MAX: usize = 12;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this exit code.
    Exited(u8),
    /// It was told to stop.
    Stopped,
}

/// The exit code as a process has it: its low byte, and never zero for what is not zero.
pub(crate) fn exit_code(code: i32) -> u8 {
    let low = code.to_le_bytes()[0];
    if low == 0 && code != 0 { 1 } else { low }
}

/// What `run` of a command gave.
pub(crate) fn of_result(path: &Path, result: wasmtime::Result<Result<(), ()>>) -> Result<Ended, Error> {
    match result {
        Ok(Ok(())) => Ok(Ended::Exited(0)),
        Ok(Err(())) => Ok(Ended::Exited(1)),
        Err(error) => of_error(path, &error),
    }
}

fn of_error(path: &Path, error: &wasmtime::Error) -> Result<Ended, Error> {
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Ok(Ended::Exited(exit_code(exit.0)));
    }
    Err(Error::Trapped {
        path: path.to_owned(),
        what: error.root_cause().to_string(),
        at: error.downcast_ref().map(frames).unwrap_or_default(),
    })
}

fn frames(backtrace: &WasmBacktrace) -> String {
    let mut lines = String::new();
    for frame in backtrace.frames().iter().take(FRAMES_MAX) {
        let offset = frame.module_offset().unwrap_or_default();
        let function = frame
            .func_name()
            .map_or_else(|| format!("function {}", frame.func_index()), str::to_owned);
        // Writing to a String cannot fail.
        let _ = write!(lines, "\n    in {function} at {offset:#x}");
    }
    let more = backtrace.frames().len().saturating_sub(FRAMES_MAX);
    if more > 0 {
        let _ = write!(lines, "\n    and {more} more");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_a_process() {
        for (given, code) in [(0, 0), (3, 3), (255, 255), (256, 1), (-1, 255), (259, 3)] {
            assert_eq!(exit_code(given), code, "{given}");
        }
    }
}
