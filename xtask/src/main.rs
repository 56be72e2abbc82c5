//! What the repository asks of itself: `cargo xtask layers | ci | generate`.
//!
//! It looks at sources and at what other programs print. It is no part of the product and links none of it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for people at a terminal"
)]

mod ci;
mod generated;
mod layers;
mod licences;
mod shell;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  layers              compare the crates' arrows with the plan in layers.toml
  ci [STEP…]          everything a merge must pass short of the tests; with names, only those steps
  generate [--rust]   rewrite what is generated from the code: docs/reference, the browser's API types and the
                      window's contract (--rust: without the browser's API types; --licences: only the licences)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["layers"] => layers::check(&shell::repository()),
        ["ci", steps @ ..] => ci::run(&shell::repository(), steps),
        ["generate"] => generated::rewrite_all(&shell::repository()),
        ["generate", "--licences"] => generated::rewrite_licences(&shell::repository()),
        ["generate", "--rust"] => generated::rewrite_reference(&shell::repository()),
        ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
