//! How many hosts a second, and what one costs: connects to throw-away `sshd` instances many times over.
//!
//! `cargo run --release -p luumen-transport --example handshakes -- 400 40` makes 400 visits, 40 at a time.
//! Of use when algorithms, buffers or russh change; the benchmark against others lives in `bench/`.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::{sync::Arc, time::Instant};

use anyhow::Context as _;
use luumen_crypto::Secret;
use luumen_testkit::sshd::{KeyFile, Sshd, username};
use luumen_transport::{
    AuthMethod, ConnectOptions, ExecRequest, HostKeyPolicy, KnownHosts, Session as _, SshTarget, connect,
};
use tokio::sync::Semaphore;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let visits: usize = arguments.next().map_or(Ok(200), |word| word.parse())?;
    let at_once: usize = arguments.next().map_or(Ok(40), |word| word.parse())?;
    let key = KeyFile::generate("ed25519")?;
    let Some(server) = Sshd::builder().authorize(&key).start()? else {
        return Ok(());
    };
    let mut target = SshTarget::new("127.0.0.1", server.port(), username()?);
    target.auth.push(AuthMethod::Key {
        private_key: Secret::new(key.private.clone()),
        passphrase: None,
        certificate: None,
        origin: "example".to_owned(),
    });
    let options = ConnectOptions::new(Arc::new(KnownHosts::empty())).with_policy(HostKeyPolicy::Tofu);

    let (started, cpu_before) = (Instant::now(), cpu_seconds()?);
    let gate = Arc::new(Semaphore::new(at_once));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..visits {
        let (gate, target, options) = (gate.clone(), target.clone(), options.clone());
        tasks.spawn(async move {
            let _turn = gate.acquire_owned().await?;
            let mut session = connect(&target, &options).await?;
            let output = session.exec(script()).await?;
            anyhow::ensure!(output.stdout == b"hello\n", "{output:?}");
            session.close().await;
            Ok(())
        });
    }
    while let Some(visit) = tasks.join_next().await {
        visit??;
    }
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), cpu_seconds()? - cpu_before);
    #[allow(clippy::cast_precision_loss, reason = "a count of visits is small")]
    let count = visits as f64;
    println!(
        "{:.0} visits/s, {:.2} ms of our CPU a visit",
        count / seconds,
        cpu * 1000.0 / count
    );
    Ok(())
}

fn script() -> ExecRequest {
    ExecRequest {
        command: "/bin/sh -s".to_owned(),
        stdin: b"echo hello\n".to_vec(),
        timeout: std::time::Duration::from_secs(30),
        max_output_bytes: 1024,
        cancel: tokio_util::sync::CancellationToken::new(),
    }
}

/// User and system time of this process, without its children.
fn cpu_seconds() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").context("this example measures on Linux only")?;
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks: u32 = fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
    // Linux has counted in hundredths of a second for programs since it exists.
    Ok(f64::from(ticks) / 100.0)
}
