//! What is accepted, and each refusal with the key it names.

use std::{collections::BTreeMap, fs, path::Path};

use gyre_manifest::{
    App, Category, DependencyKey, Error, Handler, Limits, Route, RoutePattern, Router, load,
    resolve_template, resolve_variables,
};

const HEAD: &str = "spin_manifest_version = 2\n[application]\nname = \"a\"\n";
const BODY: &str =
    "[[trigger.http]]\ncomponent = \"x\"\nroute = \"/...\"\n[component.x]\nsource = \"x.wasm\"\n";

fn read(text: &str, profile: Option<&str>) -> Result<App, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spin.toml");
    fs::write(&path, text).expect("written");
    load(&path, profile)
}

fn accepted(extra: &str) -> App {
    read(&format!("{HEAD}{BODY}{extra}"), None).expect("accepted")
}

#[track_caller]
fn refused(text: &str, expected: &[&str]) {
    let error = read(text, None).expect_err("refused").to_string();
    for part in expected {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
    assert!(error.contains("hint: "), "no hint in: {error}");
}

/// Appends to `[component.x]`.
#[track_caller]
fn refused_in_component(extra: &str, expected: &[&str]) {
    refused(&format!("{HEAD}{BODY}{extra}"), expected);
}

#[test]
fn reads_the_repository_s_own_manifest() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spin.toml");
    let app = load(&path, Some("gyre")).expect("accepted");
    assert_eq!(app.name, "gyre");
    let public: Vec<_> = app
        .triggers
        .iter()
        .filter(|t| t.route != Route::Private)
        .collect();
    assert_eq!(public.len(), 1);
    assert_eq!(public[0].component(), Some("gateway"));
    let leaf = &app.components["model-local"].dependencies["gyre:inference"];
    assert!(leaf.source.ends_with("inference_nn.wasm"));
    assert!(leaf.inherit.contains(Category::AiModels));

    let stock = load(&path, None).expect("accepted");
    let leaf = &stock.components["model-local"].dependencies["gyre:inference"];
    assert!(leaf.source.ends_with("inference_http.wasm"));
    assert!(leaf.inherit.contains(Category::AllowedOutboundHosts));
    assert!(!leaf.inherit.contains(Category::AiModels));
}

#[test]
fn a_subset_has_no_edges_to_what_is_left_out() {
    let more = "allowed_outbound_hosts = [\"http://y.spin.internal\", \"http://z.spin.internal\", \"https://a\"]\n\
        [[trigger.http]]\ncomponent = \"y\"\nroute = { private = true }\n[component.y]\nsource = \"y.wasm\"\n\
        [[trigger.http]]\ncomponent = \"z\"\nroute = { private = true }\n[component.z]\nsource = \"z.wasm\"\n";
    let mut part = accepted(more).subset(&["x", "y"]).expect("they are there");
    assert_eq!(part.components.keys().collect::<Vec<_>>(), ["x", "y"]);
    let x = &part.components["x"];
    assert_eq!(x.allowed_outbound_hosts, ["http://y.spin.internal", "https://a"]);
    let routed: Vec<_> = part.triggers.iter().filter_map(|it| it.component()).collect();
    assert_eq!(routed, ["x", "y"]);

    let everything = Route::Pattern(RoutePattern::parse("/y").expect("a route"));
    part.publish("y", everything.clone()).expect("it is there");
    let of_y: Vec<_> = part
        .triggers
        .iter()
        .filter(|it| it.component() == Some("y"))
        .collect();
    assert!(of_y.len() == 1 && of_y[0].route == everything, "{of_y:?}");
    part.set_component_variable("y", "mode", "on")
        .expect("it is there");
    assert_eq!(part.components["y"].variables["mode"], "on");

    for unknown in [
        part.clone().subset(&["x", "z"]).map(drop),
        part.clone().publish("z", Route::Private),
        part.set_component_variable("z", "mode", "on"),
    ] {
        let error = unknown.expect_err("z is left out").to_string();
        assert!(
            error.contains("component.z") && error.contains("hint: "),
            "{error}"
        );
    }
}

