//! Third-party WIT is not committed: it is copied from the crates that the locks pin.

use crate::process;
use crate::repository::Repository;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One file to copy.
struct Vendored {
    /// The crate that carries it.
    package: &'static str,
    /// The lock that pins the crate.
    lock: &'static str,
    /// The file inside the crate.
    from: &'static str,
    /// The file below wit/deps.
    to: &'static str,
}

const NATIVE_LOCK: &str = "Cargo.lock";
const GUEST_LOCK: &str = "components/Cargo.lock";

/// A file of spin-sdk's own dependencies, which carry every interface of Spin.
const fn of_spin(from: &'static str, to: &'static str) -> Vendored {
    Vendored {
        package: "spin-sdk",
        lock: GUEST_LOCK,
        from,
        to,
    }
}

const FILES: [Vendored; 22] = [
    Vendored {
        package: "wasmtime-wasi-nn",
        lock: NATIVE_LOCK,
        from: "wit/wasi-nn.wit",
        to: "nn/wasi-nn.wit",
    },
    of_spin(
        "wit/deps/spin-key-value@3.0.0/key-value.wit",
        "key-value/key-value.wit",
    ),
    of_spin("wit/deps/fermyon-spin@2.0.0/llm.wit", "llm/llm.wit"),
    of_spin("wit/deps/otel@0.2.0-rc.2/logs.wit", "otel/logs.wit"),
    of_spin("wit/deps/otel@0.2.0-rc.2/metrics.wit", "otel/metrics.wit"),
    of_spin("wit/deps/otel@0.2.0-rc.2/tracing.wit", "otel/tracing.wit"),
    of_spin("wit/deps/otel@0.2.0-rc.2/types.wit", "otel/types.wit"),
    of_spin("wit/deps/otel@0.2.0-rc.2/world.wit", "otel/world.wit"),
    // What wasi:otel says times with.
    of_spin(
        "wit/deps/clocks@0.2.0/monotonic-clock.wit",
        "otel/deps/clocks/monotonic-clock.wit",
    ),
    of_spin(
        "wit/deps/clocks@0.2.0/wall-clock.wit",
        "otel/deps/clocks/wall-clock.wit",
    ),
    of_spin("wit/deps/io@0.2.0/poll.wit", "otel/deps/io/poll.wit"),
    of_spin(
        "wit/deps/spin-postgres@4.2.0/postgres.wit",
        "postgres/postgres.wit",
    ),
    of_spin("wit/deps/spin-redis@3.0.0/redis.wit", "redis/redis.wit"),
    of_spin("wit/deps/spin-sqlite@3.1.0/sqlite.wit", "sqlite/sqlite.wit"),
    of_spin(
        "wit/deps/spin-variables@3.0.0/variables.wit",
        "variables/variables.wit",
    ),
    of_spin(
        "wit/deps/wasi-runtime-config-2024-09-27/store.wit",
        "wasi-config/store.wit",
    ),
    of_spin(
        "wit/deps/wasi-runtime-config-2024-09-27/world.wit",
        "wasi-config/world.wit",
    ),
    of_spin(
        "wit/deps/wasi-keyvalue-2024-10-17/atomic.wit",
        "wasi-keyvalue/atomic.wit",
    ),
    of_spin(
        "wit/deps/wasi-keyvalue-2024-10-17/batch.wit",
        "wasi-keyvalue/batch.wit",
    ),
    of_spin(
        "wit/deps/wasi-keyvalue-2024-10-17/store.wit",
        "wasi-keyvalue/store.wit",
    ),
    of_spin(
        "wit/deps/wasi-keyvalue-2024-10-17/watch.wit",
        "wasi-keyvalue/watch.wit",
    ),
    of_spin(
        "wit/deps/wasi-keyvalue-2024-10-17/world.wit",
        "wasi-keyvalue/world.wit",
    ),
];

