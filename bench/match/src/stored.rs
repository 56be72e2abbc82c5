//! The same through the store on SQLite: a first assessment of the whole fleet, and one new advisory for nearly all of it.
#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use std::time::Instant;

use anyhow::Result;
use luumen_model::Timestamp;
use luumen_server::vulnerabilities::{OpenCatalogue, assess};
use luumen_store::{OpenOptions, Store, workspaces};

use crate::{fill::fill, fleet::Fleet, peak_rss_mb};

pub(crate) async fn through_the_store(fleet: &Fleet) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("fleet.db");
    let store = Store::open(&format!("sqlite://{}", file.display()), &OpenOptions::default()).await?;
    store.migrate().await?;
    let now = Timestamp::from_seconds(1_795_305_600);
    let workspace = workspaces::create(store.writer(), "Fleet", now).await?;
    let began = Instant::now();
    fill(&store, workspace.id, fleet, now).await?;
    println!("store: filled in {:.1} s", began.elapsed().as_secs_f64());

    let first = OpenCatalogue::from_bytes(fleet.bytes.clone())?;
    let began = Instant::now();
    let done = assess(&store, workspace.id, &first, now).await?;
    let whole = began.elapsed().as_secs_f64();
    println!(
        "store: first assessment of {} hosts: {} findings in {whole:.2} s (limit 10), peak {} MB (limit 2048)",
        done.hosts,
        done.findings,
        peak_rss_mb()
    );
    let began = Instant::now();
    assess(&store, workspace.id, &first, now).await?;
    println!(
        "store: looking again, nothing changed: {:.3} s",
        began.elapsed().as_secs_f64()
    );

    let second = OpenCatalogue::from_bytes(fleet.with_one_more()?)?;
    let began = Instant::now();
    let done = assess(&store, workspace.id, &second, now.plus_millis(1)).await?;
    let one = began.elapsed().as_secs_f64();
    println!(
        "store: one new advisory: {} findings on the hosts that have the package in {one:.2} s (limit 1), {:.1} times faster than anew; file {} MB",
        done.findings,
        whole / one,
        std::fs::metadata(&file)?.len() / 1_000_000
    );
    Ok(())
}
