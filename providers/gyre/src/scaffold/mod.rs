//! `gyre new` and `gyre add`: applications and components to begin with.

mod add;
mod component;
mod error;
mod name;
mod persona;
mod project;
mod shell;
mod staging;
mod taken;
mod template;

pub(crate) use error::Error;

use crate::cli::{AddArgs, NewArgs, Template};
use anyhow::Result;
use clap::ValueEnum as _;
use serde::Serialize;
use std::path::Path;

/// What was made, and what to do with it.
#[derive(Debug, Serialize)]
struct Made {
    name: String,
    /// The id of its component.
    component: String,
    template: String,
    /// The files written, from the current folder.
    files: Vec<String>,
    /// The commands to run, one after another.
    next: Vec<String>,
}

/// Runs `gyre new`.
pub(crate) fn new(args: &NewArgs) -> Result<()> {
    match (&args.name, args.template) {
        (Some(name), Some(template)) => tell(&project::make(Path::new("."), name, template)?, args.json),
        _ => list(args.json),
    }
}

/// Runs `gyre add`.
pub(crate) fn add(args: &AddArgs) -> Result<()> {
    tell(&add::to(Path::new("."), &args.name, args.template)?, args.json)
}

fn list(json: bool) -> Result<()> {
    let described = |template: &Template| {
        let value = template.to_possible_value()?;
        let help = value.get_help()?.to_string();
        Some((value.get_name().to_owned(), help))
    };
    let templates: Vec<_> = Template::value_variants().iter().filter_map(described).collect();
    if json {
        let templates: Vec<_> = templates
            .iter()
            .map(|(name, description)| serde_json::json!({ "name": name, "description": description }))
            .collect();
        println!("{}", serde_json::json!({ "templates": templates }));
        return Ok(());
    }
    for (name, description) in templates {
        println!("{name:8}  {description}");
    }
    Ok(())
}

fn tell(made: &Made, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string(made)?);
        return Ok(());
    }
    for file in &made.files {
        println!("{file}");
    }
    for command in &made.next {
        eprintln!("next: {command}");
    }
    Ok(())
}