/// Makes wit/deps match the locks. Unchanged files are not touched, so builds stay fresh.
pub(crate) fn run(repository: &Repository) -> Result<()> {
    let folder = repository.path("wit/deps");
    let stamp = folder.join(".pinned");
    let pins = pins(repository)?;
    let complete = FILES.iter().all(|file| folder.join(file.to).is_file());
    if complete && pins.is_some() && std::fs::read_to_string(&stamp).ok() == pins {
        return Ok(());
    }
    let native = packages(repository, "Cargo.toml")?;
    let guests = packages(repository, "components/Cargo.toml")?;
    for file in &FILES {
        let packages = if file.lock == NATIVE_LOCK {
            &native
        } else {
            &guests
        };
        let crate_folder = locate(packages, file.package)?;
        let content = std::fs::read(crate_folder.join(file.from))
            .with_context(|| format!("crate {} has no {}", file.package, file.from))?;
        if write_if_changed(&folder.join(file.to), &content)? {
            println!("wit: wit/deps/{} from crate {}", file.to, file.package);
        }
    }
    // Locating the crates may just have made a lock, so the pins are read again.
    if let Some(pins) = self::pins(repository)? {
        write_if_changed(&stamp, pins.as_bytes())?;
    }
    Ok(())
}

/// The pinned versions, one crate a line; none while a lock is missing or lacks one.
fn pins(repository: &Repository) -> Result<Option<String>> {
    let mut lines = String::new();
    for file in &FILES {
        let Ok(lock) = std::fs::read_to_string(repository.path(file.lock)) else {
            return Ok(None);
        };
        let Some(version) = locked_version(&lock, file.package) else {
            return Ok(None);
        };
        lines.push_str(&format!("{} {version}\n", file.package));
    }
    Ok(Some(lines))
}

/// The version of a package in the text of a Cargo.lock.
fn locked_version<'lock>(lock: &'lock str, package: &str) -> Option<&'lock str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

/// The packages of a workspace, optional ones included, as cargo describes them.
fn packages(repository: &Repository, manifest: &str) -> Result<serde_json::Value> {
    let mut cargo: Command = repository.cargo();
    cargo.args([
        "metadata",
        "--format-version",
        "1",
        "--all-features",
        "--manifest-path",
        manifest,
    ]);
    let metadata = process::output(&mut cargo)?;
    let mut metadata: serde_json::Value =
        serde_json::from_slice(&metadata).context("cargo metadata did not write JSON")?;
    Ok(metadata["packages"].take())
}

fn locate(packages: &serde_json::Value, name: &str) -> Result<PathBuf> {
    let package = packages
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == name);
    let manifest = package.and_then(|package| package["manifest_path"].as_str());
    let manifest = manifest.with_context(|| {
        format!("no crate depends on {name}, which carries third-party WIT\nhint: name it as an optional dependency")
    })?;
    let folder = Path::new(manifest).parent().context("a crate without a folder")?;
    Ok(folder.to_path_buf())
}

fn write_if_changed(path: &Path, content: &[u8]) -> Result<bool> {
    if std::fs::read(path).is_ok_and(|present| present == content) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::{locate, locked_version, write_if_changed};

    #[test]
    fn reads_a_locked_version() {
        let lock = "[[package]]\nname = \"spin-sdk\"\nversion = \"7.0.0\"\n";
        assert_eq!(locked_version(lock, "spin-sdk"), Some("7.0.0"));
        assert_eq!(locked_version(lock, "spin"), None);
        assert_eq!(locked_version("name = \"spin-sdk\"", "spin-sdk"), None);
    }

    #[test]
    fn a_missing_crate_is_named_with_its_cure() {
        let packages = serde_json::json!([{ "name": "a", "manifest_path": "/x/a/Cargo.toml" }]);
        assert!(locate(&packages, "a").is_ok_and(|folder| folder.ends_with("x/a")));
        let error = locate(&packages, "b").expect_err("b is not there").to_string();
        assert!(
            error.contains("no crate depends on b") && error.contains("hint:"),
            "{error}"
        );
    }

    #[test]
    fn an_equal_file_is_not_touched() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("deep/file.wit");
        assert!(write_if_changed(&file, b"a").expect("first write"));
        assert!(!write_if_changed(&file, b"a").expect("same content"));
        assert!(write_if_changed(&file, b"b").expect("new content"));
    }
}
