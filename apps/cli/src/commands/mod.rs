//! What a person can ask for, one room each, and what they share.

mod inventory;
mod matching;
mod version;

use std::{error::Error, pin::Pin};

use crate::{
    args::{Cli, Command},
    terminal,
};

pub(crate) const COMPLETE: u8 = 0;
pub(crate) const USAGE: u8 = 1;
pub(crate) const PARTIAL: u8 = 3;
pub(crate) const NOT_VISITED: u8 = 4;

/// Does what was asked, and answers the exit code.
pub(crate) fn run(cli: Cli) -> u8 {
    match cli.command {
        Command::Inventory(args) => inventory::main(*args),
        Command::Match(args) => matching::main(&args),
        Command::Version(args) => version::main(&args),
    }
}

/// Runs to the end what waits for hosts or servers.
fn in_runtime(work: Pin<Box<dyn Future<Output = u8>>>) -> u8 {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(work);
            // A question that nobody answered still waits on a thread of its own; it must not hold us.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            terminal::trouble(&format!("luumen cannot start: {error}"), "");
            USAGE
        }
    }
}

/// An error and its sources in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let said = source.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = source.source();
    }
    text
}
