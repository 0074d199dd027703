//! `targets`: environments that an application is made for. They are checked when it is deployed there, not here;
//! that they are well written is checked here.

use toml::Value;

use crate::{
    error::Problem,
    section::{Section, wrong_type},
};

/// Reads `targets` of the application or of a component.
pub(crate) fn check(section: &mut Section) -> Result<(), Problem> {
    const HINT: &str = "write \"spin-up:4.1\", { url = \"…\" } or { path = \"…\" }";
    let key = section.key("targets");
    for (index, value) in section.list("targets")?.into_iter().enumerate() {
        let key = format!("{key}[{index}]");
        match value {
            Value::String(_) => {}
            Value::Table(_) => {
                let mut target = Section::from_value(key.clone(), value)?;
                let (url, path) = (target.string("url")?, target.string("path")?);
                target.finish()?;
                if url.is_some() == path.is_some() {
                    return Err(Problem::new(key, "must have either `url` or `path`", HINT));
                }
            }
            other => return Err(wrong_type(key, "the name or the place of an environment", &other)),
        }
    }
    Ok(())
}
