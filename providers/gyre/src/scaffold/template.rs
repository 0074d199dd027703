//! What each template consists of. WIT is that of this repository, taken when gyre is built.

use crate::cli::Template;

/// A file of a component: its path in the component's folder, and its text with placeholders.
pub(super) struct File(pub(super) &'static str, pub(super) &'static str);

const INFERENCE: &str = include_str!("../../../../wit/inference/inference.wit");
const TOOL: &str = include_str!("../../../../wit/tool/tool.wit");
const NN: &str = include_str!("../../../../wit/deps/nn/wasi-nn.wit");

/// The beginning of a new spin.toml.
pub(super) const MANIFEST: &str = include_str!("../../templates/spin.toml.in");
/// What git leaves out.
pub(super) const GITIGNORE: &str = include_str!("../../templates/gitignore.in");

const APP: &[File] = &[
    File("Cargo.toml", include_str!("../../templates/app/Cargo.toml.in")),
    File("src/lib.rs", include_str!("../../templates/app/lib.rs")),
];
const AGENT: &[File] = &[
    File("Cargo.toml", include_str!("../../templates/agent/Cargo.toml.in")),
    File("persona.md", include_str!("../../templates/agent/persona.md")),
    File("src/lib.rs", include_str!("../../templates/agent/lib.rs")),
    File("src/model.rs", include_str!("../../templates/agent/model.rs")),
    File(
        "wit/world.wit",
        include_str!("../../templates/agent/world.wit.in"),
    ),
    File("wit/deps/wasi-nn/wasi-nn.wit", NN),
];
const TOOL_FILES: &[File] = &[
    File("Cargo.toml", include_str!("../../templates/tool/Cargo.toml.in")),
    File("src/lib.rs", include_str!("../../templates/tool/lib.rs")),
    File("wit/world.wit", include_str!("../../templates/tool/world.wit.in")),
    File("wit/deps/gyre-tool/tool.wit", TOOL),
];
const ADAPTER: &[File] = &[
    File(
        "Cargo.toml",
        include_str!("../../templates/adapter/Cargo.toml.in"),
    ),
    File("src/lib.rs", include_str!("../../templates/adapter/lib.rs")),
    File(
        "wit/world.wit",
        include_str!("../../templates/adapter/world.wit.in"),
    ),
    File("wit/deps/gyre-inference/inference.wit", INFERENCE),
];

impl Template {
    /// The files of its component.
    pub(super) fn files(self) -> &'static [File] {
        match self {
            Self::App => APP,
            Self::Agent => AGENT,
            Self::Tool => TOOL_FILES,
            Self::Adapter => ADAPTER,
        }
    }

    /// Its tables in spin.toml.
    pub(super) fn wiring(self) -> &'static str {
        match self {
            Self::App => include_str!("../../templates/app/component.toml.in"),
            Self::Agent => include_str!("../../templates/agent/component.toml.in"),
            Self::Tool => include_str!("../../templates/tool/component.toml.in"),
            Self::Adapter => include_str!("../../templates/adapter/component.toml.in"),
        }
    }

    /// What a new application's README says.
    pub(super) fn readme(self) -> &'static str {
        match self {
            Self::App => include_str!("../../templates/app/README.md.in"),
            Self::Agent => include_str!("../../templates/agent/README.md.in"),
            Self::Tool => include_str!("../../templates/tool/README.md.in"),
            Self::Adapter => include_str!("../../templates/adapter/README.md.in"),
        }
    }

    /// The shell that serves its leaf.
    pub(super) fn shell(self) -> Option<&'static str> {
        match self {
            Self::App | Self::Agent => None,
            Self::Tool => Some("mcp_server.wasm"),
            Self::Adapter => Some("model.wasm"),
        }
    }

    /// The route of the only component of an application.
    pub(super) fn route(self) -> String {
        match self {
            Self::App | Self::Agent => "\"/...\"".to_owned(),
            Self::Tool => "\"/mcp\"".to_owned(),
            Self::Adapter => "\"/v1/...\"".to_owned(),
        }
    }

    /// The route of a component beside others.
    pub(super) fn route_beside(self, id: &str) -> String {
        match self {
            Self::App | Self::Agent => format!("\"/{id}/...\""),
            Self::Tool => format!("\"/{id}/mcp\""),
            // Its shell serves /v1, which is taken where a gateway is.
            Self::Adapter => {
                format!("{{ private = true }} # others reach it as http://{id}.spin.internal/v1")
            }
        }
    }

    /// How what was made is built and run.
    pub(super) fn run(self) -> &'static str {
        match self {
            Self::Agent => "gyre build && gyre up --model PATH.gguf",
            Self::App | Self::Tool | Self::Adapter => "gyre build --up",
        }
    }
}
