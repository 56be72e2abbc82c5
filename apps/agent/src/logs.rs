//! Logs: to standard error and to one file a day, of which the old ones are removed.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use luumen_model::Timestamp;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    EnvFilter, Layer as _, Registry, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{config::Log, machine};

const DAY_MS: i64 = 86_400_000;

/// Starts logging to the console alone, for commands that have no configuration.
pub(crate) fn to_console(level: &str) {
    // A second start, as in tests, keeps the first.
    let _ = tracing_subscriber::registry().with(console(level)).try_init();
}

/// Starts logging to console and files. `console_level` may be quieter than the files.
pub(crate) fn start(log: &Log, console_level: &str) -> io::Result<()> {
    let files = DailyFile::open(&log.dir, &log.service_name, log.retention_days, machine::now)?;
    let file = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(files)
        .with_filter(filter(&log.level));
    let _ = tracing_subscriber::registry()
        .with(console(console_level))
        .with(file)
        .try_init();
    Ok(())
}

fn console(level: &str) -> impl tracing_subscriber::Layer<Registry> + use<> {
    let terminal = io::IsTerminal::is_terminal(&io::stderr());
    tracing_subscriber::fmt::layer()
        .with_ansi(terminal)
        .with_writer(io::stderr)
        .with_filter(filter(level))
}

/// Our own crates at `level`, libraries at most at `warn`: what they say in detail is not ours to vouch for.
fn filter(level: &str) -> EnvFilter {
    let libraries = if level == "error" { "error" } else { "warn" };
    let ours = ["agent", "client", "collect", "transport", "api", "model"];
    let directives = ours.map(|name| format!("luumen_{name}={level}")).join(",");
    EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .parse_lossy(format!("{libraries},{directives}"))
}

/// A file that changes its name with the day (UTC).
#[derive(Clone)]
struct DailyFile(Arc<Mutex<Today>>);

struct Today {
    dir: PathBuf,
    name: String,
    retention_days: i64,
    now: fn() -> Timestamp,
    day: i64,
    file: File,
}

impl DailyFile {
    fn open(dir: &Path, name: &str, retention_days: i64, now: fn() -> Timestamp) -> io::Result<Self> {
        let context = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", dir.display()));
        fs::create_dir_all(dir).map_err(context)?;
        let day = now().as_millis().div_euclid(DAY_MS);
        let file = open_day(dir, name, day).map_err(context)?;
        let today = Today {
            dir: dir.to_owned(),
            name: name.to_owned(),
            retention_days,
            now,
            day,
            file,
        };
        today.sweep();
        Ok(Self(Arc::new(Mutex::new(today))))
    }
}

impl Today {
    fn turn_page(&mut self) {
        let day = (self.now)().as_millis().div_euclid(DAY_MS);
        // Should the new file not open, the old one goes on: a log with the wrong name beats none.
        if day != self.day
            && let Ok(file) = open_day(&self.dir, &self.name, day)
        {
            (self.file, self.day) = (file, day);
            self.sweep();
        }
    }

    /// Removes files of ours that are too old; anything else in the folder is none of our business.
    fn sweep(&self) {
        let oldest = date(self.day - self.retention_days);
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let day = name.to_str().and_then(|name| {
                let day = name
                    .strip_prefix(&self.name)?
                    .strip_prefix('.')?
                    .strip_suffix(".log")?;
                (day.len() == oldest.len() && day.starts_with("20")).then_some(day)
            });
            if day.is_some_and(|day| day < oldest.as_str()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl Write for &DailyFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut today = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        today.turn_page();
        today.file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).file.flush()
    }
}

impl<'a> MakeWriter<'a> for DailyFile {
    type Writer = &'a DailyFile;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

fn open_day(dir: &Path, name: &str, day: i64) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    options.open(dir.join(format!("{name}.{}.log", date(day))))
}

/// `2026-11-22`.
fn date(day: i64) -> String {
    Timestamp::from_millis(day * DAY_MS)
        .to_string()
        .chars()
        .take(10)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    static NOW: AtomicI64 = AtomicI64::new(0);

    #[test]
    fn a_new_day_is_a_new_file_and_old_ones_go() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = |text: &str| {
            NOW.store(
                text.parse::<Timestamp>().expect(text).as_millis(),
                Ordering::SeqCst,
            )
        };
        for name in [
            "luumen-agent.2026-11-01.log",
            "luumen-agent.2026-11-19.log",
            "other.2026-01-01.log",
            "agent.log",
        ] {
            fs::write(dir.path().join(name), "").expect(name);
        }
        at("2026-11-20T23:59:59Z");
        let now = || Timestamp::from_millis(NOW.load(Ordering::SeqCst));
        let log = DailyFile::open(dir.path(), "luumen-agent", 2, now).expect("a log");
        writeln!(&log, "one").expect("a line");
        at("2026-11-22T00:00:00Z");
        writeln!(&log, "two").expect("a line");
        let mut names: Vec<_> = fs::read_dir(dir.path())
            .expect("the folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("a name")
            })
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "agent.log",
                "luumen-agent.2026-11-20.log",
                "luumen-agent.2026-11-22.log",
                "other.2026-01-01.log",
            ]
        );
        let text = fs::read_to_string(dir.path().join("luumen-agent.2026-11-22.log")).expect("today");
        assert_eq!(text, "two\n");
    }
}
