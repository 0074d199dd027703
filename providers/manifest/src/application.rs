//! What `[application]` says.

use toml::Value;

use crate::{error::Problem, section::Section, target};

/// What of it a host needs.
pub(crate) struct Application {
    pub(crate) name: String,
    /// The server of Redis triggers that name none.
    pub(crate) redis_address: Option<String>,
}

/// Reads `[application]`.
pub(crate) fn read(top: &mut Section) -> Result<Application, Problem> {
    let hint = "write [application] with name = \"…\"";
    let mut section = top
        .section("application")?
        .ok_or_else(|| Problem::new("application", "missing", hint))?;
    let name = section.required_string("name", hint)?;
    section.string("version")?;
    section.string("description")?;
    section.strings("authors")?;
    target::check(&mut section)?;
    let redis_address = match section.section("trigger")? {
        None => None,
        Some(mut triggers) => {
            check_http(&mut triggers)?;
            // Tables of other kinds configure triggers that are refused where they stand.
            read_redis_address(&mut triggers)?
        }
    };
    if let Some(tools) = section.section("tool")? {
        tools.tables()?;
    }
    section.finish()?;
    Ok(Application { name, redis_address })
}

/// All routes begin at `/`: stock Spin knows no other base any more, and ignores one that is written.
fn check_http(triggers: &mut Section) -> Result<(), Problem> {
    let Some(mut http) = triggers.section("http")? else {
        return Ok(());
    };
    let key = http.key("base");
    match http.take("base") {
        None => {}
        Some(Value::String(base)) if base == "/" => {}
        Some(_) => {
            return Err(Problem::unsupported(
                key,
                "routes have no common base in version 2 of the manifest",
                "remove it, and write it before each route",
            ));
        }
    }
    http.finish()
}

fn read_redis_address(triggers: &mut Section) -> Result<Option<String>, Problem> {
    match triggers.section("redis")? {
        None => Ok(None),
        Some(mut redis) => {
            let address = redis.string("address")?;
            redis.finish()?;
            Ok(address)
        }
    }
}
