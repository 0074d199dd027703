//! Triggers, their names, and components written in them.

use crate::support::{BODY, HEAD, read, refused};
use gyre_manifest::{App, Handler};

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
            "route = \"/a\"\ncomponent = { }",
            "trigger.http[1].component.source: missing",
        ),
        (
            "route = \"/a\"\ncomponent = 1",
            "trigger.http[1].component: must be a string",
        ),
        (
            "route = \"/a\"\ncomponent = \"x\"\nid = 1",
            "trigger.http[1].id: must be a string",
        ),
        (
            "route = \"/a\"\ncomponent = \"x\"\nexecutor = { type = \"cgi\" }",
            "trigger.http[1].executor.type: `cgi` is no executor",
        ),
        (
            "route = \"/a\"\ncomponent = \"x\"\nexecutor = { type = \"http\", argv = \"\" }",
            "trigger.http[1].executor.argv: unknown key",
        ),
        (
            "route = \"/a\"\ncomponent = \"x\"\nstatic_response = { body = \"b\" }",
            "must have either `component` or `static_response`",
        ),
        (
            "route = \"/a\"\nstatic_response = { }\ndependencies.middleware = [{ path = \"p\" }]",
            "a static response has no middleware",
        ),
        (
            "route = \"/a\"\nstatic_response = { status_code = 99 }",
            "not a status of HTTP",
        ),
    ] {
        refused(&format!("{HEAD}{BODY}[[trigger.http]]\n{trigger}\n"), &[expected]);
    }
}

/// The components that answer, in the order of the triggers.
fn answering(triggers: &str) -> Vec<String> {
    let app: App = read(&format!("{HEAD}{BODY}{triggers}"), None).expect("accepted");
    let ids = app.triggers.iter().skip(1).filter_map(|it| it.component());
    ids.map(str::to_owned).collect()
}

#[test]
fn components_written_in_triggers_get_the_names_that_spin_gives_them() {
    let inline = |id: &str, route: &str| {
        format!("[[trigger.http]]\n{id}component = {{ source = \"i.wasm\" }}\nroute = \"{route}\"\n")
    };
    for (triggers, expected) in [
        (inline("id = \"t\"\n", "/a"), &["t-component"][..]),
        (inline("", "/a"), &["http-trigger1-component"]),
        (
            inline("", "/a") + &inline("", "/b"),
            &["http-trigger1-component", "http-trigger2-component"],
        ),
        (inline("id = \"not kebab\"\n", "/a"), &["inline-component1"]),
        (
            inline("id = \"t\"\n", "/a") + "[component.t-component]\nsource = \"x\"\n",
            &["inline-component1"],
        ),
        (
            inline("id = \"http-trigger1\"\n", "/a") + &inline("", "/b"),
            &["http-trigger1-component", "http-trigger2-component"],
        ),
    ] {
        assert_eq!(answering(&triggers), expected, "{triggers}");
    }
}

#[test]
fn a_trigger_may_say_all_that_spin_lets_it_say() {
    let text = format!(
        "{HEAD}version = \"1\"\ndescription = \"d\"\nauthors = [\"a\"]\ntargets = [\"spin-up:4.1\"]\n\
         trigger.http.base = \"/\"\ntrigger.redis.address = \"redis://a\"\ntrigger.other.x = 1\n{BODY}\
         [[trigger.http]]\nid = \"one\"\ncomponent = \"x\"\nroute = \"/a/:b\"\nexecutor = {{ type = \"spin\" }}\n\
         [[trigger.http]]\ncomponent = \"x\"\nroute = {{ private = true }}\nexecutor = {{ type = \"http\" }}\n\
         [[trigger.http]]\nroute = \"/fixed\"\nstatic_response = {{ status_code = 404, body = \"no\" }}\n\
         [[trigger.redis]]\ncomponent = {{ source = \"r.wasm\" }}\nchannel = \"c\"\n"
    );
    let app = read(&text, None).expect("accepted");
    let ids: Vec<_> = app.triggers.iter().map(|it| it.component()).collect();
    assert_eq!(ids, [Some("x"), Some("x"), Some("x"), None]);
    let Handler::Static(response) = &app.triggers[3].handler else {
        panic!("not static");
    };
    assert_eq!((response.status, response.body.as_str()), (404, "no"));
    let redis = &app.redis_triggers[0];
    assert_eq!(
        (redis.component.as_str(), redis.address.as_str()),
        ("redis-trigger1-component", "redis://a")
    );
    let started: Vec<_> = app.started().map(|(id, _)| id.as_str()).collect();
    assert_eq!(started, ["redis-trigger1-component", "x"]);
}
