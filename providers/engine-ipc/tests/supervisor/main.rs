//! The supervisor against workers that fail, each in its own way. The worker is this very program, started again: see
//! `fake`.

mod fake;

use gyre_engine_ipc::{Embeddings, Engine, EngineConfig, EngineError};
use libtest_mimic::{Arguments, Trial};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// No test waits for so long, unless something hangs.
const HUNG: Duration = Duration::from_secs(20);

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "--models") {
        fake::run(Path::new(&arguments.next().expect("a folder")));
        return;
    }
    let tests: [(&'static str, fn()); 8] = [
        ("a_worker_that_ends_is_told_by_how_it_ended", how_it_ended),
        ("what_cannot_be_read_ends_the_worker", unreadable),
        ("a_silent_worker_is_hung", silent),
        ("a_model_that_stands_still_is_hung", stuck),
        ("slow_is_not_hung", slow),
        ("an_end_is_noticed_though_the_pipe_is_open", open_pipe),
        ("the_models_it_had_are_loaded_again", reloaded),
        ("a_model_that_kills_workers_is_refused_and_others_go_on", bad_file),
    ];
    let trials = tests.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit();
}

fn config(fault: &str) -> EngineConfig {
    let worker = std::env::current_exe().expect("a path");
    let mut config = EngineConfig::new(worker, PathBuf::from("faults").join(fault));
    config.answer_wait = Duration::from_secs(10);
    config
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        tokio::time::timeout(HUNG, test).await.expect("nothing hangs");
    });
}

async fn embed(engine: &Engine, model: &str, text: &str) -> Result<Embeddings, EngineError> {
    engine.embed(model, vec![text.to_owned()]).await
}

/// A call that the worker does not survive: it can be repeated, and its error says how the worker ended.
async fn dies(engine: &Engine, model: &str, text: &str, part: &str) {
    let error = embed(engine, model, text).await.expect_err(part);
    assert_eq!(error.kind(), "worker-died", "{error}");
    assert!(error.to_string().contains(part), "{part}: {error}");
    assert!(error.retry_after_ms().is_some());
}

fn how_it_ended() {
    run(async {
        for (fault, part) in [("exit", "exit code 3"), ("abort", "aborted")] {
            let engine = Engine::start(config(fault));
            embed(&engine, "m", "live").await.expect("works");
            let begun = Instant::now();
            dies(&engine, "m", "die", part).await;
            embed(&engine, "m", "live").await.expect("works again");
            println!("{fault}: the next call was answered after {:?}", begun.elapsed());
            assert_eq!(engine.status().restarts, 1);
        }
    });
}

fn unreadable() {
    run(async {
        for fault in ["garbage", "huge"] {
            let engine = Engine::start(config(fault));
            dies(&engine, "m", "x", "replies could not be read").await;
            assert!(engine.models().await.is_ok(), "{fault}: it was started again");
        }
    });
}

fn silent() {
    run(async {
        for fault in ["silent", "cut"] {
            let mut config = config(fault);
            config.answer_wait = Duration::from_millis(400);
            let engine = Engine::start(config);
            if fault == "silent" {
                dies(&engine, "m", "x", "no sign of life").await;
            } else {
                // The rest of the cut frame is taken from what comes after it.
                dies(&engine, "m", "x", "").await;
            }
            assert!(engine.models().await.is_ok(), "{fault}: it was started again");
        }
    });
}

fn stuck() {
    run(async {
        let mut config = config("stuck");
        config.step_wait = Duration::from_millis(400);
        let engine = Engine::start(config);
        // It answers everything else meanwhile: only the model's thread is hung.
        assert!(engine.models().await.is_ok());
        dies(&engine, "m", "x", "the model m made no progress").await;
        assert!(engine.models().await.is_ok(), "it was started again");
    });
}

fn slow() {
    run(async {
        for fault in ["slow", "long"] {
            let mut config = config(fault);
            config.step_wait = Duration::from_millis(400);
            let engine = Engine::start(config);
            embed(&engine, "m", "x").await.expect(fault);
            assert_eq!(engine.status().restarts, 0, "{fault}");
        }
    });
}

fn open_pipe() {
    run(async {
        let engine = Engine::start(config("open-pipe"));
        let begun = Instant::now();
        let answer = embed(&engine, "m", "x").await;
        assert!(answer.is_ok(), "what it said before its end counts: {answer:?}");
        while engine.status().restarts == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        println!("the end was noticed after {:?}", begun.elapsed());
    });
}

fn reloaded() {
    run(async {
        let mut config = config("exit");
        config.reload = vec!["given".to_owned()];
        let engine = Engine::start(config);
        for model in ["a", "b"] {
            embed(&engine, model, "live").await.expect("works");
        }
        assert_eq!(engine.models().await.expect("answers").len(), 0, "nothing yet");
        dies(&engine, "b", "die", "exit code 3").await;
        let models = engine.models().await.expect("answers");
        let names: Vec<_> = models.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(names, ["given", "a", "b"]);
    });
}

fn bad_file() {
    run(async {
        let engine = Engine::start(config("bad-file"));
        for _ in 0..2 {
            embed(&engine, "good", "x").await.expect("works");
            dies(&engine, "bad", "x", "aborted").await;
        }
        // A third call does not reach the worker: it lives, and others have it.
        dies(
            &engine,
            "bad",
            "x",
            "2 times in a row while it loaded the model bad",
        )
        .await;
        embed(&engine, "good", "x").await.expect("works");
        assert_eq!(engine.status().restarts, 2);
    });
}
