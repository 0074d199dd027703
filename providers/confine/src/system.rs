//! Where systems keep what every program reads. All of it is let through only where it is there.

use std::path::{Path, PathBuf};

/// Programs that start other programs: the worker is linked to libraries.
const LOADERS: [&str; 4] = [
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
];
const LIBRARIES: [&str; 9] = [
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
];
/// Names and certificates; never private keys, which lie beside them.
const NETWORK_FILES: [&str; 18] = [
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/tls/certs",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/usr/local/share/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/share/zoneinfo",
];
/// What says how much memory, how many mappings and how many cores there are.
const MACHINE: [&str; 9] = [
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self",
    "/proc/stat",
    "/proc/sys/vm/max_map_count",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/sys/kernel/mm/transparent_hugepage",
];
/// What the drivers of a graphics processor read beside their devices.
const GPU_FILES: [&str; 6] = [
    "/etc/nvidia",
    "/opt/cuda",
    "/proc",
    "/sys",
    "/usr/local/cuda",
    "/usr/share/nvidia",
];
/// Begins the names of their devices.
const GPU_DEVICES: [&str; 3] = ["nvidia", "dri", "kfd"];

/// The loaders of programs.
#[must_use]
pub fn loaders() -> Vec<PathBuf> {
    LOADERS.iter().map(PathBuf::from).collect()
}

/// Libraries, also where `LD_LIBRARY_PATH` says.
#[must_use]
pub fn libraries() -> Vec<PathBuf> {
    let told = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let told: Vec<PathBuf> = std::env::split_paths(&told)
        .filter(|path| path.is_absolute())
        .collect();
    LIBRARIES.iter().map(PathBuf::from).chain(told).collect()
}

/// Files for names and certificates, also where `SSL_CERT_FILE` and `SSL_CERT_DIR` say.
#[must_use]
pub fn network_files() -> Vec<PathBuf> {
    let told = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .into_iter()
        .filter_map(std::env::var_os);
    let resolver = resolver_folder(Path::new("/etc/resolv.conf"));
    NETWORK_FILES
        .iter()
        .map(PathBuf::from)
        .chain(told.map(PathBuf::from))
        .chain(resolver)
        .collect()
}

/// The folder that /etc/resolv.conf leads to, when it leads elsewhere: what is there is replaced, not rewritten, when the
/// network changes, and a rule for a file holds for that very file only.
fn resolver_folder(config: &Path) -> Option<PathBuf> {
    let target = config.canonicalize().ok()?;
    let folder = target.parent()?;
    (folder.parent().is_some() && folder != config.parent()?).then(|| folder.to_owned())
}

/// What says how much memory, how many mappings and how many cores there are.
#[must_use]
pub fn machine() -> Vec<PathBuf> {
    MACHINE.iter().map(PathBuf::from).collect()
}

/// The devices of graphics processors, and what their drivers read; both empty where there are none.
#[must_use]
pub fn gpu() -> (Vec<PathBuf>, Vec<PathBuf>) {
    let devices = gpu_devices(Path::new("/dev"));
    let files = if devices.is_empty() { &[][..] } else { &GPU_FILES };
    (devices, files.iter().map(PathBuf::from).collect())
}

fn gpu_devices(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_gpu = |path: &PathBuf| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        GPU_DEVICES.iter().any(|prefix| name.starts_with(prefix))
    };
    entries.map(|entry| entry.path()).filter(is_gpu).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_folder_of_the_resolver_is_let_through_only_where_it_is_elsewhere() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().canonicalize().expect("a path");
        let (etc, run) = (path.join("etc"), path.join("run"));
        for folder in [&etc, &run] {
            std::fs::create_dir(folder).expect("a folder");
        }
        let config = etc.join("resolv.conf");
        assert_eq!(resolver_folder(&config), None, "not there");
        std::fs::write(&config, "").expect("a file");
        assert_eq!(resolver_folder(&config), None, "no link: never all of /etc");
        std::fs::remove_file(&config).expect("removes");
        std::fs::write(run.join("stub.conf"), "").expect("a file");
        symlink(run.join("stub.conf"), &config).expect("a link");
        assert_eq!(resolver_folder(&config), Some(run));
    }

    #[test]
    fn graphics_processors_are_found_by_their_devices() {
        let dev = tempfile::tempdir().expect("a folder");
        assert!(gpu_devices(dev.path()).is_empty());
        for name in ["null", "nvidia0", "nvidiactl", "nvme0"] {
            std::fs::write(dev.path().join(name), "").expect("a file");
        }
        let mut found = gpu_devices(dev.path());
        found.sort();
        assert_eq!(found, [dev.path().join("nvidia0"), dev.path().join("nvidiactl")]);
    }
}