#[test]
fn refuses_files_that_are_no_manifest() {
    let error = load(Path::new("/nowhere/spin.toml"), None)
        .expect_err("refused")
        .to_string();
    assert!(error.contains("--from"), "{error}");
    refused("a = 1\nb = [", &["line 2", "not valid TOML"]);
    refused("", &["spin_manifest_version: missing"]);
    refused("spin_manifest_version = 1", &["only version 2"]);
    refused("spin_manifest_version = 2", &["application: missing"]);
    refused(
        "spin_manifest_version = 2\n[application]\n",
        &["application.name: missing"],
    );
    refused(HEAD, &["trigger: missing"]);
}

#[test]
fn refuses_unknown_keys_by_name() {
    refused(
        &format!("foo = 1\n{HEAD}{BODY}"),
        &["foo: unknown key", "known here: "],
    );
    refused(
        &format!("{HEAD}foo = 1\n{BODY}"),
        &["application.foo: unknown key"],
    );
    refused(
        &format!("{HEAD}{BODY}[[trigger.http]]\ncomponent = \"x\"\nroute = \"/a\"\nfoo = 1\n"),
        &["trigger.http[1].foo"],
    );
    refused(
        &format!("{HEAD}{BODY}[trigger.foo]\n"),
        &["trigger.foo: unknown key"],
    );
    for (extra, key) in [
        ("foo = 1", "component.x.foo: unknown key"),
        ("tool.gyre.foo = 1", "component.x.tool.gyre.foo"),
        ("profile.p.foo = 1", "component.x.profile.p.foo"),
        (
            "dependencies.\"a:b\" = { path = \"p\", foo = 1 }",
            "component.x.dependencies.\"a:b\".foo",
        ),
        (
            "files = [{ source = \"a\", destination = \"/a\", foo = 1 }]",
            "component.x.files[0].foo",
        ),
        ("[variables]\nv = { default = \"\", foo = 1 }", "variables.v.foo"),
    ] {
        refused_in_component(extra, &[key]);
    }
}

#[test]
fn says_what_is_not_supported_yet() {
    refused(
        &format!("{HEAD}{BODY}[[trigger.redis]]\n"),
        &["trigger.redis", "not support it yet"],
    );
    refused(
        &format!("{HEAD}targets = []\n{BODY}"),
        &["application.targets", "not support it yet"],
    );
    for key in [
        "id = \"t\"",
        "static_response = {}",
        "executor = {}",
        "dependencies = {}",
    ] {
        let text = format!("{HEAD}{BODY}[[trigger.http]]\ncomponent = \"x\"\nroute = \"/a\"\n{key}\n");
        let name = key.split(' ').next().expect("a name");
        refused(&text, &[&format!("trigger.http[1].{name}"), "not support it yet"]);
    }
    for (extra, key) in [
        ("exclude_files = []", "component.x.exclude_files"),
        (
            "dependencies_inherit_configuration = true",
            "component.x.dependencies_inherit_configuration",
        ),
        ("targets = []", "component.x.targets"),
        ("files = [\"*.md\"]", "component.x.files[0]"),
        (
            "dependencies.\"a:b\" = \"1.0\"",
            "component.x.dependencies.\"a:b\"",
        ),
        (
            "dependencies.\"a:b\" = { path = \"p\", export = \"e\" }",
            "component.x.dependencies.\"a:b\".export",
        ),
    ] {
        refused_in_component(extra, &[key, "not support it yet"]);
    }
    refused(
        &format!("{HEAD}{}", BODY.replace("\"x.wasm\"", "{ url = \"u\" }")),
        &["component.x.source"],
    );
}

