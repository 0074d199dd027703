//! Documents in, answers with citations out, with no model at all.

use crate::expect::{CHAT, COMPLETIONS, ISOLATION, document, ingest_isolation, is_done, list, prompt, text};
use anyhow::{Context, Result, ensure};
use gyre_test_support::{Server, Setup};
use serde_json::{Value, json};

const NOTES: &str = "Kettles whistle when the water boils.\n\nA teapot waits.\n";
const PAGE: &str = "<html><body>\n<h1>Orchard</h1>\n\n<p>Apples ripen in September.</p>\n</body></html>\n";

fn corpus() -> Value {
    json!({"documents": [
        document("isolation.md", "text/markdown", ISOLATION),
        document("notes.txt", "text/plain", NOTES),
        document("page.html", "text/html", PAGE),
    ]})
}

/// A passage's text stands in the lines it names.
fn stands_in(lines_of: &str, span: &Value, quote: &str) -> Result<()> {
    let number = |key: &str| span[key].as_u64().and_then(|line| usize::try_from(line).ok());
    let (start, end) = number("start_line").zip(number("end_line")).context("no span")?;
    let lines: Vec<&str> = lines_of.lines().collect();
    ensure!(
        start >= 1 && start <= end && end <= lines.len(),
        "{span} of {} lines",
        lines.len()
    );
    let named = lines[start - 1..end].join("\n");
    ensure!(
        named.contains(quote.trim_end()),
        "`{quote}` is not in lines {start} to {end}: `{named}`"
    );
    Ok(())
}

