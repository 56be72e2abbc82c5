//! `luumen`: what the desktop can do, on the command line. Reads its arguments, asks, prints.

mod args;
mod commands;
mod report;
mod summary;
mod terminal;

use std::{io, process::ExitCode};

use clap::Parser as _;

use args::Cli;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(message) => {
            // Help and version are no errors; everything else is a usage error, which is 1 here.
            let code = if message.use_stderr() {
                commands::USAGE
            } else {
                commands::COMPLETE
            };
            let _ = message.print();
            return ExitCode::from(code);
        }
    };
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(tracing_subscriber::filter::LevelFilter::ERROR)
        .init();
    ExitCode::from(commands::run(cli))
}
