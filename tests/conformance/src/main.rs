//! Runs the cases on our host and, where one is given, on stock Spin, and prints the table of differences.

use anyhow::{Result, ensure};
use clap::Parser;
use gyre_conformance::{Case, Difference, HostKind, Need, Verdict, cases, differences, judge, render, run};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs the conformance cases.
#[derive(Parser)]
struct Args {
    /// A stock Spin, 4.1 or later, to hold our host against
    #[arg(long, env = "GYRE_SPIN", value_name = "PATH")]
    spin: Option<PathBuf>,
    /// What that Spin was built without: cases that use it run on our host only
    #[arg(long, value_name = "SERVER,…", value_delimiter = ',', requires = "spin")]
    without: Vec<Need>,
    /// Only cases whose name contains this
    #[arg(long, value_name = "TEXT")]
    case: Option<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let list = differences()?;
    let all = args.case.is_none();
    let mut cases = cases()?;
    if let Some(part) = &args.case {
        cases.retain(|case| case.name.contains(part.as_str()));
        ensure!(!cases.is_empty(), "no case has `{part}` in its name");
    }
    let mut failed = 0;
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in &cases {
        failed += u32::from(!on_gyre(case).await?);
        match &args.spin {
            None => {}
            Some(_) if case.expect.needs_any(&args.without) => {
                println!(
                    "spin  {}: not compared: this Spin is without what it needs",
                    case.name
                );
            }
            Some(spin) => failed += u32::from(!on_spin(case, spin, &mut shown).await?),
        }
    }
    match &args.spin {
        None => {
            println!("\npeer absent: --spin PATH names a stock Spin, 4.1 or later; no comparison was made");
        }
        Some(_) => {
            println!("\n{}", render(&list, &shown));
            failed += if all { unshown(&list, &shown) } else { 0 };
        }
    }
    println!("{} cases, {failed} failures", cases.len());
    Ok(ExitCode::from(u8::from(failed > 0)))
}

async fn on_gyre(case: &Case) -> Result<bool> {
    let outcome = run(case, &HostKind::Gyre).await?;
    let ok = outcome.mismatches.is_empty();
    let word = if ok { "ok" } else { "FAILED" };
    println!("gyre  {}: {word} {}", case.name, outcome.mismatches.join("; "));
    Ok(ok)
}

async fn on_spin(case: &Case, spin: &Path, shown: &mut BTreeMap<String, Vec<String>>) -> Result<bool> {
    let outcome = run(case, &HostKind::Spin(spin.to_owned())).await?;
    match judge(case, &outcome) {
        Verdict::Agrees => println!("spin  {}: ok", case.name),
        Verdict::Differs => {
            let id = case.expect.differs().unwrap_or_default().to_owned();
            println!("spin  {}: differs, as listed: {id}", case.name);
            shown.entry(id).or_default().push(case.name.clone());
        }
        Verdict::Wrong(what) => {
            println!("spin  {}: FAILED {what}", case.name);
            return Ok(false);
        }
    }
    Ok(true)
}

/// Rows of the list that nothing showed, and differences that are no row.
fn unshown(list: &[Difference], shown: &BTreeMap<String, Vec<String>>) -> u32 {
    let mut failed = 0;
    for row in list {
        if row.shown_by.is_none() && !shown.contains_key(&row.id) {
            println!("FAILED: no case shows the difference `{}`", row.id);
            failed += 1;
        }
    }
    for id in shown.keys().filter(|id| list.iter().all(|row| row.id != **id)) {
        println!("FAILED: `{id}` is not in differences.toml");
        failed += 1;
    }
    failed
}