#[tokio::test]
async fn ingesting_again_changes_nothing_and_search_names_true_lines() -> Result<()> {
    let server = Setup::new()?.start().await?;
    for status_expected in ["ingested", "unchanged"] {
        let (status, answer) = server.post("/api/v1/documents", &corpus()).await?;
        ensure!(status == 200, "{status}: {answer}");
        let documents = list(&answer, "/documents")?;
        ensure!(documents.len() == 3, "{answer}");
        for one in documents {
            ensure!(
                one["status"] == status_expected && one["passages"].as_u64() > Some(0),
                "{answer}"
            );
        }
        lexical_with_reason(&answer)?;
    }
    let cases = [
        ("powers of the sandbox", "isolation.md", ISOLATION, true),
        ("when does the kettle whistle, kettles", "notes.txt", NOTES, true),
        ("apples september", "page.html", PAGE, false),
    ];
    for (query, source, file, verbatim) in cases {
        let (status, answer) = server
            .post("/api/v1/search", &json!({"query": query, "limit": 3}))
            .await?;
        ensure!(status == 200, "{status}: {answer}");
        let best = list(&answer, "/passages")?
            .first()
            .with_context(|| format!("nothing for `{query}`"))?;
        ensure!(best["source"] == source, "`{query}`: {answer}");
        let quote = text(best, "/text")?;
        // HTML is stored as it reads: each of its lines stands in the source.
        let parts = if verbatim {
            vec![quote]
        } else {
            quote.lines().filter(|line| !line.is_empty()).collect()
        };
        for part in parts {
            stands_in(file, &best["span"], part.trim_start_matches("# "))?;
        }
        lexical_with_reason(&answer)?;
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_quotes_and_names_its_model() -> Result<()> {
    let server = Setup::new()?.start().await?;
    ingest_isolation(&server).await?;
    let (status, answer) = server
        .post(CHAT, &json!({"input": "How does Gyre isolate an agent?"}))
        .await?;
    ensure!(status == 200, "{status}: {answer}");
    ensure!(
        answer["model"] == "gyre-extractive" && answer["agent"] == "researcher",
        "{answer}"
    );
    ensure!(answer["finish_reason"] == "stop", "{answer}");
    lexical_with_reason(&answer)?;
    every_sentence_is_quoted(text(&answer, "/output")?, list(&answer, "/citations")?)
}

/// Sentences are `“…” [n]`, and each is in the lines of citation n.
fn every_sentence_is_quoted(output: &str, citations: &[Value]) -> Result<()> {
    let sentences: Vec<&str> = output.split('“').skip(1).collect();
    ensure!(
        !sentences.is_empty() && output.starts_with('“'),
        "nothing is quoted: {output}"
    );
    for sentence in sentences {
        let (quote, rest) = sentence
            .split_once('”')
            .with_context(|| format!("no end: {sentence}"))?;
        let mark = rest
            .trim()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<u64>();
        let mark = mark.with_context(|| format!("a sentence without a mark: {sentence}"))?;
        let citation = citations
            .iter()
            .find(|one| one["mark"] == mark)
            .context("no such citation")?;
        ensure!(citation["source"] == "isolation.md", "{citation}");
        stands_in(ISOLATION, &citation["span"], quote)?;
        stands_in(ISOLATION, &citation["span"], text(citation, "/quote")?)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_streamed_answer_has_its_events_in_order_and_an_explicit_end() -> Result<()> {
    let server = Setup::new()?.start().await?;
    ingest_isolation(&server).await?;
    let body = json!({"input": "How does Gyre isolate an agent?", "stream": true});
    let events = server.stream(CHAT, &body).await?.rest().await?;
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    let firsts = [
        "run.started",
        "tool.call",
        "tool.result",
        "text.delta",
        "citation",
        "usage",
        "done",
    ];
    let positions: Vec<_> = firsts
        .iter()
        .map(|first| names.iter().position(|name| name == first))
        .collect();
    ensure!(
        positions.iter().all(Option::is_some) && positions.is_sorted(),
        "{names:?}"
    );
    ensure!(names.last() == Some(&"done"), "no explicit end: {names:?}");
    let ids: Vec<u64> = events
        .iter()
        .map(|event| event.id.parse())
        .collect::<Result<_, _>>()?;
    ensure!(
        ids.is_sorted_by(|one, next| one < next),
        "ids do not increase: {ids:?}"
    );
    for event in &events {
        ensure!(event.json()?["type"] == event.name, "{event:?}");
    }
    let done = events.last().context("no events")?.json()?;
    ensure!(
        done["model"] == "gyre-extractive" && done["finish_reason"] == "stop",
        "{done}"
    );
    lexical_with_reason(&done)
}

#[tokio::test]
async fn says_what_there_is_and_how_it_is() -> Result<()> {
    let server = Setup::new()?.start().await?;
    let (status, agents) = server.get("/api/v1/agents").await?;
    ensure!(
        status == 200 && agents["agents"][0]["id"] == "researcher",
        "{agents}"
    );
    ensure!(!text(&agents, "/agents/0/description")?.is_empty(), "{agents}");
    let (status, health) = server.get("/health").await?;
    ensure!(status == 200 && health["status"] == "degraded", "{health}");
    ensure!(
        text(&health, "/checks/embedding_model/hint")?.contains("gyre doctor"),
        "{health}"
    );
    let (status, models) = server.get("/v1/models").await?;
    let ids: Vec<&Value> = list(&models, "/data")?.iter().map(|model| &model["id"]).collect();
    ensure!(status == 200 && ids == ["gyre-extractive"], "{models}");
    the_model_answers_directly(&server).await?;
    nobody_asked_makes_an_honest_answer(&server).await
}

async fn the_model_answers_directly(server: &Server) -> Result<()> {
    let events = server
        .stream(COMPLETIONS, &prompt("gyre-extractive", "hello"))
        .await?
        .rest()
        .await?;
    ensure!(is_done(&events), "{events:?}");
    for event in &events[..events.len() - 1] {
        ensure!(event.json()?["model"] == "gyre-extractive", "{event:?}");
    }
    let body = json!({"model": "gyre-extractive", "messages": [{"role": "user", "content": "hello"}]});
    let (status, answer) = server.post(COMPLETIONS, &body).await?;
    ensure!(
        status == 200 && answer["choices"][0]["finish_reason"] == "stop",
        "{answer}"
    );
    Ok(())
}

/// Without documents it says so, and cites nothing.
async fn nobody_asked_makes_an_honest_answer(server: &Server) -> Result<()> {
    let (status, answer) = server
        .post(CHAT, &json!({"input": "How does Gyre isolate an agent?"}))
        .await?;
    ensure!(
        status == 200 && list(&answer, "/citations")?.is_empty(),
        "{answer}"
    );
    ensure!(!text(&answer, "/output")?.contains('“'), "{answer}");
    Ok(())
}

fn lexical_with_reason(answer: &Value) -> Result<()> {
    ensure!(answer["retrieval"]["mode"] == "lexical", "{answer}");
    ensure!(answer["retrieval"]["embedding_model"].is_null(), "{answer}");
    ensure!(
        text(answer, "/retrieval/reason")?.contains("all-minilm-l6-v2"),
        "{answer}"
    );
    Ok(())
}
