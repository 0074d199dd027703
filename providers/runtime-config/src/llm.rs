//! `[llm_compute]`.

use crate::fields::secret;
use crate::secret::Secret;
use crate::stores::{address, kind, unknown_kind};
use gyre_manifest::{Problem, Section};

/// What answers `fermyon:spin/llm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LlmCompute {
    /// The engine of this host.
    Own,
    /// A server elsewhere.
    RemoteHttp(RemoteLlm),
}

/// A server that answers for models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteLlm {
    /// Its address.
    pub url: Secret,
    /// The token it wants.
    pub auth_token: Secret,
    /// The API it speaks.
    pub api: LlmApi,
}

/// The API of a server of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LlmApi {
    /// Spin's own: `/infer` and `/embed`.
    Spin,
    /// OpenAI's.
    OpenAi,
}

pub(crate) fn read(root: &mut Section) -> Result<LlmCompute, Problem> {
    let key = root.key("llm_compute");
    let Some(value) = root.take("llm_compute") else {
        return Ok(LlmCompute::Own);
    };
    let mut fields = Section::from_value(key, value)?;
    let compute = match kind(&mut fields)?.as_str() {
        "spin" => LlmCompute::Own,
        "remote_http" => LlmCompute::RemoteHttp(RemoteLlm {
            url: address(&mut fields, &["https://", "http://"])?,
            auth_token: secret(
                &mut fields,
                "auth_token",
                "give the token of the server; \"\" where it wants none",
            )?,
            api: api(&mut fields)?,
        }),
        _ => return Err(unknown_kind(&fields, "\"spin\" or \"remote_http\"")),
    };
    fields.finish()?;
    Ok(compute)
}

fn api(fields: &mut Section) -> Result<LlmApi, Problem> {
    match fields.string("api_type")?.as_deref() {
        None | Some("default") => Ok(LlmApi::Spin),
        Some("open_ai") => Ok(LlmApi::OpenAi),
        Some(_) => Err(Problem::new(
            fields.key("api_type"),
            "no such API",
            "use \"default\" or \"open_ai\"",
        )),
    }
}
