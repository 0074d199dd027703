//! `gyre model list`: what is in the models folder, or what a server offers.

use super::error::Error;
use super::found::Found;
use super::{folder, render};
use crate::cli::ModelListArgs;
use crate::client::{Server, print, print_json};
use crate::table::Table;
use anyhow::Result;
use gyre_gguf::folder::{is_name, name_of};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(30);
/// Facts that only `inspect` tells people.
const CURE: &str = "`gyre model inspect NAME` tells more";

#[derive(Debug, Serialize)]
struct Models {
    folder: PathBuf,
    models: Vec<Found>,
    /// Files that are no models.
    broken: Vec<Broken>,
}

#[derive(Debug, Serialize)]
struct Broken {
    name: String,
    path: PathBuf,
    error: String,
}

/// `GET /v1/models`, as OpenAI has it.
#[derive(Debug, Serialize, Deserialize)]
struct Offered {
    data: Vec<Offer>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Offer {
    id: String,
    owned_by: Option<String>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// Runs the verb.
pub(super) async fn run(args: &ModelListArgs) -> Result<()> {
    if args.server {
        return offered(args).await;
    }
    let found = look(&args.folder.path()?)?;
    if args.json {
        return print_json(&found);
    }
    print(&table(&found))?;
    let folder = found.folder.display();
    if found.models.is_empty() && found.broken.is_empty() {
        eprintln!("no models in {folder}; hint: fetch one with `gyre model pull`");
    } else {
        eprintln!("in {folder}; hint: {CURE}");
    }
    Ok(())
}

fn look(folder: &Path) -> Result<Models, Error> {
    let files = match folder::all(folder) {
        Ok(files) => files,
        // It is made with the first pull.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Error::disk("read", folder)(error)),
    };
    let mut found = Models {
        folder: folder.to_owned(),
        models: Vec::new(),
        broken: Vec::new(),
    };
    for path in files {
        let name = name_of(&path);
        let read = if is_name(&name) {
            Found::read(&path)
        } else {
            Err(Error::BadName(name.clone()))
        };
        match read {
            Ok(model) => found.models.push(model),
            Err(error) => {
                let error = error.to_string();
                found.broken.push(Broken { name, path, error });
            }
        }
    }
    Ok(found)
}

fn table(found: &Models) -> String {
    let mut table = Table::new(&[
        "MODEL",
        "SIZE",
        "PARAMETERS",
        "QUANTISED",
        "CONTEXT",
        "ARCHITECTURE",
        "USE",
    ]);
    for model in &found.models {
        match model {
            Found::Gguf(facts) => table.row(&[
                &facts.name,
                &render::bytes(facts.bytes),
                &render::count(facts.parameters),
                facts.quantisation,
                &render::tokens(facts.context_length),
                &facts.architecture,
                facts.ability(),
            ]),
            Found::Onnx(graph) => {
                let bytes = render::bytes(graph.bytes);
                table.row(&[&graph.name, &bytes, "-", "-", "-", "onnx", graph.ability()]);
            }
        }
    }
    for broken in &found.broken {
        // The cure is `inspect`'s to tell, and the path is the folder's.
        let why = broken.error.split("; hint: ").next().unwrap_or_default();
        let path = format!("{}: ", broken.path.display());
        let why = format!("broken: {}", why.trim_start_matches(&path));
        table.row(&[&broken.name, "-", "-", "-", "-", "-", &why]);
    }
    table.render()
}

async fn offered(args: &ModelListArgs) -> Result<()> {
    let found: Offered = Server::new(&args.at.url, TIMEOUT)?.get(&["v1", "models"]).await?;
    if args.json {
        return print_json(&found);
    }
    let mut table = Table::new(&["MODEL", "BY"]);
    for model in &found.data {
        table.row(&[&model.id, model.owned_by.as_deref().unwrap_or("-")]);
    }
    print(&table.render())?;
    if found.data.is_empty() {
        eprintln!("the server offers no models; hint: fetch one with `gyre model pull`");
    }
    Ok(())
}
