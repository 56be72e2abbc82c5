//! Our side of `bench/collect`: visits every host of an inventory once, as the agent does (connect,
//! collect, parse into a Snapshot), and prints one JSON line. `run.py` starts it beside its peers.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark talks to its driver"
)]

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use luumen_collect::{CollectOptions, Plan, plan, run};
use luumen_crypto::Secret;
use luumen_transport::{AuthMethod, ConnectOptions, ExecRequest, KnownHosts, Session, SshTarget, connect};
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;

const USAGE: &str = "usage: luumen-bench-collect --print-script | INVENTORY KEY CONCURRENCY [--empty]";

/// Asks a host for nothing: what is left is the price of a connection and a shell.
const EMPTY_SCRIPT: &str = "exit 0\n";

/// One host's share of the result.
#[derive(Default)]
struct Visit {
    sections: usize,
    bytes: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let plan = Arc::new(plan(&CollectOptions::new(
        "luumen-bench",
        env!("CARGO_PKG_VERSION"),
    )));
    match &words[..] {
        [flag] if flag == "--print-script" => {
            print!("{}", plan.script());
            Ok(())
        }
        [inventory, key, concurrency] => {
            fleet(Path::new(inventory), key, concurrency.parse()?, Some(plan)).await
        }
        [inventory, key, concurrency, flag] if flag == "--empty" => {
            fleet(Path::new(inventory), key, concurrency.parse()?, None).await
        }
        _ => anyhow::bail!(USAGE),
    }
}

/// Visits all hosts; without a plan each is only asked to run an empty script.
async fn fleet(inventory: &Path, key: &str, concurrency: usize, plan: Option<Arc<Plan>>) -> Result<()> {
    let text = fs::read_to_string(inventory).context("reading the inventory")?;
    let known_hosts = KnownHosts::load(&[inventory.with_file_name("known_hosts")])?;
    let options = ConnectOptions::new(Arc::new(known_hosts));
    let key = AuthMethod::Key {
        private_key: Secret::new(fs::read_to_string(key)?),
        passphrase: None,
        certificate: None,
        origin: key.to_owned(),
    };
    let gate = Arc::new(Semaphore::new(concurrency));
    let began = Instant::now();
    let mut visits = JoinSet::new();
    for line in text.lines() {
        let mut parts = line.split_whitespace().skip(1);
        let (address, port) = (parts.next().context("address")?, parts.next().context("port")?);
        let target = SshTarget::new(address, port.parse()?, "scan").with_auth(key.clone());
        visits.spawn(visit(target, options.clone(), gate.clone(), plan.clone()));
    }
    let hosts = visits.len();
    let mut done = Vec::new();
    while let Some(visit) = visits.join_next().await {
        match visit? {
            Ok(visit) => done.push(visit),
            Err(error) => eprintln!("{error:#}"),
        }
    }
    let (sections, bytes) = done
        .iter()
        .fold((0, 0), |sum, visit| (sum.0 + visit.sections, sum.1 + visit.bytes));
    let wall_s = began.elapsed().as_secs_f64();
    println!(
        "{}",
        serde_json::json!({"hosts": hosts, "ok": done.len(), "sections": sections, "bytes": bytes, "wall_s": wall_s})
    );
    Ok(())
}

/// A request for nothing, over the same one channel as a visit.
fn nothing() -> ExecRequest {
    ExecRequest {
        command: "/bin/sh -s".to_owned(),
        stdin: EMPTY_SCRIPT.into(),
        timeout: Duration::from_secs(60),
        max_output_bytes: 1 << 20,
        cancel: CancellationToken::new(),
    }
}

async fn visit(
    target: SshTarget,
    options: ConnectOptions,
    gate: Arc<Semaphore>,
    plan: Option<Arc<Plan>>,
) -> Result<Visit> {
    let _permit = gate.acquire_owned().await?;
    let mut session = connect(&target, &options).await?;
    let Some(plan) = plan else {
        session.exec(nothing()).await?;
        session.close().await;
        return Ok(Visit::default());
    };
    let snapshot = run(&mut session, &plan, &CancellationToken::new()).await?;
    session.close().await;
    Ok(Visit {
        sections: snapshot.sections.len(),
        bytes: serde_json::to_vec(&snapshot)?.len(),
    })
}
