//! One document on its way into the store: asked for, transferred, unwrapped, compared with its hash, placed.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use super::{
    Stop, Visit,
    check::{self, Promise},
    plan::Wanted,
    progress::Step,
    transfer::{Answer, Arrived, Request, TransferError, disk_error, drop_partial},
};
use crate::{
    hash,
    keep::{DocumentState, place, told},
    registry::Check,
};

/// A document that came and cannot be used.
#[derive(Debug, thiserror::Error)]
enum BadDocument {
    #[error(transparent)]
    Transfer(#[from] TransferError),
    #[error("it has the hash {got}, and its publisher promises {promised}; it was thrown away")]
    Hash { got: String, promised: String },
    #[error("it was answered with `not modified`, and there is nothing here that could have been")]
    Nothing,
    #[error("{0:?} is not an address")]
    Address(String),
    #[error("it is not the gzip that its server says it is; it was thrown away")]
    Gzip(#[source] io::Error),
}

/// What became of a document.
pub(super) enum Outcome {
    Unchanged,
    Fetched,
    Missing,
    Failed,
}

/// Endings of what is packed already.
const PACKED: [&str; 6] = [".gz", ".bz2", ".xz", ".zst", ".zip", ".tgz"];

/// Hashes, lists and other small texts beside documents.
const SMALL: usize = 1 << 20;

impl Visit<'_> {
    /// Looks at each of them; what goes wrong with one is written down, and the next one follows.
    pub(super) async fn documents(&mut self, wanted: &[Wanted]) -> Result<(), Stop> {
        for (at, one) in wanted.iter().enumerate() {
            self.document(one).await?;
            self.folder.save()?;
            if self.gives_up(wanted.len() - at - 1) {
                break;
            }
        }
        Ok(())
    }

    /// Looks at one document.
    pub(super) async fn document(&mut self, wanted: &Wanted) -> Result<Outcome, Stop> {
        self.check_cancelled()?;
        let result = self.fetch_document(wanted).await;
        self.in_vain = match &result {
            Err(BadDocument::Transfer(error)) if error.is_of_publisher() => self.in_vain + 1,
            _ => 0,
        };
        let (step, outcome) = match result {
            Ok(outcome @ Outcome::Unchanged) => {
                self.report.unchanged += 1;
                (Step::Unchanged, outcome)
            }
            Ok(outcome) => {
                self.report.fetched += 1;
                (Step::Done, outcome)
            }
            Err(BadDocument::Transfer(TransferError::Cancelled)) => return Err(Stop::Cancelled),
            Err(BadDocument::Transfer(TransferError::Gone { .. }))
                if wanted.may_be_missing && !self.folder.state.documents.contains_key(&wanted.name) =>
            {
                (Step::Unchanged, Outcome::Missing)
            }
            Err(error) => {
                let gone = matches!(error, BadDocument::Transfer(TransferError::Gone { .. }));
                self.trouble(&wanted.name, told(&error));
                (self.note_gone(wanted, gone), Outcome::Failed)
            }
        };
        let have = self.folder.state.documents.get(&wanted.name);
        let bytes = have.map_or(0, |document| document.bytes);
        self.tell(&wanted.name, bytes, None, step);
        Ok(outcome)
    }

    fn note_gone(&mut self, wanted: &Wanted, gone: bool) -> Step {
        if !gone {
            return Step::Failed;
        }
        self.report.gone += 1;
        if let Some(document) = self.folder.state.documents.get_mut(&wanted.name) {
            document.gone = true;
        }
        Step::Gone
    }

    async fn fetch_document(&mut self, wanted: &Wanted) -> Result<Outcome, BadDocument> {
        // A publisher may replace a document between its hash and itself: once more, then it is an error.
        match self.fetch_once(wanted).await {
            Err(BadDocument::Hash { .. } | BadDocument::Gzip(_)) => self.fetch_once(wanted).await,
            result => result,
        }
    }

    async fn fetch_once(&mut self, wanted: &Wanted) -> Result<Outcome, BadDocument> {
        let raw = self.folder.raw(&wanted.name);
        let have = self.folder.state.documents.get(&wanted.name).cloned();
        // A state without its file is worth nothing to ask with.
        let have = have.filter(|_| raw.is_file());
        let promise = self.promise(wanted).await?;
        if let (Some(promise), Some(have)) = (&promise, &have)
            && have.upstream_sha256.as_ref() == Some(&promise.sha256)
        {
            self.still_newest(wanted);
            return Ok(Outcome::Unchanged);
        }
        let request = request(wanted, have.as_ref(), promise.is_some())?;
        let partial = self.folder.partial(&wanted.name);
        let tell = |bytes, of, step| self.tell(&wanted.name, bytes, of, step);
        let answer = self
            .fetcher
            .transfer(&request, &partial, self.now, &tell, self.cancel)
            .await?;
        let arrived = match answer {
            Answer::Unchanged if have.is_none() => return Err(BadDocument::Nothing),
            Answer::Unchanged => {
                self.still_newest(wanted);
                return Ok(Outcome::Unchanged);
            }
            Answer::Here(arrived) => arrived,
        };
        self.tell(&wanted.name, 0, None, Step::Checking);
        let kept = settle(partial, raw, wanted.name.clone(), arrived.gzip, promise.clone()).await?;
        self.keep(wanted, promise, arrived, kept);
        Ok(Outcome::Fetched)
    }

    fn still_newest(&mut self, wanted: &Wanted) {
        if let Some(document) = self.folder.state.documents.get_mut(&wanted.name) {
            document.checked_at = self.now;
            document.gone = false;
            document.changed_at = wanted.changed_at.or(document.changed_at);
        }
    }

    fn keep(&mut self, wanted: &Wanted, promise: Option<Promise>, arrived: Arrived, kept: Kept) {
        self.report.bytes += kept.bytes;
        let before = self
            .folder
            .state
            .documents
            .remove(&wanted.name)
            .unwrap_or_default();
        let modified_at = promise.as_ref().and_then(|promise| promise.modified_at);
        let document = DocumentState {
            changed_at: wanted.changed_at.or(modified_at).or(arrived.modified_at()),
            url: arrived.url,
            etag: arrived.etag,
            last_modified: arrived.last_modified,
            sha256: kept.sha256,
            upstream_sha256: promise.map(|promise| promise.sha256),
            bytes: kept.bytes,
            fetched_at: self.now,
            checked_at: self.now,
            rank: wanted.rank,
            gone: false,
            ..before
        };
        self.folder.state.documents.insert(wanted.name.clone(), document);
    }

    /// The hash that the publisher gives for the document, if there is one.
    async fn promise(&mut self, wanted: &Wanted) -> Result<Option<Promise>, BadDocument> {
        if let Some(sha256) = &wanted.sha256 {
            return Ok(Some(Promise {
                sha256: sha256.clone(),
                unpacked: false,
                modified_at: None,
            }));
        }
        let (url, read): (String, fn(&str) -> Option<Promise>) = match wanted.check {
            Check::None => return Ok(None),
            Check::Beside => (format!("{}.sha256", wanted.url), check::beside),
            Check::NvdMeta => {
                let stem = wanted.url.trim_end_matches(".gz").trim_end_matches(".json");
                (format!("{stem}.meta"), check::nvd_meta)
            }
        };
        match self.small(&url).await {
            Ok(text) => Ok(read(&text)),
            Err(TransferError::Gone { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Fetches a small text that is not kept.
    pub(super) async fn small(&mut self, url: &str) -> Result<String, TransferError> {
        let (text, _) = self.text(url, SMALL, None).await?;
        Ok(text.unwrap_or_default())
    }

    /// Fetches a text that is not kept: None when it still has this `ETag`.
    pub(super) async fn text(
        &mut self,
        url: &str,
        most: usize,
        etag: Option<String>,
    ) -> Result<(Option<String>, Arrived), TransferError> {
        let wanted = Wanted::new("", url);
        let mut request = request(&wanted, None, false).map_err(|_| TransferError::Disk {
            path: PathBuf::from(url),
            source: io::Error::new(io::ErrorKind::InvalidInput, "it is not an address"),
        })?;
        request.etag = etag;
        let partial = self.folder.partial(url);
        drop_partial(&partial).await?;
        let tell = |_, _, _| {};
        let answer = self
            .fetcher
            .transfer(&request, &partial, self.now, &tell, self.cancel)
            .await?;
        let Answer::Here(arrived) = answer else {
            return Ok((None, Arrived::default()));
        };
        let bytes = read_text(&partial, arrived.gzip, most).map_err(|source| disk_error(&partial, source))?;
        drop_partial(&partial).await?;
        Ok((Some(String::from_utf8_lossy(&bytes).into_owned()), arrived))
    }
}

fn read_text(partial: &Path, gzip: bool, most: usize) -> io::Result<Vec<u8>> {
    let file = File::open(partial)?;
    let mut bytes = Vec::new();
    let most = most as u64 + 1;
    if gzip {
        flate2::read::MultiGzDecoder::new(file)
            .take(most)
            .read_to_end(&mut bytes)?;
    } else {
        file.take(most).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 == most {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is larger than such a text is",
        ));
    }
    Ok(bytes)
}

fn request(wanted: &Wanted, have: Option<&DocumentState>, changed: bool) -> Result<Request, BadDocument> {
    let url = wanted
        .url()
        .ok_or_else(|| BadDocument::Address(wanted.url.clone()))?;
    // Once the publisher's hash says that it changed, an ETag that says otherwise is a stale cache's.
    let have = have.filter(|_| !changed);
    Ok(Request {
        url,
        accept: wanted.accept.clone(),
        etag: have.and_then(|have| have.etag.clone()),
        last_modified: have.and_then(|have| have.last_modified.clone()),
        keyed: wanted.keyed,
        packed: PACKED.iter().any(|ending| wanted.name.ends_with(ending)),
    })
}

/// What lies in the store now.
struct Kept {
    sha256: String,
    bytes: u64,
}

/// Unwraps what came, compares it with its hash and gives it its place. Off the async threads: files may be large.
async fn settle(
    partial: PathBuf,
    raw: PathBuf,
    name: String,
    gzip: bool,
    promise: Option<Promise>,
) -> Result<Kept, BadDocument> {
    let path = partial.clone();
    let work = tokio::task::spawn_blocking(move || settle_now(&partial, &raw, &name, gzip, promise.as_ref()));
    let settled = work
        .await
        .map_err(|error| disk_error(&path, io::Error::other(error)))?;
    if settled.is_err() {
        drop_partial(&path).await?;
    }
    settled
}

fn settle_now(
    partial: &Path,
    raw: &Path,
    name: &str,
    gzip: bool,
    promise: Option<&Promise>,
) -> Result<Kept, BadDocument> {
    let disk = |source| disk_error(partial, source);
    if gzip {
        unwrap_gzip(partial, name)?;
    }
    if let Some(promise) = promise {
        let got = check::hash_of(partial, name, promise).unwrap_or_else(|error| format!("none ({error})"));
        if got != promise.sha256 {
            return Err(BadDocument::Hash {
                got,
                promised: promise.sha256.clone(),
            });
        }
    }
    let (sha256, bytes) = hash::of_reader(File::open(partial).map_err(disk)?).map_err(disk)?;
    place(partial, raw).map_err(|source| disk_error(raw, source))?;
    match std::fs::remove_file(partial.with_extension("json")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(disk(error).into()),
        _ => {}
    }
    Ok(Kept { sha256, bytes })
}

/// Takes off the gzip of the transfer. Servers also announce it for files that are `.gz` themselves; those stay as they are.
fn unwrap_gzip(partial: &Path, name: &str) -> Result<(), BadDocument> {
    let disk = |source| disk_error(partial, source);
    let file = File::open(partial).map_err(disk)?;
    let mut inner = flate2::read::MultiGzDecoder::new(BufReader::new(file));
    if name.ends_with(".gz") || name.ends_with(".tgz") {
        let mut magic = [0; 2];
        let twice = inner.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
        if !twice {
            return Ok(());
        }
        let file = File::open(partial).map_err(disk)?;
        inner = flate2::read::MultiGzDecoder::new(BufReader::new(file));
    }
    let unwrapped = partial.with_extension("unwrapped");
    let mut out = File::create(&unwrapped).map_err(disk)?;
    io::copy(&mut inner, &mut out).map_err(BadDocument::Gzip)?;
    out.sync_all().map_err(disk)?;
    std::fs::rename(&unwrapped, partial).map_err(disk)?;
    Ok(())
}