#[test]
fn refuses_wrong_values() {
    for (extra, expected) in [
        ("ai_models = \"m\"", "component.x.ai_models: must be a list"),
        ("ai_models = [1]", "component.x.ai_models[0]: must be a string"),
        (
            "tool.gyre.request_ms_max = 0",
            "component.x.tool.gyre.request_ms_max: 0 is not a limit",
        ),
        ("tool.gyre.request_ms_max = \"1s\"", "must be a whole number"),
        (
            "tool.gyre.local_models = [\"m\"]",
            "component.x.tool.gyre.local_models: must be true or false",
        ),
        (
            "files = [{ source = \"a\", destination = \"a\" }]",
            "component.x.files[0].destination: `a`",
        ),
        (
            "files = [{ source = \"a\", destination = \"/a/../b\" }]",
            "without `..`",
        ),
        (
            "files = [{ source = \"a\" }]",
            "component.x.files[0].destination: missing",
        ),
        ("[component.X]\nsource = \"a\"", "component.X: not a name"),
        ("[component.y]", "component.y.source: missing"),
        (
            "variables = { \"A-B\" = \"\" }",
            "component.x.variables.A-B: not a name",
        ),
    ] {
        refused_in_component(extra, &[expected]);
    }
}

#[test]
fn refuses_wrong_triggers() {
    for (trigger, expected) in [
        ("component = \"y\"\nroute = \"/a\"", "there is no component `y`"),
        ("component = \"x\"", "trigger.http[1].route: missing"),
        ("component = \"x\"\nroute = \"a\"", "does not begin with `/`"),
        ("component = \"x\"\nroute = { private = false }", "not a route"),
        (
            "component = \"x\"\nroute = \"/...\"",
            "already the route of component `x`",
        ),
        ("route = \"/a\"", "trigger.http[1].component: must have either"),
        (
            "route = \"/a\"\nstatic_response = { status_code = 99 }",
            "not a status of HTTP",
        ),
    ] {
        refused(&format!("{HEAD}{BODY}[[trigger.http]]\n{trigger}\n"), &[expected]);
    }
}

#[test]
fn reads_dependencies() {
    let app = accepted(
        "dependencies.\"a:b@1.0.0\" = { path = \"b.wasm\", inherit_configuration = true }\n\
         dependencies.\"a:c/d\" = { component = \"leaf\", inherit_configuration = [\"variables\"] }\n\
         [component.leaf]\nsource = \"leaf.wasm\"\n",
    );
    let dependencies = &app.components["x"].dependencies;
    assert!(
        Category::ALL
            .into_iter()
            .all(|c| dependencies["a:b@1.0.0"].inherit.contains(c))
    );
    let leaf = &dependencies["a:c/d"];
    assert!(leaf.source.ends_with("leaf.wasm") && leaf.source.is_absolute());
    assert!(leaf.inherit.contains(Category::Variables) && !leaf.inherit.contains(Category::Files));
}

#[test]
fn refuses_wrong_dependencies() {
    for (extra, expected) in [
        (
            "dependencies.b = { path = \"p\" }",
            "component.x.dependencies.b: not the name",
        ),
        (
            "dependencies.\"a:b\" = {}",
            "must have either `path` or `component`",
        ),
        (
            "dependencies.\"a:b\" = { path = \"p\", component = \"y\" }",
            "must have either",
        ),
        (
            "dependencies.\"a:b\" = { component = \"y\" }",
            "there is no component `y`",
        ),
        (
            "dependencies.\"a:b\" = { path = \"p\", inherit_configuration = [\"sqlite\"] }",
            "`sqlite` is not something to inherit",
        ),
        (
            "dependencies = { \"a:b/c\" = { path = \"p\" }, \"a:b/d\" = { path = \"p\" } }",
            "use the key \"a:b\" alone",
        ),
        (
            "dependencies.\"a:b\" = { component = \"y\" }\n[component.y]\nsource = \"y\"\nai_models = [\"m\"]",
            "component `y` has `ai_models` of its own",
        ),
        (
            "dependencies.\"a:b\" = { component = \"y\" }\n[component.y]\nsource = \"y\"\ntool.gyre.local_models = true",
            "component `y` has `tool.gyre.local_models` of its own",
        ),
        (
            "dependencies.\"a:b\" = { component = \"y\" }\n[component.y]\nsource = \"y\"\ndependencies.\"a:c\" = { path = \"p\" }",
            "component `y` has `dependencies` of its own",
        ),
    ] {
        refused_in_component(extra, &[expected]);
    }
}

