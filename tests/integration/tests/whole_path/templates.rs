//! `gyre new` and `gyre add`: what they make builds by its own build table and answers.

use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup, gyre, host, repository};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;

/// The first build compiles the SDK.
const BUILD_WAIT: Duration = Duration::from_secs(900);

/// A project that `gyre new` made.
struct Project {
    _folder: TempDir,
    root: PathBuf,
}

impl Project {
    async fn new(name: &str, template: &str) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let made = gyre(folder.path(), &["new", name, "--template", template, "--json"]).await?;
        ensure!(made.code == 0, "{made:?}");
        let made = made.json()?;
        ensure!(made["name"] == name && made["template"] == template, "{made}");
        let root = folder.path().join(name);
        let project = Self {
            _folder: folder,
            root,
        };
        project.prepare(made["component"].as_str().context("no component")?)?;
        Ok(project)
    }

    /// Shares what is built with other tests, at the versions that this repository is built with.
    fn prepare(&self, id: &str) -> Result<()> {
        let repository = repository()?;
        let shared = repository.join("components/target/templates");
        std::fs::create_dir_all(&shared)?;
        std::os::unix::fs::symlink(shared, self.root.join(id).join("target"))?;
        let lock = repository.join("components/fixtures/Cargo.lock");
        std::fs::copy(lock, self.root.join(id).join("Cargo.lock"))?;
        Ok(())
    }

    fn manifest(&self) -> Result<String> {
        std::fs::read_to_string(self.root.join("spin.toml")).context("there is no spin.toml")
    }

    /// Runs the command of each build table, as `gyre build` does, with this build's `gyre` and without a network.
    async fn build(&self) -> Result<()> {
        let manifest = self.manifest()?;
        let of = |key: &str| -> Vec<String> {
            let lines = manifest
                .lines()
                .filter_map(|line| line.strip_prefix(&format!("{key} = \"")));
            lines.map(|line| line.trim_end_matches('"').to_owned()).collect()
        };
        let (commands, folders) = (of("command"), of("workdir"));
        ensure!(
            !commands.is_empty() && commands.len() == folders.len(),
            "{manifest}"
        );
        let programs = host()?.parent().context("gyre lies nowhere")?.to_owned();
        let path = std::env::var("PATH").context("no PATH")?;
        for (command, folder) in commands.iter().zip(folders) {
            let run = Command::new("sh")
                .args(["-c", command])
                .current_dir(self.root.join(folder))
                .env("PATH", format!("{}:{path}", programs.display()))
                .env("CARGO_NET_OFFLINE", "true")
                .env_remove("CARGO_TARGET_DIR")
                .kill_on_drop(true)
                .output();
            let output = tokio::time::timeout(BUILD_WAIT, run)
                .await
                .context("the build hangs")??;
            ensure!(
                output.status.success(),
                "{command}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }

    /// Its application, with the paths of its folder made absolute.
    fn setup(&self) -> Result<Setup> {
        let root = self.root.display();
        let mut text = self.manifest()?;
        for folder in folders(&self.root)? {
            text = text.replace(&format!("\"{folder}/"), &format!("\"{root}/{folder}/"));
            text = text.replace(
                &format!("source = \"{folder}\""),
                &format!("source = \"{root}/{folder}\""),
            );
        }
        Setup::app(&text)
    }

    async fn up(&self) -> Result<Server> {
        self.build().await?;
        self.setup()?.start().await
    }
}

fn folders(root: &Path) -> Result<Vec<String>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(root)? {
        let entry = entry?;
        if entry.path().is_dir() {
            folders.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(folders)
}

async fn body(server: &Server, path: &str, question: &str) -> Result<(u16, String, String)> {
    let answer = server
        .http()
        .post(server.url(path))
        .body(question.to_owned())
        .send()
        .await?;
    let model = answer
        .headers()
        .get("x-model")
        .map(|it| it.to_str().unwrap_or_default().to_owned());
    Ok((
        answer.status().as_u16(),
        model.unwrap_or_default(),
        answer.text().await?,
    ))
}

#[tokio::test]
async fn an_app_and_what_is_added_to_it_answer() -> Result<()> {
    let project = Project::new("hello", "app").await?;
    let added = gyre(&project.root, &["add", "second", "--template", "app", "--json"]).await?;
    ensure!(added.code == 0, "{added:?}");
    project.prepare("second")?;
    let server = project.up().await?;
    let (status, _, text) = body(&server, "/x/y", "").await?;
    ensure!(
        status == 200 && text == "Hello from hello at /x/y\n",
        "{status}: {text}"
    );
    let (status, _, text) = body(&server, "/second/z", "").await?;
    ensure!(
        status == 200 && text == "Hello from second at /second/z\n",
        "{status}: {text}"
    );
    Ok(())
}

#[tokio::test]
async fn an_agent_answers_by_the_model_it_is_given_and_says_when_there_is_none() -> Result<()> {
    let project = Project::new("writer", "agent").await?;
    let server = project.up().await?;
    let (status, _, text) = body(&server, "/", "Who are you?").await?;
    ensure!(
        status == 503 && text.contains("gyre up --model"),
        "{status}: {text}"
    );
    drop(server);
    let setup = project.setup()?;
    let file = setup.folder().join("tiny-llama.gguf");
    gyre_gguf::tiny::random_llama(7, &file)?;
    let server = setup.option("--model", &file.to_string_lossy()).start().await?;
    let (status, model, text) = body(&server, "/", "Who are you?").await?;
    ensure!(
        status == 200 && model == "tiny-llama" && !text.trim().is_empty(),
        "{status} {model}: {text}"
    );
    let (status, _, text) = body(&server, "/", "").await?;
    ensure!(status == 400, "{status}: {text}");
    Ok(())
}

#[tokio::test]
async fn a_tool_is_called_over_mcp() -> Result<()> {
    let project = Project::new("words", "tool").await?;
    let server = project.up().await?;
    let version = "2026-07-28";
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "count_words", "arguments": { "text": "one two three" },
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    }});
    let answer = server
        .http()
        .post(server.url("/mcp"))
        .header("mcp-protocol-version", version)
        .header("mcp-method", "tools/call")
        .header("mcp-name", "count_words")
        .json(&call)
        .send()
        .await?;
    let answer: Value = answer.json().await?;
    ensure!(answer["result"]["structuredContent"]["words"] == 3, "{answer}");
    Ok(())
}

