//! A small server of Hrana 3 over HTTP, as a libSQL server speaks it, with SQLite behind it.
//!
//! No libSQL server is packaged for the machines that run these tests. This one answers what its client sends, no more.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A server of Hrana with one database; it ends when this is dropped.
pub struct Hrana {
    state: Arc<Mutex<State>>,
    task: tokio::task::JoinHandle<()>,
    url: String,
    _folder: TempDir,
}

struct State {
    database: PathBuf,
    streams: HashMap<String, Connection>,
    named: u64,
    elsewhere: Option<String>,
}

impl Hrana {
    /// The token that it wants.
    pub const TOKEN: &str = "hrana-test-token";

    /// Starts one on a free port.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no free port")?;
        let url = format!("http://{}", listener.local_addr().context("no address")?);
        let state = Arc::new(Mutex::new(State {
            database: folder.path().join("far.db"),
            streams: HashMap::new(),
            named: 0,
            elsewhere: None,
        }));
        let task = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self {
            state,
            task,
            url,
            _folder: folder,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends every stream, as a server that restarts does.
    pub fn forget_streams(&self) {
        lock(&self.state).streams.clear();
    }

    /// How many streams are open.
    #[must_use]
    pub fn streams(&self) -> usize {
        lock(&self.state).streams.len()
    }

    /// From now on it sends clients to this address.
    pub fn send_to(&self, url: &str) {
        lock(&self.state).elsewhere = Some(url.to_owned());
    }
}

impl Drop for Hrana {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((socket, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&state), request));
            // A client that hangs up is no failure.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let wanted = format!("Bearer {}", Hrana::TOKEN);
    let token = request
        .headers()
        .get("authorization")
        .map(|value| value.as_bytes());
    let (status, body) = if token != Some(wanted.as_bytes()) {
        (401, json!({ "error": "unauthorized" }))
    } else if request.uri().path() != "/v3/pipeline" {
        (404, json!({ "error": "no such path" }))
    } else {
        let body = request.into_body().collect().await.map(|body| body.to_bytes());
        let body = body.ok().and_then(|body| serde_json::from_slice(&body).ok());
        body.and_then(|body: Value| pipeline(&mut lock(&state), &body))
            .map_or(
                (400, json!({ "error": "malformed, or no such stream" })),
                |body| (200, body),
            )
    };
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    Ok(response)
}

fn pipeline(state: &mut State, body: &Value) -> Option<Value> {
    let connection = match body["baton"].as_str() {
        Some(baton) => state.streams.remove(baton)?,
        None => Connection::open(&state.database).ok()?,
    };
    let mut open = true;
    let requests = body["requests"].as_array()?.iter();
    let results: Vec<Value> = requests
        .map(|request| {
            let response = match request["type"].as_str() {
                Some("execute") => execute(&connection, &request["stmt"])
                    .map(|result| json!({ "type": "execute", "result": result })),
                Some("get_autocommit") => {
                    Ok(json!({ "type": "get_autocommit", "is_autocommit": connection.is_autocommit() }))
                }
                _ => {
                    open = false;
                    Ok(json!({ "type": "close" }))
                }
            };
            match response {
                Ok(response) => json!({ "type": "ok", "response": response }),
                Err(error) => json!({ "type": "error", "error": { "message": error.to_string(), "code": "SQLITE_ERROR" } }),
            }
        })
        .collect();
    state.named += 1;
    // A baton is good for one request.
    let baton = open.then(|| format!("baton-{}", state.named));
    if let Some(baton) = &baton {
        state.streams.insert(baton.clone(), connection);
    }
    Some(json!({ "baton": baton, "base_url": state.elsewhere, "results": results }))
}

fn execute(connection: &Connection, stmt: &Value) -> rusqlite::Result<Value> {
    let mut statement = connection.prepare(stmt["sql"].as_str().unwrap_or_default())?;
    let cols: Vec<Value> = statement
        .column_names()
        .map(|name| json!({ "name": name, "decltype": null }))
        .collect();
    let parameters = stmt["args"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut found = statement.query(params_from_iter(parameters.iter().map(into_sql)))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let cells = (0..cols.len()).map(|index| row.get_ref(index).map(from_sql));
        rows.push(Value::Array(cells.collect::<Result<_, _>>()?));
    }
    let affected = if cols.is_empty() { connection.changes() } else { 0 };
    Ok(json!({
        "cols": cols,
        "rows": rows,
        "affected_row_count": affected,
        "last_insert_rowid": connection.last_insert_rowid().to_string(),
        "rows_read": 0,
    }))
}

fn into_sql(cell: &Value) -> Sql {
    match cell["type"].as_str() {
        Some("integer") => Sql::Integer(
            cell["value"]
                .as_str()
                .and_then(|text| text.parse().ok())
                .unwrap_or(0),
        ),
        Some("float") => Sql::Real(cell["value"].as_f64().unwrap_or(0.0)),
        Some("text") => Sql::Text(cell["value"].as_str().unwrap_or_default().to_owned()),
        Some("blob") => Sql::Blob(
            BASE64
                .decode(cell["base64"].as_str().unwrap_or_default())
                .unwrap_or_default(),
        ),
        _ => Sql::Null,
    }
}

fn from_sql(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => json!({ "type": "null" }),
        ValueRef::Integer(integer) => json!({ "type": "integer", "value": integer.to_string() }),
        ValueRef::Real(real) => json!({ "type": "float", "value": real }),
        ValueRef::Text(text) => json!({ "type": "text", "value": String::from_utf8_lossy(text) }),
        ValueRef::Blob(blob) => json!({ "type": "blob", "base64": BASE64.encode(blob) }),
    }
}