#[test]
fn profiles_override_source_environment_and_dependencies() {
    let text = format!(
        "{HEAD}{BODY}environment = {{ a = \"1\", b = \"1\" }}\ndependencies.\"a:b\" = {{ path = \"b\" }}\n\
         [component.x.profile.p]\nsource = \"p.wasm\"\nenvironment = {{ b = \"2\" }}\nbuild = {{ command = \"make\" }}\n\
         dependencies.\"a:b\" = {{ path = \"pb\" }}\n"
    );
    let base = &read(&text, None).expect("accepted").components["x"];
    assert!(base.source.ends_with("x.wasm") && base.dependencies["a:b"].source.ends_with("b"));
    let component = &read(&text, Some("p")).expect("accepted").components["x"];
    assert!(component.source.ends_with("p.wasm") && component.dependencies["a:b"].source.ends_with("pb"));
    assert_eq!(
        (
            component.environment["a"].as_str(),
            component.environment["b"].as_str()
        ),
        ("1", "2")
    );
    read(&text, Some("gyre")).expect("the host's own profile may be absent");
    let error = read(&text, Some("q")).expect_err("refused").to_string();
    assert!(error.contains("no component has this profile"), "{error}");
}

#[test]
fn limits_have_defaults() {
    assert_eq!(accepted("").components["x"].limits, Limits::DEFAULT);
    let app = accepted("tool.gyre.request_ms_max = 5\ntool.other.anything = 1");
    assert_eq!(
        app.components["x"].limits,
        Limits {
            request_ms_max: 5,
            ..Limits::DEFAULT
        }
    );
}

#[test]
fn models_of_the_command_line_are_granted_by_name_only() {
    for (extra, granted) in [
        ("", false),
        ("tool.gyre.request_ms_max = 5", false),
        ("tool.gyre.local_models = false", false),
        ("tool.gyre.local_models = true", true),
        ("tool.other.local_models = true", false),
    ] {
        assert_eq!(accepted(extra).components["x"].local_models, granted, "{extra}");
    }
}

#[test]
fn variables_resolve_and_stay_secret() {
    let app = accepted(
        "variables.v = \"<{{ a }}|{{b}}>\"\n[variables]\na = { default = \"A\" }\nb = { required = true, secret = true }\n\
         c = { default = \"hunter2\", secret = true }\n",
    );
    assert!(!format!("{app:?}").contains("hunter2"));
    let none = BTreeMap::new();
    let error = resolve_variables(&app, &none).expect_err("refused").to_string();
    assert!(error.contains("--variable b="), "{error}");
    let unknown = BTreeMap::from([("z".to_owned(), String::new())]);
    let error = resolve_variables(&app, &unknown)
        .expect_err("refused")
        .to_string();
    assert!(error.contains("variables.z: no such variable"), "{error}");

    let given = BTreeMap::from([("b".to_owned(), "swordfish".to_owned())]);
    let resolved = resolve_variables(&app, &given).expect("resolved");
    assert!(!format!("{resolved:?}").contains("swordfish"));
    assert!(resolved.is_secret("b") && !resolved.is_secret("a"));
    let values = resolved
        .resolve_map("component.x.variables", &app.components["x"].variables)
        .expect("resolved");
    assert_eq!(values["v"], "<A|swordfish>");
    let error = resolve_template("k", "{{ z }}", &resolved)
        .expect_err("refused")
        .to_string();
    assert!(error.contains("`z` is not a variable"), "{error}");
}

