//! What a component says of itself.

use crate::support::{BODY, HEAD, accepted, read, refused_in_component};
use gyre_manifest::{Build, Component, Limits, Mount, Source};

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
            "tool.gyre.default_model = \"m\"",
            "component.x.tool.gyre.default_model: it is loaded in place of one of the command line",
        ),
        (
            "files = [\"../a\"]",
            "component.x.files[0]: `../a` does not name files below",
        ),
        ("files = [\".\"]", "component.x.files[0]: `.` does not name"),
        (
            "files = [\"/etc/*\"]",
            "component.x.files[0]: `/etc/*` does not name",
        ),
        ("files = [\"a**\"]", "component.x.files[0]: `a**` is no pattern"),
        (
            "exclude_files = [\"a\", \"[\"]",
            "component.x.exclude_files[1]: `[` is no pattern",
        ),
        (
            "key_value_stores = [\"b@d\"]",
            "component.x.key_value_stores[0]: `b@d` is not a name",
        ),
        (
            "sqlite_databases = [\"B d\"]",
            "component.x.sqlite_databases[0]: `B d` is not a name",
        ),
        (
            "targets = [{ url = \"u\", path = \"p\" }]",
            "component.x.targets[0]: must have either",
        ),
        ("description = 1", "component.x.description: must be a string"),
        ("build = {}", "component.x.build.command: missing"),
        (
            "build = { command = 1 }",
            "component.x.build.command: must be a command or a list",
        ),
        (
            "build = { command = \"a\", workdir = \"/b\" }",
            "component.x.build.workdir: must be a relative path",
        ),
        (
            "build = { command = \"a\", foo = 1 }",
            "component.x.build.foo: unknown key",
        ),
        (
            "profile.p.build = { command = \"a\", workdir = \"b\" }",
            "component.x.profile.p.build.workdir: unknown",
        ),
        ("tool.other = 1", "component.x.tool.other: must be a table"),
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
        ("[component.X_1]\nsource = \"a\"", "component.X_1: not a name"),
        ("[component.a-1]\nsource = \"a\"", "component.a-1: not a name"),
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
fn profiles_override_source_environment_and_dependencies() {
    let text = format!(
        "{HEAD}{BODY}environment = {{ a = \"1\", b = \"1\" }}\ndependencies.\"a:b\" = {{ path = \"b\" }}\n\
         [component.x.profile.p]\nsource = \"p.wasm\"\nenvironment = {{ b = \"2\" }}\nbuild = {{ command = \"make\" }}\n\
         dependencies.\"a:b\" = {{ path = \"pb\" }}\n"
    );
    let ends = |source: &Source, name: &str| source.file().is_some_and(|file| file.ends_with(name));
    let base = &read(&text, None).expect("accepted").components["x"];
    assert!(ends(&base.source, "x.wasm") && ends(&base.dependencies["a:b"].source, "b"));
    let component = &read(&text, Some("p")).expect("accepted").components["x"];
    assert!(ends(&component.source, "p.wasm") && ends(&component.dependencies["a:b"].source, "pb"));
    let commands = |component: &Component| component.build.as_ref().map(|build| build.commands.clone());
    assert_eq!(commands(base), None);
    assert_eq!(commands(component), Some(vec!["make".to_owned()]));
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
fn the_model_that_answers_by_default_is_told_by_who_may_load_it() {
    let read = |extra: &str| accepted(extra).components["x"].default_model.clone();
    assert_eq!(read("tool.gyre.local_models = true"), None);
    let both = "tool.gyre.local_models = true\ntool.gyre.default_model = \"small\"";
    assert_eq!(read(both).as_deref(), Some("small"));
}

#[test]
fn files_are_placed_or_keep_their_path() {
    let app = accepted(
        "files = [\"a/*.txt\", { source = \"b\", destination = \"/c\" }, \"d\"]\nexclude_files = [\"**/.*\"]\n",
    );
    let component = &app.components["x"];
    assert_eq!(component.file_patterns, ["a/*.txt", "d"]);
    assert_eq!(component.exclude_files, ["**/.*"]);
    assert_eq!(component.root, app.root);
    let placed = Mount {
        source: app.root.join("b"),
        destination: "/c".to_owned(),
    };
    assert_eq!(component.files, [placed]);
}

#[test]
fn a_component_says_how_it_is_built() {
    for (build, commands, folder, watch) in [
        ("command = \"a b\"", &["a b"][..], "", &[][..]),
        (
            "command = [\"a\", \"b\"], workdir = \"w\", watch = [\"src/**/*\"]",
            &["a", "b"],
            "w",
            &["src/**/*"],
        ),
    ] {
        let app = accepted(&format!("build = {{ {build} }}\n"));
        let texts = |texts: &[&str]| texts.iter().copied().map(str::to_owned).collect::<Vec<_>>();
        let expected = Build {
            commands: texts(commands),
            folder: app.root.join(folder),
            watch: texts(watch),
        };
        assert_eq!(app.components["x"].build, Some(expected), "{build}");
    }
}

#[test]
fn what_concerns_others_is_read_and_left_to_them() {
    accepted(
        "description = \"d\"\ntargets = [\"spin-up:4.1\", { url = \"u\" }, { path = \"p\" }]\ntool.other = { a = 1 }\n\
         [application.tool.other]\na = 1\n[component.Y-x1]\nsource = \"y\"\n",
    );
}
