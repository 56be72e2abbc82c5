//! Follows one terminal and writes its log.
//!
//! Writing happens where waiting is allowed; a disk that is slow slows the terminal, and one that is full
//! ends the log, not the session, and says so.

use std::{
    fs,
    io::{self, BufWriter, Write as _},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::{
    cast::{CastHeader, CastTerm, CastWriter},
    shelf::{Card, Logs},
};
use crate::{
    bridge::{Id, Problem, Time},
    hosts::LogMode,
};

/// How old the card may be while something is shown: after a crash it says until when it went on.
const CARD_AFTER: Duration = Duration::from_secs(10);
/// Pieces that may wait for the disk.
const QUEUED: usize = 256;

/// What a log is about.
#[derive(Clone, Debug)]
pub(crate) struct LogStart {
    pub(crate) mode: LogMode,
    pub(crate) host: Option<Id>,
    pub(crate) title: String,
    pub(crate) target: String,
    pub(crate) term: String,
    pub(crate) size: (u32, u32),
}

/// The log of one terminal. Dropping it ends the log as interrupted.
#[derive(Debug)]
pub(crate) struct Recorder {
    started: Instant,
    pieces: mpsc::Sender<Piece>,
}

/// A log that was begun.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) recorder: Recorder,
    /// Is told when the log could not be written on; dropped when it ends in any other way.
    pub(crate) failed: oneshot::Receiver<()>,
}

#[derive(Debug)]
enum Piece {
    Output(Duration, Bytes),
    Resize(Duration, (u32, u32)),
    Mark(Duration, &'static str),
    End {
        at: Duration,
        reason: String,
        exit: Option<u32>,
        written: oneshot::Sender<()>,
    },
}

impl Recorder {
    /// Something was shown.
    pub(crate) async fn output(&self, bytes: Bytes) {
        self.send(Piece::Output(self.started.elapsed(), bytes)).await;
    }

    /// The terminal has another size.
    pub(crate) async fn resize(&self, size: (u32, u32)) {
        self.send(Piece::Resize(self.started.elapsed(), size)).await;
    }

    /// Something happened to the line.
    pub(crate) async fn mark(&self, word: &'static str) {
        self.send(Piece::Mark(self.started.elapsed(), word)).await;
    }

    /// The log is complete. Waits until it is written.
    pub(crate) async fn end(self, reason: &str, exit: Option<u32>) {
        let (written, done) = oneshot::channel();
        let end = Piece::End {
            at: self.started.elapsed(),
            reason: reason.to_owned(),
            exit,
            written,
        };
        self.send(end).await;
        // A writer that has failed has said so and waits for nobody.
        let _ = done.await;
    }

    async fn send(&self, piece: Piece) {
        // The same: a writer that has failed is gone.
        let _ = self.pieces.send(piece).await;
    }
}

impl Logs {
    /// Begins a log, unless none is wanted.
    pub(crate) async fn record(self: &Arc<Self>, start: LogStart) -> Result<Option<Begun>, Problem> {
        if start.mode == LogMode::Off {
            return Ok(None);
        }
        let card = Card {
            id: Id::new(),
            host: start.host,
            title: start.title.clone(),
            target: start.target.clone(),
            mode: start.mode,
            started_at: Time::now(),
            ended_at: None,
            end_reason: None,
            exit: None,
            bytes_shown: 0,
        };
        let (pieces, queue) = mpsc::channel(QUEUED);
        let (logs, id) = (self.clone(), card.id);
        let (fails, failed) = oneshot::channel();
        let opened = tokio::task::spawn_blocking(move || Writer::open(logs, card, &start)).await;
        let writer = match opened {
            Ok(Ok(writer)) => writer,
            Ok(Err(error)) => return Err(not_written(&error)),
            Err(error) => return Err(not_written(&error)),
        };
        self.begun(id);
        tokio::task::spawn_blocking(move || writer.run(queue, fails));
        let started = Instant::now();
        let recorder = Recorder { started, pieces };
        Ok(Some(Begun { recorder, failed }))
    }
}

fn not_written(error: &dyn std::error::Error) -> Problem {
    Problem::of("LUM-LOG-WRITE", "the session log cannot be written", error)
        .next("Free some space on this device, or switch logging off for this session.")
}

/// The side that waits for the disk.
struct Writer {
    logs: Arc<Logs>,
    card: Card,
    cast: CastWriter,
    file: Option<BufWriter<fs::File>>,
}

impl Writer {
    fn open(logs: Arc<Logs>, card: Card, start: &LogStart) -> io::Result<Self> {
        let folder = logs.folder(card.id);
        fs::create_dir_all(&folder)?;
        logs.write_card(&card)?;
        let mut file = None;
        if card.mode == LogMode::Full {
            let mut cast = BufWriter::new(private_file(logs.cast(card.id))?);
            let header = CastHeader {
                version: 3,
                term: CastTerm {
                    cols: start.size.0,
                    rows: start.size.1,
                    kind: Some(start.term.clone()),
                },
                timestamp: Some(card.started_at.as_millis() / 1000),
                title: Some(format!("{} ({})", start.title, start.target)),
            };
            writeln!(cast, "{}", serde_json::to_string(&header)?)?;
            cast.flush()?;
            file = Some(cast);
        }
        Ok(Self {
            logs,
            card,
            cast: CastWriter::default(),
            file,
        })
    }