#[test]
fn refuses_wrong_variables_and_templates() {
    for (extra, expected) in [
        (
            "[variables]\nv = {}",
            "variables.v: must have a default or be required",
        ),
        (
            "[variables]\nv = { default = \"\", required = true }",
            "variables.v: must have a default",
        ),
        ("[variables]\nV = { default = \"\" }", "variables.V: not a name"),
        ("[variables]\nv = \"s\"", "variables.v: must be a table"),
        (
            "variables.v = \"{{ z }}\"",
            "component.x.variables.v: `z` is not a variable",
        ),
        ("variables.v = \"{{ z\"", "not closed"),
        (
            "allowed_outbound_hosts = [\"http://{{ }}\"]",
            "component.x.allowed_outbound_hosts[0]: a `{{ }}`",
        ),
    ] {
        refused_in_component(extra, &[expected]);
    }
    let secret = read(
        &format!("{HEAD}{BODY}[variables]\nv = {{ default = [\"hunter2\"], secret = true }}"),
        None,
    );
    assert!(!secret.expect_err("refused").to_string().contains("hunter2"));
}

#[test]
fn routes_match() {
    for (pattern, path, expected) in [
        ("/", "/", Some((None, ""))),
        ("/", "/a", None),
        ("/a", "/a/", Some((None, ""))),
        ("/a", "/ab", None),
        ("/...", "/", Some((Some("/"), ""))),
        ("/...", "/a/b", Some((Some("/a/b"), ""))),
        ("/a/...", "/a", Some((Some("/"), ""))),
        ("/a/...", "/a/b/c", Some((Some("/b/c"), ""))),
        ("/a/...", "/ab", None),
        ("/a/:p/c", "/a/b/c", Some((None, "b"))),
        ("/a/:p", "/a/", None),
        ("/a/:p/...", "/a/b/c/d", Some((Some("/c/d"), "b"))),
    ] {
        let found = RoutePattern::parse(pattern).expect("a pattern").matches(path);
        let found = found.as_ref().map(|m| {
            (
                m.trailing.as_deref(),
                m.params.get("p").map_or("", String::as_str),
            )
        });
        assert_eq!(found, expected, "{pattern} on {path}");
    }
    for pattern in ["a", "//", "/a//b", "/:", "/a...", "/.../a"] {
        assert!(RoutePattern::parse(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn the_most_specific_route_wins() {
    let routes = ["/...", "/a/...", "/a/:p", "/a/b", "/:p/b"];
    let mut text = HEAD.to_owned();
    for (index, route) in routes.iter().enumerate() {
        text += &format!("[[trigger.http]]\ncomponent = \"c{index}\"\nroute = \"{route}\"\n");
    }
    for index in 0..routes.len() {
        text += &format!("[component.c{index}]\nsource = \"x\"\n");
    }
    let router = Router::new(&read(&text, None).expect("accepted").triggers).expect("a router");
    for (path, component) in [
        ("/", "c0"),
        ("/a", "c1"),
        ("/a/x", "c2"),
        ("/a/b", "c3"),
        ("/z/b", "c4"),
        ("/a/b/c", "c1"),
    ] {
        let expected = Handler::Component(component.to_owned());
        assert_eq!(
            router.find(path).map(|(handler, ..)| handler),
            Some(&expected),
            "{path}"
        );
    }
}

#[test]
fn keys_cover_imports() {
    for (key, import, expected) in [
        ("a:b", "a:b/c@1.0.0", true),
        ("a:b", "a:bc/c@1.0.0", false),
        ("a:b@1.0.0", "a:b/c@1.0.0", true),
        ("a:b@1.0.0", "a:b/c@1.0.1", false),
        ("a:b/c@1.0.0", "a:b/c@1.0.0", true),
        ("a:b/c", "a:b/d@1.0.0", false),
    ] {
        let parsed = DependencyKey::parse(key).expect("a key");
        assert_eq!(parsed.covers(import), expected, "{key} on {import}");
    }
}
