//! The desktop's window: a thin door between the screens and the workbench.
//!
//! It opens the [`Workbench`](luumen_workbench::Workbench), shows the screens that it carries and hands calls, events and
//! bytes through. What a call does is the workbench's business; how it looks is `ui/desktop`'s.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "before there is a window, what a person must know is printed"
)]

mod args;
mod bytes;
mod places;

mod single;

mod crash;

mod app;

mod doors;

mod dialogs;

mod editor;

mod question;

mod consent;

mod leave;

mod life;

mod size;

mod notify;

mod update;

use std::{process::ExitCode, thread, time::Duration};

use clap::Parser as _;
use single::{Claim, First, Message};

use crate::{args::Args, places::Places};

const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(300);

fn main() -> ExitCode {
    let args = Args::parse();
    match start(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The first start opens the window; a later one hands its link to the first and ends.
fn start(args: Args) -> anyhow::Result<()> {
    if let Some([manifest, package]) = args.verify_update.as_deref() {
        let version = update::verify_files(manifest, package, env!("CARGO_PKG_VERSION"))?;
        println!("{} is Luumen {version}, signed by its key", package.display());
        return Ok(());
    }
    let places = Places::find(args.data_dir)?;
    crash::prepare(&places);
    tell_in_words();
    match first_or_told(
        &places,
        &Message {
            link: args.link.clone(),
        },
    )? {
        Some(first) => app::run(places, first, args.link, args.secrets.into()),
        None => {
            println!("Luumen is already open; its window comes to the front.");
            Ok(())
        }
    }
}

/// A window that is just being closed answers no more, and a moment later its place is free.
fn first_or_told(places: &Places, message: &Message) -> anyhow::Result<Option<First>> {
    let mut tries = 0;
    loop {
        let another = match single::claim(&places.data)? {
            Claim::First(first) => return Ok(Some(first)),
            Claim::Another(another) => another,
        };
        match another.tell(message) {
            Ok(()) => return Ok(None),
            Err(error) if tries == TRIES => return Err(error.into()),
            Err(_) => tries += 1,
        }
        thread::sleep(BETWEEN_TRIES);
    }
}

/// What happens goes to standard error: `LUUMEN_LOG=debug` says more.
fn tell_in_words() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("LUUMEN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
