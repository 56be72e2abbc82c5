//! The command line: reads all settings, then does one thing.

mod admin;
mod keys;
mod print;

use std::{io::IsTerminal as _, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use luumen_store::{OpenOptions, Store, workspaces};

use crate::{
    config::{Config, Flags, LogFormat},
    serve,
};
pub use print::say as print_line;
use print::{fail, say};

/// The server of Luumen Enterprise.
#[derive(Debug, Parser)]
#[command(name = "luumen-server", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Settings file (YAML); luumen-server.yaml in this folder unless told
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer until told to stop
    Serve {
        /// Address and port, such as 127.0.0.1:8420
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<String>,
    },
    /// Make admins, and sign them in
    #[command(subcommand)]
    Admin(admin::Command),
    /// Make API keys
    #[command(subcommand)]
    ApiKey(keys::Command),
    /// Bulk work on hosts
    #[command(subcommand)]
    Hosts(HostsCommand),
    /// Look at workspaces
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
    /// Print the OpenAPI document
    Openapi,
    /// Print the version
    Version {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum HostsCommand {
    /// Import hosts from CSV and say what became of each row
    Import {
        #[arg(long, value_name = "NAME")]
        workspace: String,
        /// Change hosts that are there already
        #[arg(long)]
        update: bool,
        /// Say what would happen and change nothing
        #[arg(long)]
        dry_run: bool,
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum WorkspaceCommand {
    /// Print every workspace
    List,
}

/// Runs the command line. 0 when it worked, 1 when not, 2 when it was not understood.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            fail(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    match &arguments.command {
        Command::Openapi => return print_document(),
        Command::Version { json } => return print_version(*json),
        _ => {}
    }
    let listen = match &arguments.command {
        Command::Serve { listen } => listen.as_deref(),
        _ => None,
    };
    let file = arguments.config.clone().or_else(Config::usual_file);
    let config = Config::read(file.as_deref(), &arguments.flags, listen)?;
    log_to_stderr(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.block_on(async {
        let store = open(&config).await?;
        let done = obey(&arguments.command, &store, &config).await;
        store.close().await.context("cannot close the database")?;
        done
    })
}

async fn obey(command: &Command, store: &Store, config: &Config) -> Result<()> {
    match command {
        Command::Serve { .. } => serve::serve(store.clone(), config).await,
        Command::Admin(command) => admin::run(command, store, &config.public_url).await,
        Command::ApiKey(command) => keys::run(command, store).await,
        Command::Hosts(HostsCommand::Import {
            workspace,
            update,
            dry_run,
            file,
        }) => {
            let how = crate::import::How {
                dry_run: *dry_run,
                update: *update,
            };
            keys::import(store, workspace, file, how).await
        }
        Command::Workspace(WorkspaceCommand::List) => {
            for workspace in workspaces::list(store.read()).await? {
                say(&format!("{}  {}", workspace.id, workspace.name));
            }
            Ok(())
        }
        Command::Openapi | Command::Version { .. } => Ok(()),
    }
}

async fn open(config: &Config) -> Result<Store> {
    // The address may hold a password, so the error names only its kind.
    let kind = config.database.split(':').next().unwrap_or_default();
    let store = Store::open(&config.database, &OpenOptions::default()).await;
    let store = store.with_context(|| format!("cannot open the {kind} database"))?;
    store
        .migrate()
        .await
        .with_context(|| format!("cannot migrate the {kind} database"))?;
    Ok(store)
}

fn log_to_stderr(config: &Config) -> Result<()> {
    let filter: tracing_subscriber::EnvFilter = config.log.parse().context("cannot read the log filter")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start in one process (tests) keeps the first log.
    let _ = match config.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    Ok(())
}

fn print_document() -> Result<()> {
    say(&serde_json::to_string_pretty(&crate::openapi::document()).context("cannot write the document")?);
    Ok(())
}

fn print_version(json: bool) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    if json {
        let document = serde_json::json!({"name": "luumen-server", "version": version, "api": "v1"});
        say(&document.to_string());
    } else {
        say(&format!("luumen-server {version}"));
    }
    Ok(())
}
