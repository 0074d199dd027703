//! Drafts: which are taken, and what is told of those that are not.

use super::*;

fn choose_with(files: &Files, models: &[&str], drafts: &[&str]) -> Result<Choice> {
    let folder = files.path("models");
    let mut arguments = vec!["gyre", "up", "--models", &folder];
    arguments.extend(models.iter().flat_map(|model| ["--model", model]));
    arguments.extend(drafts.iter().flat_map(|draft| ["--draft", draft]));
    match Cli::parse_from(arguments).verb {
        Verb::Up(args) => choose(&args.engine, &[]),
        _ => panic!("not up"),
    }
}

#[test]
fn a_draft_is_found_by_path_and_by_name_and_counts_as_memory() {
    let files = Files::new();
    files.chat("models/big.gguf");
    files.chat("models/small.gguf");
    let elsewhere = files.chat("My Small.gguf");
    let alone = choose_with(&files, &["big"], &[]).expect("found");
    for (draft, name) in [("big=small", "small"), (&format!("big={elsewhere}"), "My-Small")] {
        let choice = choose_with(&files, &["big"], &[draft]).expect("found");
        let mut config = EngineConfig::new("", "");
        choice.configure(&mut config);
        assert_eq!(config.drafts, [("big".to_owned(), name.to_owned())]);
        let known: Vec<_> = config.models.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(known, ["big", name]);
        assert_eq!(config.reload, ["big"], "the draft is loaded with its model");
        let more = choice.models()[0].needs().0 - alone.models()[0].needs().0;
        let file = fs::metadata(&elsewhere).expect("is there").len();
        // One conversation of 1024 tokens, in 2 layers of 2 * 64 numbers of 2 bytes.
        assert_eq!(more, file + 1024 * 2 * 2 * 64 * 2);
    }
    let inside = files.path("models/small.gguf");
    let choice = choose_with(&files, &["big", &inside], &["big=small"]).expect("a model may be a draft, too");
    let mut config = EngineConfig::new("", "");
    choice.configure(&mut config);
    assert_eq!(config.models.len(), 2);
}

/// Code, message and cure in one line.
fn refused(files: &Files, models: &[&str], draft: &[&str]) -> (Exit, String) {
    let error = choose_with(files, models, draft).expect_err("refused");
    let (message, cure) = report::told(&error);
    (report::code(&error), format!("{message}; {cure}"))
}

#[test]
fn a_draft_is_for_a_model_that_is_given_and_has_none_yet() {
    let files = Files::new();
    files.chat("models/big.gguf");
    files.chat("models/small.gguf");
    let cases: [(&[&str], &[&str], &str); 4] = [
        (&[], &["big=small"], "no --model is given"),
        (&["none"], &["big=small"], "no --model is given"),
        (&["big"], &["large=small"], "(given: big)"),
        (&["big"], &["big=small", "big=small"], "given twice for `big`"),
    ];
    for (models, drafts, expected) in cases {
        let (code, told) = refused(&files, models, drafts);
        assert_eq!(code, Exit::Usage, "{told}");
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn what_cannot_be_a_draft_is_told_with_its_cure() {
    let files = Files::new();
    files.chat("models/big.gguf");
    files.chat("models/small.gguf");
    let at = |name: &str| files.path(&format!("models/{name}.gguf"));
    tiny::random_bert(1, Path::new(&at("bert"))).expect("writes");
    let marks = tiny::random_llama_with_marks(1, tiny::CHAT_TEMPLATE, &["<a>"], Path::new(&at("marks")));
    marks.expect("writes");
    fs::write(at("page"), "<!doctype html>").expect("writes");
    let other = files.chat("small.gguf");
    let cases = [
        ("nobody", Exit::Unavailable, "put nobody.gguf there"),
        ("no/such.gguf", Exit::Unavailable, "no model file"),
        ("page", Exit::Config, "does not begin with `GGUF`"),
        ("bert", Exit::Config, "it makes embeddings; a draft has"),
        (
            "marks",
            Exit::Config,
            "its vocabulary has 266 tokens, and that of the model 265",
        ),
        ("big", Exit::Config, "for the model `big`: it is the model itself"),
        (&other, Exit::Config, "would be named `small`"),
    ];
    for (draft, expected_code, expected) in cases {
        let (code, told) = refused(&files, &["big"], &[&format!("big={draft}")]);
        assert_eq!(code, expected_code, "{told}");
        assert!(told.contains(expected), "{told}");
    }
}
