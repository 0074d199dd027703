//! A run that is killed, or stopped, ends with the weights of one that was not.

mod support;

use anyhow::{Context as _, Result, bail};
use gyre_forge::model::{Llama, Precision, Shape};
use gyre_forge::train::{Optimiser, Outcome, Quiet, Run, Settings, Tokens, TrainError, Upkeep, Watch, train};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

/// Tells the child where it trains.
const FOLDER: &str = "GYRE_FORGE_TEST_FOLDER";
const STEPS: u64 = 40;

fn data() -> Tokens {
    let size = support::Facts {
        conversations: 30,
        told: 3,
        asked: 2,
        length: 3,
        vocabulary: 40,
    };
    support::facts(size, 1)
}

fn settings() -> Settings {
    let shape = Shape {
        layers: 2,
        width: 32,
        heads: 2,
        kv_heads: 1,
        feed_forward: 48,
        vocabulary: 40,
        context: 64,
        rope_theta: 10_000.0,
        norm_epsilon: 1e-5,
    };
    Settings {
        precision: Precision::Bf16,
        optimiser: Optimiser::Muon,
        batch_tokens: 150,
        pass_tokens: 70,
        ..Settings::new(shape, 3, STEPS)
    }
}

fn run(
    folder: &Path,
    settings: &Settings,
    from: Option<&Path>,
    watch: &mut dyn Watch,
) -> Result<Outcome, TrainError> {
    let tokens = data();
    let upkeep = Upkeep {
        checkpoint_steps: 3,
        dev_steps: 7,
        ..Upkeep::default()
    };
    let mut model = Llama::new(&settings.shape, settings.pass_tokens_max(), settings.precision)?;
    let run = Run {
        settings,
        upkeep: &upkeep,
        tokens: &tokens,
        dev: Some(&tokens),
        folder,
        from,
    };
    train(run, &mut model, watch, &AtomicBool::new(false))
}

fn weights(folder: &Path) -> Result<Vec<u8>> {
    Ok(std::fs::read(folder.join("model.safetensors"))?)
}

/// Lines of a run's log that are whole.
fn logged(folder: &Path) -> usize {
    let text = std::fs::read_to_string(folder.join("train.jsonl")).unwrap_or_default();
    text.matches('\n').count()
}

#[test]
#[ignore = "the child of another test, which kills it"]
fn child() -> Result<()> {
    let folder = std::env::var_os(FOLDER).context("no folder was told")?;
    run(Path::new(&folder), &settings(), None, &mut Quiet)?;
    Ok(())
}

/// Runs the child until its log has so many lines, and kills it; whether it was killed before it was done.
fn kill_after(folder: &Path, lines: usize) -> Result<bool> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", "child", "--ignored"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    loop {
        if logged(folder) >= lines {
            child.kill()?;
            return Ok(!child.wait()?.success());
        }
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                bail!("the child failed: {status}");
            }
            return Ok(false);
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_run_killed_again_and_again_ends_with_the_same_weights() -> Result<()> {
    let (whole, killed) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let right = run(whole.path(), &settings(), None, &mut Quiet)?;
    assert!(right.finished);

    let mut kills = 0;
    for lines in [1, 5, 14, 22, 33] {
        kills += usize::from(kill_after(killed.path(), lines)?);
    }
    assert!(kills >= 1, "no child was killed before it was done");
    let outcome = run(killed.path(), &settings(), None, &mut Quiet)?;
    assert_eq!(outcome.steps, STEPS);
    assert!(
        weights(killed.path())? == weights(whole.path())?,
        "the weights differ"
    );
    assert_eq!((outcome.loss, outcome.dev_loss), (right.loss, right.dev_loss));
    assert_eq!(logged(killed.path()), STEPS as usize);
    Ok(())
}

/// Asks for the end after some steps.
struct Stop<'a>(u64, &'a AtomicBool);

impl Watch for Stop<'_> {
    fn begin(&mut self, _: u64, _: u64) {}
    fn step(&mut self, line: &gyre_forge::train::Line) {
        self.1.store(line.step >= self.0, Ordering::Relaxed);
    }
    fn note(&mut self, _: &str) {}
    fn end(&mut self) {}
}

#[test]
fn a_run_that_is_stopped_leaves_a_checkpoint_and_goes_on() -> Result<()> {
    let (whole, stopped) = (tempfile::tempdir()?, tempfile::tempdir()?);
    run(whole.path(), &settings(), None, &mut Quiet)?;
    let (tokens, settings, stop) = (data(), settings(), AtomicBool::new(false));
    let mut model = Llama::new(&settings.shape, settings.pass_tokens_max(), settings.precision)?;
    let upkeep = Upkeep::default();
    let at_rest = Run {
        settings: &settings,
        upkeep: &upkeep,
        tokens: &tokens,
        dev: None,
        folder: stopped.path(),
        from: None,
    };
    let outcome = train(at_rest, &mut model, &mut Stop(11, &stop), &stop)?;
    assert_eq!(
        (outcome.steps, outcome.finished, outcome.weights),
        (11, false, None)
    );
    let outcome = run(stopped.path(), &settings, None, &mut Quiet)?;
    assert!(outcome.finished);
    assert!(
        weights(stopped.path())? == weights(whole.path())?,
        "the weights differ"
    );
    Ok(())
}

#[test]
fn a_run_is_prolonged_from_before_its_rate_fell() -> Result<()> {
    let (short, long, whole) = (tempfile::tempdir()?, tempfile::tempdir()?, tempfile::tempdir()?);
    run(short.path(), &settings(), None, &mut Quiet)?;
    let longer = Settings {
        steps: STEPS + 10,
        ..settings()
    };
    // In its own folder the rate has fallen already.
    let told = run(short.path(), &longer, None, &mut Quiet)
        .expect_err("it fell")
        .to_string();
    assert!(told.contains("before-decay.safetensors"), "{told}");
    let before = short.path().join("checkpoints/before-decay.safetensors");
    run(long.path(), &longer, Some(&before), &mut Quiet)?;
    run(whole.path(), &longer, None, &mut Quiet)?;
    assert!(
        weights(long.path())? == weights(whole.path())?,
        "the weights differ"
    );

    let last = short.path().join("checkpoints/step-0000000040.safetensors");
    let other = tempfile::tempdir()?;
    let told = run(other.path(), &settings(), Some(&last), &mut Quiet).expect_err("it is done");
    assert!(told.to_string().contains("it made 40 steps"), "{told}");

    let other = Settings {
        rate: 0.5,
        ..settings()
    };
    let told = run(short.path(), &other, None, &mut Quiet)
        .expect_err("another run")
        .to_string();
    assert!(told.contains("settings differ"), "{told}");
    Ok(())
}
