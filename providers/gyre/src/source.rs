//! The application that `gyre up --from` names: a file, a folder, or what a registry has.

use crate::cli::UpArgs;
use crate::exit::Usage;
use anyhow::{Context, Result};
use gyre_manifest::{App as Manifest, PROFILE};
use gyre_oci::{Pull, Source};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;

/// Reads the manifest, fetching it first where it is in a registry, and keeps the components asked for.
pub(crate) fn manifest(args: &UpArgs) -> Result<Manifest> {
    let path = match Source::find(&args.from)? {
        Source::Manifest(path) => path,
        Source::Registry(reference) => fetch(args, &reference)?,
    };
    let manifest = gyre_manifest::load(&path, Some(&args.profile))?;
    if args.components.is_empty() {
        return Ok(manifest);
    }
    let ids: Vec<&str> = args.components.iter().map(String::as_str).collect();
    Ok(manifest.subset(&ids)?)
}

/// The manifest of a fetched application. No thread of this is left when it returns: the second wall comes after it.
fn fetch(args: &UpArgs, reference: &str) -> Result<PathBuf> {
    if args.profile != PROFILE {
        let cure = "leave out --profile: the profile of an application is chosen when it is pushed";
        return Err(Usage::new("--profile is given for an application of a registry", cure).into());
    }
    let pull = Pull {
        cache: args.registry.cache()?,
        insecure: args.registry.insecure,
        docker_config: docker_config(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the async runtime")?;
    let bar = bar(reference);
    if bar.is_hidden() {
        eprintln!("gyre: fetching {reference}");
    }
    let fetched = runtime.block_on(pull.run(reference, |fetched| {
        bar.set_length(fetched.bytes_all);
        bar.set_position(fetched.bytes);
    }));
    bar.finish_and_clear();
    Ok(fetched?)
}

/// Where docker keeps who may log in where: `$DOCKER_CONFIG`, or in the home.
fn docker_config() -> Option<PathBuf> {
    let folder = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let folder = folder.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".docker")));
    folder.map(|folder| folder.join("config.json"))
}

/// Hidden where stderr is no terminal.
fn bar(reference: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("gyre: fetching {msg} {wide_bar} {bytes}/{total_bytes}");
    let bar = ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(reference.to_owned());
    bar
}
