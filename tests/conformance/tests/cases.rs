//! Every case on our host: one test a case. `cargo xtask conformance --spin PATH` holds stock Spin against them.

use gyre_conformance::{Case, HostKind, cases, differences, run};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> anyhow::Result<()> {
    let mut arguments = Arguments::from_args();
    // Each case is a process that compiles guests.
    arguments.test_threads.get_or_insert(2);
    let mut trials: Vec<Trial> = cases()?.into_iter().map(trial).collect();
    trials.push(Trial::test("cases_name_differences_of_the_list", || {
        known_differences().map_err(|error| Failed::from(error.to_string()))
    }));
    trials.push(Trial::test("people_read_the_list", || {
        written_down().map_err(|error| Failed::from(error.to_string()))
    }));
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(case: Case) -> Trial {
    Trial::test(case.name.clone(), move || {
        let runtime = tokio::runtime::Runtime::new()?;
        let outcome = runtime.block_on(run(&case, &HostKind::Gyre))?;
        match outcome.mismatches.as_slice() {
            [] => Ok(()),
            wrong => Err(Failed::from(wrong.join("\n"))),
        }
    })
}

/// Each row is shown by a case, or says what else shows it; each case means a row.
fn known_differences() -> anyhow::Result<()> {
    let (list, cases) = (differences()?, cases()?);
    for case in &cases {
        if let Some(id) = case.expect.differs() {
            anyhow::ensure!(
                list.iter().any(|row| row.id == id),
                "case {}: `{id}` is no row",
                case.name
            );
        }
    }
    for row in &list {
        let shown = cases.iter().any(|case| case.expect.differs() == Some(&row.id));
        anyhow::ensure!(shown || row.shown_by.is_some(), "nothing shows `{}`", row.id);
    }
    Ok(())
}

/// docs/stock-spin.md has every row, and no other.
fn written_down() -> anyhow::Result<()> {
    let text = include_str!("../../../docs/stock-spin.md");
    let list = differences()?;
    for row in &list {
        let line = format!("| {} | {} | {} |", row.id, row.here, row.spin);
        anyhow::ensure!(text.contains(&line), "docs/stock-spin.md lacks the line {line}");
    }
    let table = text.split("## What differs").nth(1).unwrap_or_default();
    let rows = table.lines().filter(|line| line.starts_with("| ")).count();
    anyhow::ensure!(
        rows == list.len() + 1,
        "docs/stock-spin.md has rows that are not in the list"
    );
    Ok(())
}
