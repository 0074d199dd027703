//! Paths of this face, and its list of models.

use gyre_anthropic_wire::face::{Endpoint, ModelQuery, render_models};
use gyre_chat_wire::ModelEntry;
use serde_json::json;

#[test]
fn paths() {
    assert_eq!(Endpoint::of("POST", "/v1/messages"), Ok(Endpoint::Messages));
    assert_eq!(
        Endpoint::of("POST", "/v1/messages/count_tokens"),
        Ok(Endpoint::CountTokens)
    );
    assert_eq!(
        Endpoint::of("GET", "/v1/models/a%3A1"),
        Ok(Endpoint::Model("a:1".into()))
    );
    for (method, path, status) in [
        ("GET", "/v1/messages", 405),
        ("POST", "/v1/complete", 404),
        ("GET", "/v1/models/", 404),
        ("GET", "/v1/models/%ff", 404),
        ("DELETE", "/v1/models/a", 405),
    ] {
        assert_eq!(
            Endpoint::of(method, path).map_err(|it| it.status),
            Err(status),
            "{path}"
        );
    }
}

#[test]
fn models_come_in_pages() {
    let model = |id: &str, ability: &str| ModelEntry {
        id: id.into(),
        owned_by: "x".into(),
        abilities: vec![ability.into()],
    };
    let models = [
        model("a:1", "chat"),
        model("e", "embedding"),
        model("b", "chat"),
        model("c", "chat"),
    ];
    for (query, ids, has_more) in [
        ("", &["a:1", "b", "c"][..], false),
        ("limit=2&x=y", &["a:1", "b"], true),
        ("after_id=a%3A1&limit=1", &["b"], true),
        ("after_id=c", &[], false),
        ("before_id=c&limit=1", &["b"], true),
    ] {
        let page = render_models(&models, &ModelQuery::parse(query).unwrap()).unwrap();
        let given: Vec<&str> = page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["id"].as_str().unwrap())
            .collect();
        assert_eq!(
            (&given[..], &page["has_more"]),
            (ids, &json!(has_more)),
            "{query}"
        );
        assert_eq!(page["last_id"], json!(ids.last()), "{query}");
    }
    for query in ["limit=0", "limit=x", "after_id=a&before_id=b"] {
        assert!(ModelQuery::parse(query).is_err(), "{query}");
    }
    assert!(render_models(&models, &ModelQuery::parse("after_id=e").unwrap()).is_err());
}
