//! How a worker ended, in words.

use std::process::ExitStatus;

/// What is known of the end of a process.
pub(crate) fn told(status: ExitStatus) -> String {
    match (signal(status), status.code()) {
        (Some(9), _) => {
            "it was killed (signal 9): by somebody, or by the kernel for lack of memory".to_owned()
        }
        (Some(6), _) => "it aborted (signal 6): llama.cpp found a fault of its own".to_owned(),
        (Some(signal), _) => format!("it was ended by signal {signal}"),
        (None, Some(0)) => "it ended by itself".to_owned(),
        (None, Some(code)) => format!("it ended with exit code {code}"),
        (None, None) => "it ended".to_owned(),
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    #[test]
    fn each_end_is_told_apart() {
        let check = |raw, part: &str| {
            let told = told(ExitStatus::from_raw(raw));
            assert!(told.contains(part), "{raw}: {told}");
        };
        check(0, "by itself");
        check(3 << 8, "exit code 3");
        check(6, "aborted");
        check(9, "lack of memory");
        check(11, "signal 11");
    }
}
