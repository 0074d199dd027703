//! Middleware: written at triggers, moved to components.

use crate::support::{BODY, HEAD, read, refused};
use gyre_manifest::{App, Category, Component};

fn app(triggers: &str) -> App {
    let others = "[component.m]\nsource = \"m.wasm\"\n";
    read(
        &format!("{HEAD}{triggers}[component.x]\nsource = \"x.wasm\"\n{others}"),
        None,
    )
    .expect("accepted")
}

fn trigger(component: &str, route: &str, middleware: &str) -> String {
    format!(
        "[[trigger.http]]\ncomponent = {component}\nroute = \"{route}\"\ndependencies.middleware = [{middleware}]\n"
    )
}

fn layers(component: &Component) -> Vec<String> {
    let names = component.middleware.iter().map(|layer| layer.source.to_string());
    names
        .map(|name| name.rsplit('/').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn the_only_trigger_of_a_component_gives_it_its_middleware() {
    let middleware = "{ path = \"a.wasm\" }, { component = \"m\", inherit_configuration = [\"variables\"] }";
    let app = app(&trigger("\"x\"", "/", middleware));
    let x = &app.components["x"];
    assert_eq!(layers(x), ["a.wasm", "m.wasm"], "the first is the outermost");
    assert!(!x.middleware[0].inherit.contains(Category::Variables));
    assert!(x.middleware[1].inherit.contains(Category::Variables));
    assert_eq!(app.components.len(), 2);
}

#[test]
fn of_several_triggers_each_with_middleware_gets_a_copy_of_the_component() {
    let one = trigger("\"x\"", "/a", "{ path = \"a.wasm\" }");
    let two = trigger("\"x\"", "/b", "{ path = \"b.wasm\" }").replace("route", "id = \"two\"\nroute");
    let app = app(&(one + &two + &trigger("\"x\"", "/c", "")));
    let answering: Vec<_> = app.triggers.iter().filter_map(|it| it.component()).collect();
    assert_eq!(answering, ["x-for-x-http-trigger", "x-for-two", "x"]);
    for (id, expected) in [("x-for-x-http-trigger", "a.wasm"), ("x-for-two", "b.wasm")] {
        let copy = &app.components[id];
        assert_eq!((layers(copy), copy.id.as_str()), (vec![expected.to_owned()], id));
        assert_eq!(copy.source, app.components["x"].source);
    }
    assert_eq!(layers(&app.components["x"]), Vec::<String>::new());
}

#[test]
fn inline_components_may_have_middleware() {
    let app = app(&trigger("{ source = \"i.wasm\" }", "/", "{ path = \"a.wasm\" }"));
    assert_eq!(layers(&app.components["http-trigger1-component"]), ["a.wasm"]);
}

#[test]
fn wrong_middleware_is_refused() {
    for (middleware, expected) in [
        ("1", "middleware[0]: must be a table"),
        ("{ }", "middleware[0]: must have one of"),
        (
            "{ component = \"y\" }",
            "middleware[0]: there is no component `y`",
        ),
        (
            "{ path = \"a\", export = \"b\" }",
            "middleware[0].export: unknown key",
        ),
        (
            "{ path = \"a\", inherit_configuration = [\"z\"] }",
            "`z` is not something to inherit",
        ),
        ("{ version = \"1\" }", "middleware[0].package: missing"),
        (
            "{ component = \"rich\" }",
            "component `rich` has `ai_models` of its own",
        ),
    ] {
        let rich = "[component.rich]\nsource = \"r\"\nai_models = [\"m\"]\n";
        let text = format!("{HEAD}{BODY}{rich}{}", trigger("\"x\"", "/a", middleware));
        refused(&text, &["trigger.http[1].dependencies", expected]);
    }
}
