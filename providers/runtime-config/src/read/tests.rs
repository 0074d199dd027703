use super::*;
use crate::{
    EnvProvider, KeyValueStore, LlmApi, LlmCompute, Secret, SqliteDatabase, VariablesProvider, values,
};
use std::collections::BTreeMap;

fn read(text: &str) -> Result<RuntimeConfig, String> {
    let folders = Folders {
        of_file: "/config".into(),
        working: "/srv".into(),
    };
    parse(text, Path::new("runtime-config.toml"), &folders).map_err(|error| error.to_string())
}

const WHOLE: &str = r#"
state_dir = "state"
max_instance_memory = 1000000

[key_value_store.default]
type = "spin"
path = "kv.db"

[key_value_store.scratch]
type = "spin"

[key_value_store.cache]
type = "redis"
url = "redis://:hunter2@localhost:6379"

[sqlite_database.local]
type = "spin"
path = "db/local.db"
allow_attach_file = false

[sqlite_database.scratch]
type = "spin"

[sqlite_database.far]
type = "libsql"
url = "https://far.example.com"
token = "hunter2"

[llm_compute]
type = "remote_http"
url = "https://llm.example.com"
auth_token = "hunter2"
api_type = "open_ai"

[[variables_provider]]
type = "static"
values = { password = "hunter2" }

[[variables_provider]]
type = "env"
prefix = "APP"
dotenv_path = "app.env"
"#;

#[test]
fn a_whole_file_is_read() {
    let config = read(WHOLE).expect("reads");
    assert_eq!(config.state_dir.as_deref(), Some(Path::new("/srv/state")));
    assert_eq!(config.memory_bytes_max, Some(1_000_000));
    let stores = BTreeMap::from([
        ("default".to_owned(), KeyValueStore::File("/config/kv.db".into())),
        ("scratch".to_owned(), KeyValueStore::Memory),
        (
            "cache".to_owned(),
            KeyValueStore::Redis(Secret::new("redis://:hunter2@localhost:6379")),
        ),
    ]);
    assert_eq!(config.key_value_stores, stores);
    let databases = BTreeMap::from([
        (
            "local".to_owned(),
            SqliteDatabase::File("/srv/db/local.db".into()),
        ),
        ("scratch".to_owned(), SqliteDatabase::Memory),
        (
            "far".to_owned(),
            SqliteDatabase::Libsql {
                url: Secret::new("https://far.example.com"),
                token: Secret::new("hunter2"),
            },
        ),
    ]);
    assert_eq!(config.sqlite_databases, databases);
    let LlmCompute::RemoteHttp(remote) = &config.llm else {
        panic!("{:?}", config.llm)
    };
    assert_eq!(
        (remote.url.expose(), remote.api),
        ("https://llm.example.com", LlmApi::OpenAi)
    );
    let env = |prefix: &str, dotenv: &str, dotenv_required| {
        VariablesProvider::Env(EnvProvider {
            prefix: prefix.into(),
            dotenv: Some(dotenv.into()),
            dotenv_required,
        })
    };
    assert_eq!(
        config.variables[1..],
        [
            env("APP", "/srv/app.env", true),
            env("SPIN_VARIABLE", "/srv/.env", false)
        ]
    );
}

#[test]
fn an_empty_file_says_nothing() {
    let config = read("").expect("reads");
    let default = RuntimeConfig::default();
    assert_eq!(config.key_value_stores, default.key_value_stores);
    assert_eq!((config.llm, config.state_dir), (LlmCompute::Own, None));
    assert_eq!(config.variables.len(), 1, "the environment");
}