#[tokio::test]
async fn an_adapter_is_a_model_server() -> Result<()> {
    let project = Project::new("mine", "adapter").await?;
    let server = project.up().await?;
    let (status, models) = server.get("/v1/models").await?;
    ensure!(
        status == 200 && models["data"][0]["id"] == "mine-double",
        "{models}"
    );
    let question =
        json!({ "model": "mine-double", "messages": [{ "role": "user", "content": "Hello there" }] });
    let (status, answer) = server.post("/v1/chat/completions", &question).await?;
    ensure!(status == 200, "{status}: {answer}");
    let said = &answer["choices"][0]["message"]["content"];
    ensure!(said == "I am a double, not a model. Hello there", "{answer}");
    Ok(())
}

#[tokio::test]
async fn names_and_folders_that_are_taken_are_refused() -> Result<()> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let cases: [(&[&str], i32, &str); 5] = [
        (&["new", "Bad Name", "--template", "app"], 2, "a-z"),
        (&["new", "../up", "--template", "app"], 2, "a-z"),
        (&["new", "fine", "--template", "nosuch"], 2, "adapter"),
        (&["new", "fine"], 2, "--template"),
        (&["add", "fine", "--template", "app"], 64, "gyre new"),
    ];
    for (words, code, part) in cases {
        let refused = gyre(folder.path(), words).await?;
        ensure!(
            refused.code == code && refused.stderr.contains(part),
            "{words:?}: {refused:?}"
        );
    }
    ensure!(
        std::fs::read_dir(folder.path())?.count() == 0,
        "something was left"
    );
    let words = ["new", "fine", "--template", "app"];
    ensure!(gyre(folder.path(), &words).await?.code == 0);
    let again = gyre(folder.path(), &words).await?;
    ensure!(
        again.code == 1 && again.stderr.contains("is there already"),
        "{again:?}"
    );
    let list = gyre(folder.path(), &["new", "--list", "--json"]).await?.json()?;
    ensure!(
        list["templates"].as_array().is_some_and(|list| list.len() == 4),
        "{list}"
    );
    Ok(())
}
