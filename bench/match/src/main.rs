//! How long matching takes: one host, a fleet in memory, the fleet through the store, and one new advisory.
//!
//! Everything is made up from a seed, so that two runs do the same work; `--catalogue` uses a real file for the one host. It prints
//! figures and ratios and asserts nothing: what is fast enough is for whoever reads it.

mod engine;
mod fill;
mod fleet;
mod stored;

use std::{path::PathBuf, time::Instant};

use anyhow::Result;
use clap::Parser;

use crate::fleet::Fleet;

/// What is measured.
#[derive(Debug, Parser)]
struct Arguments {
    /// Hosts of the fleet.
    #[arg(long, default_value_t = 100_000)]
    hosts: usize,
    /// Different package lists among them.
    #[arg(long, default_value_t = 30_000)]
    sets: usize,
    /// Packages of a host.
    #[arg(long, default_value_t = 700)]
    packages: usize,
    /// Source packages of a platform.
    #[arg(long, default_value_t = 3000)]
    sources: usize,
    /// Claims about a source package, most of which are fixed in what is installed.
    #[arg(long, default_value_t = 12)]
    claims: usize,
    /// Only this part: host, engine, store.
    #[arg(long)]
    only: Option<String>,
    /// A catalogue's file for the one host, instead of the made-up one.
    #[arg(long)]
    catalogue: Option<PathBuf>,
}

#[allow(clippy::print_stdout, reason = "a benchmark prints")]
fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let wants = |part: &str| arguments.only.as_deref().is_none_or(|only| only == part);
    let began = Instant::now();
    let fleet = Fleet::make(
        arguments.hosts,
        arguments.sets,
        arguments.packages,
        arguments.sources,
        arguments.claims,
    )?;
    println!(
        "made up: {} hosts, {} package lists of {} packages, {} versions, {} claims, catalogue {} MB ({:.1} s)",
        fleet.hosts.len(),
        fleet.sets.len(),
        arguments.packages,
        fleet.packages.len(),
        fleet.claims,
        fleet.bytes.len() / 1_000_000,
        began.elapsed().as_secs_f64()
    );
    if wants("host") {
        engine::one_host(&fleet, arguments.catalogue.as_deref())?;
    }
    if wants("engine") {
        engine::whole_fleet(&fleet)?;
    }
    if wants("store") {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(stored::through_the_store(&fleet))?;
    }
    Ok(())
}

/// Most memory that this process had at once, in MB, as the kernel counts it; 0 where it does not say.
fn peak_rss_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kb.unwrap_or_default() / 1024
}
