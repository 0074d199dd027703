//! The protocol, against a server of the test's own.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const PARAMS: InferencingParams = InferencingParams {
    max_tokens: 9,
    repeat_penalty: 1.5,
    repeat_penalty_last_n_token_count: 8,
    temperature: 0.5,
    top_k: 3,
    top_p: 0.5,
};

/// A server that gives one answer, and afterwards what it was asked.
async fn answering(answer: &str) -> (Remote, JoinHandle<String>) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = answer.to_owned();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut request = Vec::new();
        // The whole of a small request comes with its last brace.
        while !request.ends_with(b"}") {
            assert!(stream.read_buf(&mut request).await.expect("a request") > 0);
        }
        stream.write_all(answer.as_bytes()).await.expect("written");
        String::from_utf8(request).expect("UTF-8")
    });
    (Remote::new(&url, "a-token").expect("an address"), asked)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn asks_and_reads_as_spin_does() {
    let body = r#"{"text":"so","usage":{"promptTokenCount":3,"generatedTokenCount":1}}"#;
    let (remote, asked) = answering(&ok(body)).await;
    let made = remote.infer("m", "say so", PARAMS).await.expect("an answer");
    assert_eq!((made.text.as_str(), made.usage.prompt_token_count), ("so", 3));
    let asked = asked.await.expect("it ended");
    for part in [
        "POST /infer ",
        "authorization: bearer a-token",
        r#""prompt":"say so""#,
        r#""maxTokens":9"#,
        r#""repeatPenaltyLastNTokenCount":8"#,
        r#""topK":3"#,
    ] {
        assert!(asked.contains(part), "{part} in {asked}");
    }

    let (remote, asked) = answering(&ok(
        r#"{"embeddings":[[1.0,0.5]],"usage":{"promptTokenCount":2}}"#,
    ))
    .await;
    let made = remote.embed("m", &["a".to_owned()]).await.expect("vectors");
    assert_eq!(made.embeddings, [[1.0, 0.5]]);
    assert!(asked.await.expect("it ended").contains(r#""input":["a"]"#));
}

#[tokio::test]
async fn what_fails_is_told_without_the_token() {
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
    for (answer, expected) in [
        (
            "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n".to_owned(),
            "401",
        ),
        (redirect.to_owned(), "302"),
        (ok("{}"), "not of Spin's protocol"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_owned(),
            "broke off",
        ),
    ] {
        let (remote, _asked) = answering(&answer).await;
        let failed = remote.infer("m", "p", PARAMS).await.expect_err(&answer);
        let Error::RuntimeError(words) = failed else {
            panic!("{failed:?}")
        };
        assert!(words.contains(expected) && words.contains("hint:"), "{words}");
        assert!(!words.contains("a-token") && !format!("{remote:?}").contains("a-token"));
    }
}

#[test]
fn a_wrong_address_is_not_repeated() {
    for wrong in ["", "no address", "ftp://user:secret@host", "mailto:secret"] {
        let error = Remote::new(wrong, "t").expect_err(wrong).to_string();
        assert!(error.contains("hint:") && !error.contains("secret"), "{error}");
    }
}
