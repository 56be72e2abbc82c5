//! Everything a merge must pass short of the tests, as one list of steps.

use std::{path::Path, process::Command, time::Instant};

use anyhow::{Result, anyhow, bail};

use crate::{generated, layers, shell};

struct Step {
    name: &'static str,
    run: fn(&Path) -> Result<Outcome>,
}

enum Outcome {
    Passed,
    /// The tool is not on this machine; the text says how to get it.
    Skipped(&'static str),
}

/// Cheap ones first.
const STEPS: &[Step] = &[
    Step {
        name: "layers",
        run: |top| layers::check(top).map(|()| Outcome::Passed),
    },
    Step {
        name: "format",
        run: |top| cargo(top, &["fmt", "--all", "--check"]),
    },
    Step {
        name: "spelling",
        run: spelling,
    },
    Step {
        name: "dependencies",
        run: dependencies,
    },
    Step {
        name: "clippy",
        run: clippy,
    },
    Step {
        name: "generated",
        run: |top| generated::check(top).map(|()| Outcome::Passed),
    },
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

fn dependencies(repository: &Path) -> Result<Outcome> {
    if !shell::installed("cargo-deny", &["--version"]) {
        return Ok(Outcome::Skipped(
            "cargo-deny is not installed: `cargo install cargo-deny`",
        ));
    }
    // The advisory database changes by itself; a merge is judged by what it changes.
    cargo(
        repository,
        &[
            "deny",
            "--log-level",
            "error",
            "check",
            "bans",
            "licenses",
            "sources",
        ],
    )
}
