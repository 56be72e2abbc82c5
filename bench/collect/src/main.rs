//! Our side of `bench/collect`: visits every host of an inventory once, as the agent does (connect,
//! collect, parse into a Snapshot, keep for the next visit), and prints one JSON line. `run.py` starts it beside its peers.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark talks to its driver"
)]

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use luumen_collect::{CollectOptions, Kept, plan, plan_again, run_again};
use luumen_crypto::Secret;
use luumen_model::{SectionKind, Snapshot, Timestamp};
use luumen_transport::{AuthMethod, ConnectOptions, ExecRequest, KnownHosts, Session, SshTarget, connect};
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;

const USAGE: &str =
    "usage: luumen-bench-collect --print-script | INVENTORY KEY CONCURRENCY (FOLDER | --empty)
FOLDER holds what earlier visits kept; where it is empty, everything is read, and kept there for the next.";

/// Asks a host for nothing: what is left is the price of a connection and a shell.
const EMPTY_SCRIPT: &str = "exit 0\n";

/// One host's share of the result.
#[derive(Default)]
struct Visit {
    sections: usize,
    unchanged: usize,
    bytes: usize,
    /// The host's name with the hashes of what may be kept: equal facts, equal line.
    facts: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match &words[..] {
        [flag] if flag == "--print-script" => {
            print!("{}", plan(&collect_options()).script());
            Ok(())
        }
        [inventory, key, concurrency, flag] if flag == "--empty" => {
            fleet(Path::new(inventory), key, concurrency.parse()?, None).await
        }
        [inventory, key, concurrency, folder] => {
            fleet(
                Path::new(inventory),
                key,
                concurrency.parse()?,
                Some(Path::new(folder)),
            )
            .await
        }
        _ => anyhow::bail!(USAGE),
    }
}

fn collect_options() -> CollectOptions {
    CollectOptions::new("luumen-bench", env!("CARGO_PKG_VERSION"))
}

/// Visits all hosts; without a folder for what is kept each is only asked to run an empty script.
async fn fleet(inventory: &Path, key: &str, concurrency: usize, folder: Option<&Path>) -> Result<()> {
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
        let mut parts = line.split_whitespace();
        let name = parts.next().context("name")?;
        let (address, port) = (parts.next().context("address")?, parts.next().context("port")?);
        let target = SshTarget::new(address, port.parse()?, "scan").with_auth(key.clone());
        let file = folder.map(|folder| folder.join(name));
        visits.spawn(visit(target, options.clone(), gate.clone(), file));
    }
    let hosts = visits.len();
    let mut done = Vec::new();
    while let Some(visit) = visits.join_next().await {
        match visit? {
            Ok(visit) => done.push(visit),
            Err(error) => eprintln!("{error:#}"),
        }
    }
    let mut facts: Vec<&str> = done.iter().map(|visit| visit.facts.as_str()).collect();
    facts.sort_unstable();
    let mut hasher = DefaultHasher::new();
    facts.hash(&mut hasher);
    let sum = |of: fn(&Visit) -> usize| done.iter().map(of).sum::<usize>();
    let wall_s = began.elapsed().as_secs_f64();
    println!(
        "{}",
        serde_json::json!({
            "hosts": hosts,
            "ok": done.len(),
            "sections": sum(|visit| visit.sections),
            "unchanged": sum(|visit| visit.unchanged),
            "bytes": sum(|visit| visit.bytes),
            "facts": hasher.finish().to_string(),
            "wall_s": wall_s,
        })
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
    file: Option<PathBuf>,
) -> Result<Visit> {
    let _permit = gate.acquire_owned().await?;
    let mut session = connect(&target, &options).await?;
    let Some(file) = file else {
        session.exec(nothing()).await?;
        session.close().await;
        return Ok(Visit::default());
    };
    let plan = plan_again(&collect_options(), take(&file), now()?);
    let seen = run_again(&mut session, &plan, &CancellationToken::new()).await?;
    session.close().await;
    if let Some(kept) = &seen.kept {
        fs::write(&file, zstd::encode_all(&*serde_json::to_vec(kept)?, 1)?)?;
    }
    Ok(Visit {
        sections: seen.snapshot.sections.len(),
        unchanged: seen.unchanged.len(),
        bytes: serde_json::to_vec(&seen.snapshot)?.len(),
        facts: facts(&file, &seen.snapshot),
    })
}

fn facts(file: &Path, snapshot: &Snapshot) -> String {
    let hash = |kind| {
        snapshot
            .sections
            .get(&kind)
            .and_then(|record| record.hash.as_ref())
    };
    let kinds = [
        SectionKind::Packages,
        SectionKind::PendingUpdates,
        SectionKind::Kernel,
    ];
    format!("{:?} {:?}", file.file_name(), kinds.map(hash))
}

/// What an earlier visit kept, packed as the agent packs it.
fn take(file: &Path) -> Option<Arc<Kept>> {
    let json = zstd::decode_all(fs::File::open(file).ok()?).ok()?;
    Some(Arc::new(serde_json::from_slice(&json).ok()?))
}

fn now() -> Result<Timestamp> {
    let since_1970 = UNIX_EPOCH.elapsed()?;
    Ok(Timestamp::from_millis(i64::try_from(since_1970.as_millis())?))
}
