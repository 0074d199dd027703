use super::*;

const KEY: &str = "sk-secret-7";

fn refused(status: u16, retry_after: Option<&str>, body: &str) -> Error {
    let refused = Refused {
        status,
        retry_after,
        body: body.as_bytes(),
    };
    from_status(&refused, KEY)
}

fn object(code: &str, message: &str) -> String {
    serde_json::json!({"error": {"message": message, "type": "t", "code": code}}).to_string()
}

#[test]
fn every_status_has_its_error() {
    let known = object("model_not_found", "no m");
    let overflow = r#"{"error":{"message":"long","code":400,"type":"x","n_ctx":8,"n_prompt_tokens":9}}"#;
    for (status, body, wanted) in [
        (301, "", "Error::Internal(\"the model server redirects (301)"),
        (400, "<html>", "Error::Internal(\"the model server failed (400)"),
        (
            400,
            &*object("invalid_value", "bad"),
            "Error::Invalid(\"the model server refused the request (400): bad",
        ),
        (422, &*object("x", "bad"), "Error::Invalid(\""),
        (
            400,
            overflow,
            "Error::ContextTooLong(ContextOverflow { limit-tokens: 8, requested-tokens: 9 })",
        ),
        (400, &*object("unsupported", "no"), "Error::Unsupported(\""),
        (
            401,
            "",
            "Error::Internal(\"the model server refused the key (401)",
        ),
        (
            403,
            "",
            "Error::Internal(\"the model server refused the key (403)",
        ),
        (402, "", "Error::BudgetExhausted(\""),
        (
            404,
            &*known,
            "Error::ModelNotFound(\"the model server has no such model (404): no m",
        ),
        (404, &*object("", "model m, pull it"), "Error::ModelNotFound(\""),
        (
            404,
            &*object("adapter_not_found", "there are: poet"),
            "Error::AdapterNotFound(\"the model server has no such adapter (404): there are: poet",
        ),
        (
            404,
            &*object("unknown_path", "no"),
            "Error::Internal(\"the model server has no such path",
        ),
        (
            404,
            "404 page not found",
            "Error::Internal(\"the model server has no such path",
        ),
        (413, "", "Error::Invalid(\""),
        (429, "", "Error::Overloaded(1000)"),
        (
            429,
            &*object("insufficient_quota", "pay"),
            "Error::BudgetExhausted(\"",
        ),
        (500, "", "Error::Internal(\"the model server failed (500)"),
        (502, "", "Error::Unavailable(\""),
        (503, "", "Error::Unavailable(\""),
        (599, &known, "Error::ModelNotFound(\""),
    ] {
        let error = format!("{:?}", refused(status, None, body));
        assert!(error.starts_with(wanted), "{status} {body}: {error}");
    }
}

#[test]
fn times_to_wait() {
    for (header, wanted) in [
        ("2", 2_000),
        (" 7 ", 7_000),
        ("0", 1),
        ("99999999", 3_600_000),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1_000),
        ("soon", 1_000),
    ] {
        for status in [429, 503] {
            let error = refused(status, Some(header), "");
            assert!(
                matches!(error, Error::Overloaded(ms) if ms == wanted),
                "{header}: {error:?}"
            );
        }
    }
}

#[test]
fn the_key_is_shown_for_no_status() {
    for status in (100..600).filter(|status| *status != 200) {
        for code in ["", "model_not_found", "invalid_value", "insufficient_quota", KEY] {
            let error = refused(status, None, &object(code, &format!("the key {KEY} is no good")));
            assert!(!format!("{error:?}").contains(KEY), "{status}: {error:?}");
        }
    }
}

#[test]
fn what_a_user_can_do_is_told() {
    for error in [
        unreachable(),
        lie("x"),
        stalled("answer", 5, "upstream_idle_ms"),
        refused(500, None, ""),
    ] {
        assert!(format!("{error:?}").contains("hint: "), "{error:?}");
    }
}
