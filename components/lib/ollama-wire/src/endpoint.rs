//! The paths of this face.

use gyre_chat_wire::ApiError;

/// What `GET /` answers, as text: some clients look whether a server is there.
pub const GREETING: &str = "Ollama is running";

/// A path with its method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /api/chat`
    Chat,
    /// `POST /api/generate`
    Generate,
    /// `POST /api/embed`
    Embed,
    /// `POST /api/embeddings`, the older form.
    Embeddings,
    /// `GET /api/tags`
    Tags,
    /// `POST /api/show`
    Show,
    /// `GET /api/ps`
    Running,
    /// `GET /api/version`
    Version,
    /// `GET /`
    Greeting,
}

impl Endpoint {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Chat, "/api/chat"),
        (Self::Generate, "/api/generate"),
        (Self::Embed, "/api/embed"),
        (Self::Embeddings, "/api/embeddings"),
        (Self::Tags, "/api/tags"),
        (Self::Show, "/api/show"),
        (Self::Running, "/api/ps"),
        (Self::Version, "/api/version"),
        (Self::Greeting, "/"),
    ];

    /// The endpoint of a method and path. `HEAD` asks for what `GET` does.
    pub fn of(method: &str, path: &str) -> Result<Self, ApiError> {
        let found = Self::ALL.into_iter().find(|(_, its)| *its == path);
        let Some((endpoint, _)) = found else {
            return Err(unknown(path));
        };
        let asked = if method == "HEAD" { "GET" } else { method };
        if endpoint.method() == asked {
            return Ok(endpoint);
        }
        Err(ApiError::new(
            405,
            "method_not_allowed",
            format!("{path} takes {} only", endpoint.method()),
        ))
    }

    /// Its method.
    #[must_use]
    pub fn method(self) -> &'static str {
        match self {
            Self::Chat | Self::Generate | Self::Embed | Self::Embeddings | Self::Show => "POST",
            Self::Tags | Self::Running | Self::Version | Self::Greeting => "GET",
        }
    }
}

/// What manages models is told apart from what is not there at all.
fn unknown(path: &str) -> ApiError {
    const MANAGING: [&str; 7] = ["pull", "push", "create", "copy", "delete", "blobs", "me"];
    let first = path.strip_prefix("/api/").and_then(|rest| rest.split('/').next());
    if let Some(known) = MANAGING.into_iter().find(|known| first == Some(known)) {
        return ApiError::new(
            404,
            "unsupported",
            format!(
                "/api/{known} is not supported: models are not managed by requests; \
                 hint: put the file into the models folder and grant it in the manifest"
            ),
        );
    }
    let there: Vec<_> = Endpoint::ALL.iter().map(|(_, path)| *path).collect();
    ApiError::new(
        404,
        "unknown_path",
        format!("no such path; hint: there are {}", there.join(", ")),
    )
}