    fn run(mut self, mut pieces: mpsc::Receiver<Piece>, fails: oneshot::Sender<()>) {
        let mut told = Instant::now();
        while let Some(piece) = pieces.blocking_recv() {
            let written = match piece {
                Piece::Output(at, bytes) => {
                    self.card.bytes_shown += bytes.len() as u64;
                    match self.cast.output(at, &bytes) {
                        Some(line) => self.write(&line),
                        None => Ok(()),
                    }
                }
                Piece::Resize(at, size) => {
                    let line = self.cast.resize(at, size);
                    self.write(&line)
                }
                Piece::Mark(at, word) => {
                    let line = self.cast.mark(at, word);
                    self.write(&line)
                }
                Piece::End {
                    at,
                    reason,
                    exit,
                    written,
                } => {
                    if let Some(exit) = exit {
                        let line = self.cast.exit(at, exit);
                        let written = self.write(&line);
                        self.tell_if_failed(written);
                    }
                    self.finish(reason, exit);
                    // Nobody may be waiting any more.
                    let _ = written.send(());
                    return;
                }
            };
            // What is quiet is on the disk.
            let written = if pieces.is_empty() {
                written.and_then(|()| self.flush())
            } else {
                written
            };
            let written = if told.elapsed() >= CARD_AFTER {
                told = Instant::now();
                written.and_then(|()| self.logs.write_card(&self.card))
            } else {
                written
            };
            if let Err(error) = written {
                self.logs.warn(not_written(&error));
                // The session may be over.
                let _ = fails.send(());
                return self.finish("not written".to_owned(), None);
            }
        }
        self.finish("interrupted".to_owned(), None);
    }

    fn finish(mut self, reason: String, exit: Option<u32>) {
        let flushed = self.flush();
        self.card.ended_at = Some(Time::now());
        self.card.end_reason = Some(reason);
        self.card.exit = exit;
        let written = flushed.and_then(|()| self.logs.write_card(&self.card));
        self.tell_if_failed(written);
        self.logs.ended(self.card.id);
    }

    fn tell_if_failed(&self, written: io::Result<()>) {
        if let Err(error) = written {
            self.logs.warn(not_written(&error));
        }
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        self.file
            .as_mut()
            .map_or(Ok(()), |file| file.write_all(line.as_bytes()))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), io::Write::flush)
    }
}

fn private_file(path: PathBuf) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::bridge::{Event, Events};

    /// Nothing that is shown of it was kept, so how long it went on is known by its card.
    #[test]
    fn a_log_that_a_crash_cut_off_lasted_until_it_was_last_written() {
        let folder = tempfile::tempdir().unwrap();
        let logs = Logs::new(folder.path().to_owned(), Events::default());
        let hour_ago = Time::from_millis(Time::now().as_millis() - 3_600_000);
        let card = Card {
            id: Id::new(),
            host: None,
            title: "web-1".to_owned(),
            target: "ann@web-1:22".to_owned(),
            mode: LogMode::Metadata,
            started_at: hour_ago,
            ended_at: None,
            end_reason: None,
            exit: None,
            bytes_shown: 0,
        };
        fs::create_dir_all(logs.folder(card.id)).unwrap();
        logs.write_card(&card).unwrap();
        let row = logs.rows().remove(0);
        assert_eq!(row.end_reason.as_deref(), Some("interrupted"));
        let lasted = row.ended_at.unwrap().as_millis() - hour_ago.as_millis();
        assert!((3_590_000..3_700_000).contains(&lasted), "{lasted} ms");
    }

    /// `/dev/full` is a disk without room.
    #[tokio::test]
    async fn a_full_disk_ends_the_log_and_is_told_to_its_session() {
        let (folder, events) = (tempfile::tempdir().unwrap(), Events::default());
        let mut heard = events.listen();
        let logs = Arc::new(Logs::new(folder.path().to_owned(), events));
        let card = Card {
            id: Id::new(),
            host: None,
            title: "web-1".to_owned(),
            target: "ann@web-1:22".to_owned(),
            mode: LogMode::Full,
            started_at: Time::now(),
            ended_at: None,
            end_reason: None,
            exit: None,
            bytes_shown: 0,
        };
        fs::create_dir_all(logs.folder(card.id)).unwrap();
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let writer = Writer {
            logs,
            card,
            cast: CastWriter::default(),
            file: Some(BufWriter::new(full)),
        };
        let ((pieces, queue), (fails, failed)) = (mpsc::channel(QUEUED), oneshot::channel());
        let shown = Piece::Output(Duration::ZERO, Bytes::from_static(b"hi"));
        pieces.send(shown).await.unwrap();
        tokio::task::spawn_blocking(move || writer.run(queue, fails))
            .await
            .unwrap();
        assert_eq!(failed.await, Ok(()));
        let told = heard.recv().await.unwrap();
        assert!(
            matches!(&told, Event::Notice { problem, .. } if problem.code == "LUM-LOG-WRITE"),
            "{told:?}"
        );
    }
}
