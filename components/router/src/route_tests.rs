use super::*;

fn report(backend: &str, models: Option<&[&str]>) -> Report {
    let entry = |id: &&str| ModelEntry {
        id: (*id).into(),
        owned_by: "gyre".into(),
        abilities: vec!["chat".into()],
    };
    Report {
        backend: backend.into(),
        models: models.map(|ids| ids.iter().map(entry).collect()),
    }
}

#[test]
fn the_variable() {
    for (variable, wanted) in [
        ("a", Some(vec!["a"])),
        (
            " model-extractive , model-local,",
            Some(vec!["model-extractive", "model-local"]),
        ),
        ("", None),
        (" , ", None),
        ("evil.example/x", None),
        ("A", None),
    ] {
        let wanted = wanted.map(|ids| ids.into_iter().map(str::to_owned).collect());
        assert_eq!(backends(variable).ok(), wanted, "{variable:?}");
    }
}

#[test]
fn lists_are_merged_first_come() {
    let merged = merge(&[
        report("one", Some(&["a", "b"])),
        report("dead", None),
        report("two", Some(&["b", "c"])),
    ]);
    let owners: Vec<_> = merged
        .iter()
        .map(|it| (it.id.as_str(), it.owned_by.as_str()))
        .collect();
    assert_eq!(owners, [("a", "one"), ("b", "one"), ("c", "two")]);
    assert_eq!(merged[2].abilities, ["chat"]);
}

#[test]
fn who_serves() {
    assert!(serves(&report("one", Some(&["a"])), "a"));
    assert!(!serves(&report("one", Some(&["a"])), "b"));
    assert!(!serves(&report("one", None), "a"));
}

#[test]
fn reports_keep_the_order_of_the_variable() {
    let backends = ["one", "two", "three"].map(str::to_owned);
    let reports = ["three", "one", "two"].map(|id| report(id, None)).to_vec();
    let ordered: Vec<_> = in_order(reports, &backends)
        .into_iter()
        .map(|it| it.backend)
        .collect();
    assert_eq!(ordered, backends);
}

#[test]
fn an_unknown_model_names_those_there_are() {
    let error = nowhere("x", &[report("one", Some(&["a", "b"])), report("two", Some(&[]))]);
    assert_eq!((error.status, error.param.as_deref()), (404, Some("model")));
    assert!(
        error.message.contains("`x`") && error.message.contains("a, b"),
        "{}",
        error.message
    );
    assert!(nowhere("x", &[report("one", Some(&[]))]).message.contains("none"));
}

#[test]
fn a_dead_backend_is_named() {
    let error = nowhere("x", &[report("one", Some(&["a"])), report("two", None)]);
    assert_eq!(error.status, 503);
    assert!(
        error.message.contains("two") && error.message.contains("a"),
        "{}",
        error.message
    );
}
