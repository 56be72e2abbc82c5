//! Matching alone: no database.
#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use std::{path::Path, time::Instant};

use anyhow::{Context as _, Result};
use luumen_assess::{Fleet as Judged, Part, cells};
use luumen_catalogue::Catalogue;
use luumen_model::{Package, advisory::Platform};
use luumen_vuln::{Matcher, match_packages};

use crate::{
    fleet::{Fleet, RELEASES},
    peak_rss_mb,
};

const PACKAGES: usize = 2000;
const ROUNDS: usize = 50;
const THREADS: u32 = 2;

/// One host of 2,000 packages on one core, each time as if nothing had been matched before.
pub(crate) fn one_host(fleet: &Fleet, file: Option<&Path>) -> Result<()> {
    let bytes = match file {
        Some(path) => std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?,
        None => fleet.bytes.clone(),
    };
    let began = Instant::now();
    let catalogue = Catalogue::open(bytes)?;
    let opening = began.elapsed();
    let mut packages: Vec<Package> = Vec::with_capacity(PACKAGES);
    let of_release = fleet.packages.len() / RELEASES.len();
    // Every source of the third release in its sixth version, until there are enough.
    for chunk in fleet.packages[2 * of_release..3 * of_release].chunks(24) {
        packages.extend(chunk[10..12].iter().take(PACKAGES - packages.len()).cloned());
    }
    let platform = Platform::new("debian", RELEASES[2]);
    let mut times = Vec::with_capacity(ROUNDS);
    let mut open = 0;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let matcher = Matcher::new(&catalogue, &platform).context("the catalogue has no such platform")?;
        open = match_packages(&mut matcher.only_open(), &packages, None).len();
        times.push(began.elapsed());
    }
    times.sort_unstable();
    println!(
        "one host: {} packages, {open} open findings: median {:.2} ms (limit 5), worst {:.2} ms; opening {:.2} ms (limit 50)",
        packages.len(),
        times[ROUNDS / 2].as_secs_f64() * 1e3,
        times[ROUNDS - 1].as_secs_f64() * 1e3,
        opening.as_secs_f64() * 1e3
    );
    Ok(())
}

/// All hosts, each different list once, on two threads.
pub(crate) fn whole_fleet(fleet: &Fleet) -> Result<()> {
    let catalogue = Catalogue::open(fleet.bytes.clone())?;
    let began = Instant::now();
    let mut judged = Judged::default();
    let platforms: Vec<u32> = RELEASES
        .iter()
        .map(|release| judged.platform(&Platform::new("debian", *release)))
        .collect();
    for package in &fleet.packages {
        judged.add(package.clone());
    }
    judged.prepare();
    let parts: Vec<Part<'_>> = (0..)
        .zip(&fleet.sets)
        .map(|(class, (release, packages))| Part {
            class,
            platform: platforms[*release],
            packages,
            running: None,
        })
        .collect();
    let prepared = began.elapsed();
    let counts: Vec<(usize, usize)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|shard| {
                let (judged, catalogue, parts) = (&judged, &catalogue, &parts);
                scope.spawn(move || {
                    let mut found = cells(judged, catalogue, parts, |source| source % THREADS == shard);
                    found.retain(luumen_assess::Cell::is_open);
                    let on_lists = found.iter().map(|cell| cell.hits.len() * cell.classes.len());
                    (found.len(), on_lists.sum())
                })
            })
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .collect()
    });
    let took = began.elapsed();
    let cells: usize = counts.iter().map(|(cells, _)| cells).sum();
    let hits: usize = counts.iter().map(|(_, hits)| hits).sum();
    println!(
        "engine: {} hosts, {} lists: {:.2} s on 2 threads (limit 10; {:.2} s of it preparing), {cells} different sources with something open, {hits} findings on lists, {:.0} hosts/s, peak {} MB (limit 2048)",
        fleet.hosts.len(),
        fleet.sets.len(),
        took.as_secs_f64(),
        prepared.as_secs_f64(),
        fleet.hosts.len() as f64 / took.as_secs_f64(),
        peak_rss_mb()
    );
    Ok(())
}
