//! `luumen-agent`: visits hosts over SSH and reports to the API. Reads its settings, builds, runs.

mod args;
mod commands;
mod config;
mod credentials;
mod door;
mod errors;
mod exit;
mod guard;
mod kept;
mod logs;
mod machine;
mod mail;
mod output;
mod plan;
mod remote;
mod replace;
mod round;
mod runs;
mod schedule;
mod sealed;
mod service;
mod visit;
mod way;

use std::{process::ExitCode, sync::Arc};

use clap::Parser as _;
use tokio::signal;
use tokio_util::sync::CancellationToken;

use args::{Cli, Command, Run};
use config::Config;
use exit::Exit;
use runs::Context;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(message) => {
            // Help and version are no errors; everything else is a usage error, which is 1 here.
            let code = if message.use_stderr() {
                Exit::Config
            } else {
                Exit::Fine
            };
            let _ = message.print();
            return ExitCode::from(code as u8);
        }
    };
    ExitCode::from(dispatch(cli) as u8)
}

fn dispatch(cli: Cli) -> Exit {
    match cli.command {
        Some(Command::Commands(args)) => commands::catalogue::commands(&args),
        Some(Command::Sudoers { tier, user }) => commands::catalogue::sudoers(tier.into(), &user),
        Some(Command::Schema) => commands::catalogue::schema(),
        Some(Command::Version { json }) => commands::catalogue::version(json),
        command => {
            return match config::load(cli.config.as_deref(), &cli.settings) {
                Ok(config) => start(config, command),
                Err(faults) => match &command {
                    Some(Command::Check(args)) => commands::check::faulty(&faults, args.output),
                    _ => {
                        output::faults(&faults);
                        Exit::Config
                    }
                },
            };
        }
    }
    Exit::Fine
}

/// Everything that needs the configuration.
fn start(config: Config, command: Option<Command>) -> Exit {
    let serves = matches!(&command, Some(Command::Run(args)) if !args.once);
    let looks = matches!(&command, Some(Command::Check(_) | Command::Hostkeys { .. }));
    // A service tells its log; a person at a terminal gets results and only the bad news.
    let console = if serves {
        config.log.level.as_str()
    } else {
        "error"
    };
    if looks {
        logs::to_console(console);
    } else if let Err(error) = logs::start(&config.log, console) {
        output::trouble(
            &format!("The log cannot be written: {error}"),
            "Set log_dir to a folder that the agent may write to.",
        );
        return Exit::Config;
    }
    for warning in &config.warnings {
        tracing::warn!("{}", errors::tame(warning));
    }
    let client = match config.api.client() {
        Ok(client) => client,
        Err(error) => {
            output::trouble(&errors::chain(&error), "");
            return Exit::Config;
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(act(
            Context {
                config: Arc::new(config),
                client,
            },
            command,
        )),
        Err(error) => {
            output::trouble(&format!("The agent cannot start: {error}"), "");
            Exit::TryLater
        }
    }
}

async fn act(context: Context, command: Option<Command>) -> Exit {
    let cancel = CancellationToken::new();
    tokio::spawn(watch_signals(cancel.clone()));
    match command {
        Some(Command::Check(args)) => Box::pin(commands::check::check(context, args, cancel)).await,
        Some(Command::Hostkeys { command }) => {
            Box::pin(commands::hostkeys::hostkeys(&context, command)).await
        }
        Some(Command::Run(args)) => Box::pin(commands::run::run(context, args, cancel)).await,
        _ => {
            Box::pin(commands::run::run(
                context,
                Run {
                    once: true,
                    ..Run::default()
                },
                cancel,
            ))
            .await
        }
    }
}

/// The first signal asks for a graceful end, the second one does not ask.
async fn watch_signals(cancel: CancellationToken) {
    next_signal().await;
    tracing::info!("A signal came; what was collected is handed over, then the agent ends");
    cancel.cancel();
    next_signal().await;
    std::process::exit(130);
}

#[cfg(unix)]
async fn next_signal() {
    use signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(not(unix))]
async fn next_signal() {
    if signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
