//! The door of `bench/match/agree`: makes a catalogue of a few files, and measures the match alone.
//!
//! `agree catalogue OUT SOURCE FORMAT FILE [SOURCE FORMAT FILE …]` builds; `agree time CATALOGUE SNAPSHOT RUNS` opens the catalogue and matches the
//! snapshot that often in one process, and prints one line of JSON. What other tools say of the same data is not known here.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its output is what it is for"
)]

use std::{error::Error, fs, hint::black_box, path::Path, time::Instant};

use luumen_catalogue::{Builder, SourceMeta};
use luumen_feeds::{
    mapped,
    read::{Document, Format, Problem, Sink},
    unpack,
};
use luumen_model::{Kernel, Os, Packages, Snapshot, Timestamp, advisory::Record};
use luumen_vuln::{Matcher, Scope, match_packages, match_snapshot, platform_of};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["catalogue", out, feeds @ ..] if !feeds.is_empty() && feeds.len() % 3 == 0 => catalogue(out, feeds),
        ["time", catalogue, snapshot, runs] => time(catalogue, snapshot, runs.parse()?),
        _ => Err(
            "usage: agree catalogue OUT SOURCE FORMAT FILE …, or agree time CATALOGUE SNAPSHOT RUNS".into(),
        ),
    }
}

/// Hands records on to a catalogue in the making.
#[derive(Default)]
struct Building {
    builder: Builder,
    records: u64,
    problems: Vec<Problem>,
    fault: Option<std::io::Error>,
}

impl Sink for Building {
    fn record(&mut self, record: Record) {
        self.records += 1;
        if let Err(error) = self.builder.add(&record) {
            self.fault.get_or_insert(error);
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

fn catalogue(out: &str, feeds: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut building = Building::default();
    let mut sources: Vec<SourceMeta> = Vec::new();
    for feed in feeds.chunks_exact(3) {
        let (source, format, file) = (feed[0], Format::by_name(feed[1])?, feed[2]);
        let mut refused = None;
        unpack::documents(Path::new(file), |name, bytes| {
            let document = Document { source, name, bytes };
            refused = format.read(document, &mut building).err();
            refused.is_none()
        })?;
        if let Some(error) = refused {
            return Err(error.into());
        }
        if sources.iter().all(|known| known.id != source) {
            sources.push(SourceMeta {
                id: source.to_owned(),
                documents: 1,
                ..SourceMeta::default()
            });
        }
    }
    for problem in &building.problems {
        eprintln!("{}: {}", problem.entry, problem.what);
    }
    if let Some(fault) = building.fault {
        return Err(fault.into());
    }
    let (records, problems) = (building.records, building.problems.len());
    let mut bytes = Vec::new();
    building
        .builder
        .finish(Timestamp::from_seconds(0), sources, &mut bytes)?;
    fs::write(out, &bytes)?;
    println!(
        r#"{{"records":{records},"problems":{problems},"bytes":{}}}"#,
        bytes.len()
    );
    Ok(())
}

/// Milliseconds of opening, of judging the packages, and of the whole report in words: the least and the middle of all runs.
fn time(catalogue: &str, snapshot: &str, runs: usize) -> Result<(), Box<dyn Error>> {
    let snapshot: Snapshot = serde_json::from_str(&fs::read_to_string(snapshot)?)?;
    let packages = snapshot.get::<Packages>().unwrap_or_default().items;
    let platform = snapshot
        .get::<Os>()
        .as_ref()
        .and_then(platform_of)
        .ok_or("the system is not known")?;
    let kernel = snapshot.get::<Kernel>();
    let running = kernel.as_ref().map(|kernel| kernel.running.as_str());
    let (mut opening, mut matching, mut reporting) = (Vec::new(), Vec::new(), Vec::new());
    let mut hits = 0;
    for _ in 0..runs.max(1) {
        let started = Instant::now();
        let catalogue = mapped::open(Path::new(catalogue))?;
        opening.push(started.elapsed().as_secs_f64() * 1e3);
        let started = Instant::now();
        let mut matcher =
            Matcher::new(&catalogue, &platform).ok_or("the catalogue does not know the platform")?;
        hits = black_box(match_packages(&mut matcher, &packages, running)).len();
        matching.push(started.elapsed().as_secs_f64() * 1e3);
        let started = Instant::now();
        black_box(match_snapshot(
            &catalogue,
            &snapshot,
            Scope::Everything,
            Timestamp::from_seconds(0),
        ));
        reporting.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let line = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        format!("[{:.4},{:.4}]", times[0], times[times.len() / 2])
    };
    println!(
        r#"{{"packages":{},"hits":{hits},"open_ms":{},"match_ms":{},"report_ms":{}}}"#,
        packages.len(),
        line(&mut opening),
        line(&mut matching),
        line(&mut reporting)
    );
    Ok(())
}
