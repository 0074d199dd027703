//! Checks of this machine: the state folder and the worker's executable.

use super::Check;
use gyre_confine::Support;
use std::fs;
use std::path::{Path, PathBuf};

/// The worker's executable, installed beside this one.
const WORKER: &str = "gyre-engine";
/// Says where the library for ONNX graphs is.
const ONNX_VARIABLE: &str = "ORT_DYLIB_PATH";

/// Whether the state folder can be written, or made where it is missing. Leaves nothing behind.
pub(super) fn state(folder: &Path) -> Check {
    const NAME: &str = "state folder";
    const CURE: &str = "choose another with --state, or make it writable";
    let folder = match std::path::absolute(folder) {
        Ok(folder) => folder,
        Err(error) => return Check::fail(NAME, error.to_string(), CURE),
    };
    // A missing folder is made by `gyre up` in the nearest one that is there.
    let nearest = folder
        .ancestors()
        .find(|ancestor| ancestor.symlink_metadata().is_ok())
        .unwrap_or(&folder);
    let probe = nearest.join(format!(".gyre-doctor-{}", std::process::id()));
    match fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)) {
        Ok(()) if nearest == folder => Check::ok(NAME, folder.display().to_string()),
        Ok(()) => Check::ok(NAME, format!("{} can be made", folder.display())),
        Err(error) => Check::fail(
            NAME,
            format!("{} cannot be written: {error}", folder.display()),
            CURE,
        ),
    }
}

/// Whether models can run.
pub(super) fn worker() -> Check {
    const NAME: &str = "engine worker";
    match std::env::current_exe().map(|here| here.with_file_name(WORKER)) {
        Ok(worker) => worker_at(&worker),
        Err(error) => Check::warn(
            NAME,
            format!("cannot tell where this program is: {error}"),
            "start gyre by its path",
        ),
    }
}

/// Where the worker would be.
pub(super) fn worker_path() -> PathBuf {
    std::env::current_exe().map_or_else(|_| PathBuf::from(WORKER), |here| here.with_file_name(WORKER))
}

/// Whether the library for ONNX graphs is where it is said to be; where nothing is said, nobody wants it.
pub(super) fn onnx() -> Option<Check> {
    std::env::var_os(ONNX_VARIABLE).map(|path| onnx_at(Path::new(&path)))
}

fn onnx_at(library: &Path) -> Check {
    const NAME: &str = "ONNX Runtime";
    if library.is_file() {
        return Check::ok(NAME, library.display().to_string());
    }
    Check::fail(
        NAME,
        format!("{} is not there", library.display()),
        format!(
            "let {ONNX_VARIABLE} name the file libonnxruntime.so, for example that of the wheel `onnxruntime`"
        ),
    )
}

/// Whether the host's own process can be confined.
pub(super) fn wall() -> Check {
    const NAME: &str = "second wall";
    let missing = Support::probe().missing();
    if missing.is_empty() {
        return Check::ok(NAME, "Landlock and seccomp are there");
    }
    Check::warn(
        NAME,
        format!("this kernel lacks {}", missing.join(", ")),
        "Linux 6.12 or later has it all, with `landlock` among its security modules; `gyre up` takes what there is",
    )
}

fn worker_at(worker: &Path) -> Check {
    use std::os::unix::fs::PermissionsExt as _;
    const NAME: &str = "engine worker";
    const CURE: &str = "`cargo xtask build` makes it, `cargo xtask up` installs it; without it no model runs";
    match fs::metadata(worker) {
        Ok(data) if data.is_file() && data.permissions().mode() & 0o111 != 0 => {
            Check::ok(NAME, worker.display().to_string())
        }
        Ok(_) => Check::fail(NAME, format!("{} cannot be executed", worker.display()), CURE),
        Err(_) => Check::warn(NAME, format!("{} is not there", worker.display()), CURE),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn the_state_folder_is_probed_and_left_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "").expect("a file");
        let cases = [
            (".", Level::Ok),
            ("new/deep", Level::Ok),
            ("file", Level::Fail),
            ("file/below", Level::Fail),
        ];
        for (given, expected) in cases {
            assert_eq!(state(&folder.path().join(given)).level, expected, "{given}");
        }
        let left: Vec<_> = fs::read_dir(folder.path()).expect("entries").collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn the_library_of_onnx_must_be_where_it_is_said_to_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("libonnxruntime.so");
        assert_eq!(onnx_at(&library).level, Level::Fail);
        fs::write(&library, "").expect("a file");
        assert_eq!(onnx_at(&library).level, Level::Ok);
    }

    #[test]
    fn the_worker_must_be_executable() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let worker = folder.path().join(WORKER);
        assert_eq!(worker_at(&worker).level, Level::Warn);
        fs::write(&worker, "").expect("a file");
        fs::set_permissions(&worker, fs::Permissions::from_mode(0o644)).expect("permissions");
        assert_eq!(worker_at(&worker).level, Level::Fail);
        fs::set_permissions(&worker, fs::Permissions::from_mode(0o755)).expect("permissions");
        assert_eq!(worker_at(&worker).level, Level::Ok);
    }
}
