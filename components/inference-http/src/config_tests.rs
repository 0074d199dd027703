use super::*;

fn with_url(url: &str) -> Values {
    Values {
        url: url.into(),
        ..Values::default()
    }
}

#[test]
fn addresses() {
    for (url, wanted) in [
        ("http://127.0.0.1:3001", "http://127.0.0.1:3001/v1"),
        ("http://127.0.0.1:3001/", "http://127.0.0.1:3001/v1"),
        (" https://a.example/v1/ ", "https://a.example/v1"),
        ("https://a.example/api/v1", "https://a.example/api/v1"),
        ("http://[::1]:8080", "http://[::1]:8080/v1"),
    ] {
        let config = read(&with_url(url)).unwrap().unwrap();
        assert_eq!(config.base, wanted, "{url}");
        assert_eq!((config.first_byte_ms, config.idle_ms), (30_000, 30_000));
    }
    for unset in [
        "",
        "  ",
        "https://unset.invalid",
        "https://UNSET.invalid/v1",
        "https://unset.invalid:1",
    ] {
        assert!(read(&with_url(unset)).unwrap().is_none(), "{unset}");
    }
    for wrong in [
        "a.example",
        "ftp://a.example",
        "/v1",
        "https://",
        "https://user:secret@a.example",
        "https://a.example/?key=1",
        "https://a.example/#x",
        "https://a b",
    ] {
        let error = read(&with_url(wrong)).err().expect(wrong);
        assert!(
            error.contains("`upstream_url`") && error.contains("hint:"),
            "{error}"
        );
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn waits() {
    for (value, wanted) in [
        ("", Some(30_000)),
        (" 250 ", Some(250)),
        ("0", None),
        ("1s", None),
        ("3600001", None),
    ] {
        let values = Values {
            timeout_ms: value.into(),
            ..with_url("http://a")
        };
        let waited = read(&values).map(|config| config.map(|it| it.first_byte_ms));
        match wanted {
            Some(ms) => assert_eq!(waited, Ok(Some(ms)), "{value}"),
            None => assert!(waited.unwrap_err().contains("`upstream_timeout_ms`"), "{value}"),
        }
    }
}

#[test]
fn the_key_is_a_header_and_in_no_error() {
    let with_key = |key: &str| {
        read(&Values {
            key: key.into(),
            ..with_url("http://a")
        })
    };
    let config = with_key("sk-1\n").unwrap().unwrap();
    let key = config.key.as_ref().unwrap();
    assert_eq!(
        (config.secret(), key.header.as_bytes()),
        ("sk-1", b"Bearer sk-1".as_slice())
    );
    assert_eq!(format!("{:?}", key.header), "Sensitive");
    assert!(with_key("").unwrap().unwrap().key.is_none());
    for broken in ["sk-\n1", "sk-ü", "sk-\u{7}"] {
        let error = with_key(broken).err().expect(broken);
        assert!(
            error.contains("`upstream_key`") && !error.contains("sk-"),
            "{error}"
        );
    }
}

#[test]
fn dialects() {
    let with_dialect = |dialect: &str| {
        read(&Values {
            dialect: dialect.into(),
            ..with_url("http://a")
        })
    };
    let dialect = |name| with_dialect(name).unwrap().unwrap().dialect;
    assert_eq!((dialect(""), dialect(" gyre ")), (Dialect::Openai, Dialect::Gyre));
    let error = with_dialect("vllm").err().unwrap();
    assert!(error.contains("`upstream_dialect`"), "{error}");
}

#[test]
fn models_to_offer() {
    let values = Values {
        models: " a, b,,".into(),
        ..with_url("http://a")
    };
    let config = read(&values).unwrap().unwrap();
    assert!(config.offers("a") && config.offers("b") && !config.offers("c"));
    assert!(read(&with_url("http://a")).unwrap().unwrap().offers("anything"));
    let many = Values {
        models: "m,".repeat(257),
        ..with_url("http://a")
    };
    assert!(read(&many).err().unwrap().contains("`upstream_models`"));
}
