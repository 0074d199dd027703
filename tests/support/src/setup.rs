//! What a server is started with.

use crate::artefacts;
use crate::server::Server;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Folders, manifest and variables of a server that is not started yet.
pub struct Setup {
    pub(crate) folder: TempDir,
    pub(crate) variables: Vec<String>,
    pub(crate) options: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    verb: &'static str,
}

impl Setup {
    /// The repository's own manifest, no models, empty state.
    pub fn new() -> Result<Self> {
        artefacts::guests()?;
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let setup = Self {
            folder,
            variables: Vec::new(),
            options: Vec::new(),
            environment: Vec::new(),
            verb: "up",
        };
        std::fs::create_dir(setup.models()).context("cannot make the folder of the models")?;
        artefacts::share_compiled(&setup.state())?;
        let root = artefacts::repository()?;
        let text = std::fs::read_to_string(root.join("spin.toml")).context("cannot read spin.toml")?;
        let absolute = text.replace("\"components/", &format!("\"{}/components/", root.display()));
        setup.write(&absolute)?;
        Ok(setup)
    }

    /// An application of a test's own; `{guests}` in its manifest is the folder of the built guests.
    pub fn app(manifest: &str) -> Result<Self> {
        let setup = Self::new()?;
        let guests = artefacts::guests()?;
        setup.write(&manifest.replace("{guests}", &guests.to_string_lossy()))?;
        Ok(setup)
    }

    /// Replaces a part of the manifest that must be there, everywhere in it.
    pub fn replace(self, part: &str, by: &str) -> Result<Self> {
        let text = std::fs::read_to_string(self.manifest()).context("cannot read the manifest")?;
        ensure!(
            text.contains(part),
            "spin.toml has no `{part}` any more; hint: change this test with it"
        );
        self.write(&text.replace(part, by))?;
        Ok(self)
    }

    /// Sets a variable of the application.
    #[must_use]
    pub fn variable(mut self, key: &str, value: &str) -> Self {
        self.variables.push(format!("{key}={value}"));
        self
    }

    /// Adds an option of `gyre up` with its value.
    #[must_use]
    pub fn option(mut self, option: &str, value: &str) -> Self {
        self.options.extend([option.to_owned(), value.to_owned()]);
        self
    }

    /// Adds an option of `gyre up` that has no value.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.options.push(flag.to_owned());
        self
    }

    /// Sets an environment variable of the host.
    #[must_use]
    pub fn environment(mut self, key: &str, value: &str) -> Self {
        self.environment.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Runs only the model services of the application: `gyre serve-model`.
    #[must_use]
    pub fn serve_model(mut self) -> Self {
        self.verb = "serve-model";
        self
    }

    /// The file of a model, which need not exist.
    #[must_use]
    pub fn model(&self, name: &str) -> PathBuf {
        self.models().join(format!("{name}.gguf"))
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> PathBuf {
        self.folder.path().join("spin.toml")
    }

    /// All that it owns, gone when this is dropped.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the models.
    #[must_use]
    pub fn models(&self) -> PathBuf {
        self.folder.path().join("models")
    }

    /// The folder of databases and compiled components.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Arguments of `gyre up`, or of its sister, on a free port.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let mut arguments: Vec<String> = [self.verb, "--listen", "127.0.0.1:0"].map(str::to_owned).into();
        for (option, path) in [
            ("--from", self.manifest()),
            ("--state", self.state()),
            ("--models", self.models()),
        ] {
            arguments.extend([option.to_owned(), text(path)]);
        }
        // Threads of llama.cpp wait for each other by spinning: on a busy machine one is a hundred times faster.
        arguments.extend(["--threads", "1"].map(str::to_owned));
        for variable in &self.variables {
            arguments.extend(["--variable".to_owned(), variable.clone()]);
        }
        arguments.extend(self.options.clone());
        arguments
    }

    /// Starts the server and waits until it listens.
    pub async fn start(self) -> Result<Server> {
        Server::start(self).await
    }

    fn write(&self, text: &str) -> Result<()> {
        let path: &Path = &self.manifest();
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}