const WRONG: [(&str, &str); 26] = [
    ("nonsense = \"hunter2\"", "nonsense: unknown key"),
    ("state_dir = \"\"", "state_dir: empty"),
    ("log_dir = \"hunter2\"", "log_dir: not supported"),
    (
        "[outbound_http]\nmax_connections = 1",
        "outbound_http: not supported",
    ),
    ("[[client_tls]]\nhosts = []", "client_tls: not supported"),
    ("max_instance_memory = 0", "max_instance_memory: 0 is not a limit"),
    (
        "key_value_store = \"hunter2\"",
        "key_value_store: must be a table",
    ),
    ("[key_value_store.a]", "key_value_store.a.type: missing"),
    (
        "[key_value_store.a]\ntype = \"hunter2\"",
        "key_value_store.a.type: no such type",
    ),
    (
        "[key_value_store.a]\ntype = \"azure_cosmos\"\nkey = \"hunter2\"",
        "Spin has this type",
    ),
    (
        "[key_value_store.a]\ntype = \"redis\"",
        "key_value_store.a.url: missing",
    ),
    (
        "[key_value_store.a]\ntype = \"redis\"\nurl = \"http://hunter2\"",
        "begins with redis://",
    ),
    (
        "[key_value_store.a]\ntype = \"spin\"\npth = \"hunter2\"",
        "key_value_store.a.pth: unknown key",
    ),
    (
        "[sqlite_database.a]\ntype = \"libsql\"\nurl = \"libsql://hunter2\"\ntoken = \"\"",
        "begins with https://",
    ),
    (
        "[sqlite_database.a]\ntype = \"libsql\"\nurl = \"https://x\"",
        "sqlite_database.a.token: missing",
    ),
    (
        "[sqlite_database.a]\ntype = \"libsql\"\nurl = \"https://x\"\ntoken = 2",
        "must be a string, not of type integer",
    ),
    (
        "[sqlite_database.a]\ntype = \"spin\"\nallow_attach_file = true",
        "allow_attach_file: not supported",
    ),
    (
        "[llm_compute]\ntype = \"remote_http\"\nurl = \"https://x\"",
        "llm_compute.auth_token: missing",
    ),
    (
        "[llm_compute]\ntype = \"hunter2\"",
        "llm_compute.type: no such type",
    ),
    ("[variables_provider]\ntype = \"env\"", "must be a list of tables"),
    (
        "[[variables_provider]]\ntype = \"vault\"\ntoken = \"hunter2\"",
        "variables_provider[0].type: Spin has this type",
    ),
    (
        "[[variables_provider]]\ntype = \"static\"",
        "variables_provider[0].values: missing",
    ),
    (
        "[[variables_provider]]\ntype = \"static\"\nvalues = { a = 2 }",
        "values.a: must be a string",
    ),
    (
        "[[variables_provider]]\ntype = \"env\"\npath = \"hunter2\"",
        "variables_provider[0].path: unknown key",
    ),
    (
        "[[variables_provider]]\ntype = \"env\"\n[[config_provider]]\ntype = \"env\"",
        "keep one of the two",
    ),
    ("a = \"hunter2", "line 1: not valid TOML"),
];

#[test]
fn what_is_wrong_is_named_with_its_cure_and_without_a_value() {
    for (text, expected) in WRONG {
        let error = read(text).expect_err(text);
        assert!(
            error.contains(expected) && error.contains("hint:"),
            "{text}: {error}"
        );
        assert!(!error.contains("hunter2"), "{text}: {error}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?}", read(WHOLE).expect("reads"));
    assert!(
        !shown.contains("hunter2") && shown.contains("<secret>"),
        "{shown}"
    );
}

#[test]
fn the_first_provider_that_has_a_value_gives_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let dotenv = folder.path().join("app.env");
    std::fs::write(&dotenv, "APP_IN_FILE=file\nAPP_IN_BOTH=file\n").expect("writes");
    let providers = [
        VariablesProvider::Static(BTreeMap::from([("fixed".to_owned(), Secret::new("static"))])),
        VariablesProvider::Env(EnvProvider {
            prefix: "APP".into(),
            dotenv: Some(dotenv.clone()),
            dotenv_required: true,
        }),
        VariablesProvider::Env(EnvProvider::always()),
    ];
    let environment = |name: &str| {
        Ok(match name {
            "APP_FIXED" | "APP_IN_BOTH" | "SPIN_VARIABLE_IN_BOTH" | "SPIN_VARIABLE_LAST" => {
                Some(name.to_owned())
            }
            _ => None,
        })
    };
    let names = ["fixed", "in_file", "in_both", "last", "nowhere"];
    let found = values(&providers, names, environment).expect("found");
    let expected = [
        ("fixed", "static"),
        ("in_both", "APP_IN_BOTH"),
        ("in_file", "file"),
        ("last", "SPIN_VARIABLE_LAST"),
    ];
    assert_eq!(
        found,
        expected
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    );
    std::fs::write(&dotenv, "this line has a hunter2 and no sign\n").expect("writes");
    let error = values(&providers, names, environment)
        .expect_err("no dotenv")
        .to_string();
    assert!(
        error.contains("not NAME=value") && !error.contains("hunter2"),
        "{error}"
    );
    std::fs::remove_file(&dotenv).expect("removes");
    let error = values(&providers, names, environment)
        .expect_err("no file")
        .to_string();
    assert!(error.contains("app.env") && error.contains("hint:"), "{error}");
}
