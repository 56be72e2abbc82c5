//! Reads whole files of one format and says what came of it: `read FORMAT FILE…` prints records by kind, problems, time and the most memory used.
//!
//! For measuring and for looking at a new publisher's data. With `--problems` the first hundred problems are printed too. Nothing is kept.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its output is what it is for"
)]

use std::{collections::BTreeMap, path::Path, time::Instant};

use luumen_feeds::{
    read::{Document, Format, Problem, Sink},
    unpack,
};
use luumen_model::advisory::Record;

/// Counts, and forgets.
#[derive(Default)]
struct Counts {
    records: BTreeMap<&'static str, u64>,
    problems: Vec<Problem>,
    problem_count: u64,
}

impl Sink for Counts {
    fn record(&mut self, record: Record) {
        let kind = match record {
            Record::Vulnerability(_) => "vulnerabilities",
            Record::Claim(_) => "claims",
            Record::Configuration(_) => "configurations",
            Record::Kev(_) => "known exploited",
            Record::Epss(_) => "EPSS",
            Record::Lifecycle(_) => "lifecycles",
            Record::Supersedence(_) => "supersedences",
        };
        *self.records.entry(kind).or_default() += 1;
    }

    fn problem(&mut self, problem: Problem) {
        self.problem_count += 1;
        if self.problems.len() < 100 {
            self.problems.push(problem);
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let show = args
        .iter()
        .position(|arg| arg == "--problems")
        .map(|at| args.remove(at));
    let [name, files @ ..] = args.as_slice() else {
        return Err("usage: read [--problems] FORMAT FILE…".into());
    };
    let format = Format::by_name(name)?;
    let started = Instant::now();
    let mut counts = Counts::default();
    let (mut documents, mut refused, mut bytes) = (0_u64, 0_u64, 0_usize);
    for file in files {
        unpack::documents(Path::new(file), |name, content| {
            documents += 1;
            bytes += content.len();
            let source = "example";
            let document = Document {
                source,
                name,
                bytes: content,
            };
            if let Err(error) = format.read(document, &mut counts) {
                refused += 1;
                eprintln!("{name}: {error}: {:?}", std::error::Error::source(&error));
            }
            true
        })?;
    }
    let seconds = started.elapsed().as_secs_f64();
    for problem in counts.problems.iter().filter(|_| show.is_some()) {
        println!("{}: {}", problem.entry, problem.what);
    }
    println!(
        "{documents} documents of {:.1} MB, {refused} refused",
        bytes as f64 / 1e6
    );
    for (kind, count) in &counts.records {
        println!("{count} {kind}");
    }
    println!("{} problems", counts.problem_count);
    println!("{seconds:.2} s, {} at most", peak_memory());
    Ok(())
}

/// What the kernel says was the most memory in use.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown memory".to_owned(), |size| size.trim().to_owned())
}
