//! The workbench behind a loopback server, so that tests show the desktop's screens in a browser.
//!
//! It is the desktop's other door: the same calls, events and bytes, over HTTP and WebSockets. It is part of no package,
//! listens on 127.0.0.1 only, and every request but those for the screens themselves carries a token.
#![allow(
    clippy::print_stdout,
    reason = "the first line of standard output tells the test where to go"
)]

mod door;

mod screens;

mod hosts;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Parser;
use luumen_workbench::{Options, SecretPlace, Workbench};
use rand::{TryRng as _, rngs::SysRng};
use serde::Serialize;
use tempfile::TempDir;

use crate::{door::Door, hosts::ThrowAway, screens::Screens};

/// Serves the desktop's screens and the workbench behind them, for tests.
#[derive(Debug, Parser)]
#[command(name = "luumen-workbench-server", version)]
struct Args {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The built screens; without them only calls are answered
    #[arg(long, value_name = "FOLDER")]
    screens: Option<PathBuf>,
    /// Where the workbench keeps everything, instead of a folder that is thrown away
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// The person's home, with its .ssh, instead of one that is thrown away
    #[arg(long, value_name = "FOLDER")]
    home: Option<PathBuf>,
    /// The person's account
    #[arg(long, default_value = "tester")]
    user: String,
    /// The token, instead of a new one: for the development server of the screens
    #[arg(long, env = "LUUMEN_LOOPBACK_TOKEN")]
    token: Option<String>,
    /// How many throw-away sshd hosts to start
    #[arg(long, default_value_t = 0)]
    hosts: usize,
}

/// What the first line of standard output says, as JSON.
#[derive(Debug, Serialize)]
struct Ready<'a> {
    url: String,
    token: &'a str,
    data_dir: &'a PathBuf,
    home: &'a PathBuf,
    hosts: &'a [hosts::Reachable],
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("LUUMEN_LOG").unwrap_or_else(|_| "info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let args = Args::parse();
    let thrown_away = tempfile::Builder::new().prefix("luumen-workbench-").tempdir()?;
    serve(args, &thrown_away).await
}

async fn serve(args: Args, thrown_away: &TempDir) -> anyhow::Result<()> {
    let data_dir = args.data_dir.unwrap_or_else(|| thrown_away.path().join("data"));
    let home = args.home.unwrap_or_else(|| thrown_away.path().join("home"));
    std::fs::create_dir_all(home.join(".ssh"))?;
    let hosts = ThrowAway::start(args.hosts, thrown_away.path())?;
    let mut options = Options::new(env!("CARGO_PKG_VERSION"), &args.user, &home);
    // Never the keychain of whoever runs the tests.
    options.secrets = SecretPlace::VaultFile;
    let workbench = Workbench::open(&data_dir, options)
        .await
        .context("the workbench could not be opened")?;
    let token = match args.token {
        Some(token) => token,
        None => new_token()?,
    };
    let screens = args.screens.map(Screens::in_folder).transpose()?;
    let routes = Door::new(workbench, token.clone()).routes(screens);
    let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, args.port))).await?;
    let ready = Ready {
        url: format!("http://{}/#token={token}", listener.local_addr()?),
        token: &token,
        data_dir: &data_dir,
        home: &home,
        hosts: hosts.reachable(),
    };
    println!("{}", serde_json::to_string(&ready)?);
    axum::serve(listener, routes)
        .with_graceful_shutdown(told_to_end())
        .await
        .context("the server stopped")
}

/// 256 random bits in hexadecimal.
fn new_token() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    SysRng
        .try_fill_bytes(&mut bytes)
        .context("the system gave no random bytes")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// WebSockets never end by themselves, so a signal ends them too: nothing is waited for.
async fn told_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    if interrupted.await.is_err() {
        std::future::pending::<()>().await;
    }
}
