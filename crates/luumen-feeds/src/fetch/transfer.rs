//! One request with all its tries: waits when told to, goes on where a transfer broke off, and says why it gave up.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use luumen_model::Timestamp;
use reqwest::{
    Response, StatusCode, Url,
    header::{self, HeaderMap, HeaderValue},
};
use serde::{Deserialize, Serialize};
use tokio::{fs::File, io::AsyncWriteExt, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    Fetcher,
    progress::Step,
    retry::{http_date, retry_after},
};
use crate::keep::write_atomically;

/// A document that could not be had.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// Nobody answered, or the answer broke off, every time.
    #[error("{url} could not be fetched in {tries} tries")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// How often.
        tries: u32,
        source: reqwest::Error,
    },
    /// Fewer bytes than promised, every time.
    #[error("{url} broke off after {got} of {of} bytes in every one of {tries} tries")]
    Truncated {
        /// What was asked for.
        url: String,
        /// What came.
        got: u64,
        /// What was promised.
        of: u64,
        /// How often.
        tries: u32,
    },
    /// The publisher is overloaded, or holds us for too curious.
    #[error(
        "{url} was refused with {status} in every one of {tries} tries; what is known is kept, and the next run tries again"
    )]
    Refused {
        /// What was asked for.
        url: String,
        /// With which answer.
        status: StatusCode,
        /// How often.
        tries: u32,
    },
    /// The publisher asks for more patience than we have.
    #[error("{url} asks us to wait {} seconds; the next run tries again", wait.as_secs())]
    AskedToWait {
        /// What was asked for.
        url: String,
        /// How long.
        wait: Duration,
    },
    /// The publisher no longer has it.
    #[error("{url} is gone ({status}); what it said is kept")]
    Gone {
        /// What was asked for.
        url: String,
        /// With which answer.
        status: StatusCode,
    },
    /// An answer that is none of those above.
    #[error("{url} was answered with {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// With which answer.
        status: StatusCode,
    },
    /// More than we take.
    #[error("{url} is larger than {most} bytes, the most that we take")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// The most.
        most: u64,
    },
    /// The disk.
    #[error("could not write {path}")]
    Disk {
        /// Which file.
        path: PathBuf,
        source: io::Error,
    },
    /// Somebody asked us to stop. What came so far is kept, and the next run goes on from there.
    #[error("it was cancelled")]
    Cancelled,
}

impl TransferError {
    /// Whether the next document of the same publisher would most likely fare no better. One that is forbidden, or over
    /// which a server stumbles, says nothing of the others.
    pub(super) fn is_of_publisher(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::AskedToWait { .. } => true,
            Self::Refused { status, .. } => {
                matches!(
                    *status,
                    StatusCode::TOO_MANY_REQUESTS
                        | StatusCode::SERVICE_UNAVAILABLE
                        | StatusCode::BAD_GATEWAY
                        | StatusCode::GATEWAY_TIMEOUT
                )
            }
            _ => false,
        }
    }
}

/// What is asked for, and what we have.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub url: Url,
    /// `Accept`, where it matters.
    pub accept: Option<String>,
    /// Of what we have.
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// Carries the key of the NVD's API.
    pub keyed: bool,
    /// Whether the name says that it is packed already.
    pub packed: bool,
}

/// What was answered.
pub(super) enum Answer {
    /// What we have is the newest.
    Unchanged,
    /// It lies in the partial file.
    Here(Arrived),
}

/// What came with a document.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Arrived {
    pub url: String,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub gzip: bool,
    /// Of the whole, if we were told.
    pub total: Option<u64>,
}

/// Shows how far it is: bytes, of how many, doing what.
pub(super) type Tell<'a> = &'a (dyn Fn(u64, Option<u64>, Step) + Send + Sync);

/// Why one try failed, and whether another may help.
enum Failure {
    Final(TransferError),
    Again {
        error: TransferError,
        asked_for: Option<Duration>,
    },
}

impl From<TransferError> for Failure {
    fn from(error: TransferError) -> Self {
        Self::Final(error)
    }
}

impl Fetcher {
    /// Fetches into `partial`, trying as often as patience allows.
    pub(super) async fn transfer(
        &self,
        request: &Request,
        partial: &Path,
        now: Timestamp,
        tell: Tell<'_>,
        cancel: &CancellationToken,
    ) -> Result<Answer, TransferError> {
        let mut failures = 0;
        loop {
            let tried = tokio::select! {
                () = cancel.cancelled() => return Err(TransferError::Cancelled),
                tried = self.try_once(request, partial, now, tell, failures + 1) => tried,
            };
            let (error, asked_for) = match tried {
                Ok(answer) => return Ok(answer),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Again { error, asked_for }) => (error, asked_for),
            };
            failures += 1;
            if failures >= self.settings.patience.tries {
                return Err(error);
            }
            let Some(wait) = self.settings.patience.wait(failures, asked_for) else {
                return Err(TransferError::AskedToWait {
                    url: shown(&request.url),
                    wait: asked_for.unwrap_or_default(),
                });
            };
            tell(0, None, Step::Waiting);
            pause(wait, cancel).await?;
        }
    }

    async fn try_once(
        &self,
        request: &Request,
        partial: &Path,
        now: Timestamp,
        tell: Tell<'_>,
        tries: u32,
    ) -> Result<Answer, Failure> {
        let host = request.url.host_str().unwrap_or_default();
        tokio::time::sleep_until(self.pace.next(host, Instant::now())).await;
        tell(0, None, Step::Asking);
        let resume = Resume::of(partial).await;
        let sent = self.client_for(request).get(request.url.clone());
        let response = sent.headers(self.headers(request, resume.as_ref())).send().await;
        let response = response.map_err(|source| Failure::Again {
            error: TransferError::Unreachable {
                url: shown(&request.url),
                tries,
                source: source.without_url(),
            },
            asked_for: None,
        })?;
        let have = match (response.status(), &resume) {
            (StatusCode::NOT_MODIFIED, _) => return Ok(Answer::Unchanged),
            (StatusCode::OK, _) => 0,
            (StatusCode::PARTIAL_CONTENT, Some(resume)) if starts_at(&response) == Some(resume.have) => {
                resume.have
            }
            (StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE, _) => {
                drop_partial(partial).await?;
                return Err(again_from_the_start(request, &response, tries));
            }
            _ => return Err(refusal(request, &response, tries, now)),
        };
        let arrived = match resume {
            Some(resume) if have > 0 => resume.arrived,
            _ => Arrived::of(&response),
        };
        self.body(request, response, partial, have, &arrived, tell, tries)
            .await?;
        Ok(Answer::Here(arrived))
    }

    fn client_for(&self, request: &Request) -> &reqwest::Client {
        if request.keyed { &self.keyed } else { &self.http }
    }

    fn headers(&self, request: &Request, resume: Option<&Resume>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: header::HeaderName, value: Option<&str>| {
            // A value that no header can hold came from a publisher; asking without it is as good.
            if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
                headers.insert(name, value);
            }
        };
        set(header::ACCEPT, request.accept.as_deref());
        set(header::IF_NONE_MATCH, request.etag.as_deref());
        set(header::IF_MODIFIED_SINCE, request.last_modified.as_deref());
        let encoding = if request.packed { "identity" } else { "gzip" };
        set(header::ACCEPT_ENCODING, Some(encoding));
        if let Some(resume) = resume {
            set(header::RANGE, Some(&format!("bytes={}-", resume.have)));
            set(header::IF_RANGE, resume.validator());
        }
        if let (true, Some(key)) = (request.keyed, &self.settings.nvd_api_key)
            && let Ok(mut value) = HeaderValue::from_str(key.expose_secret())
        {
            value.set_sensitive(true);
            headers.insert("apiKey", value);
        }
        headers
    }

    #[expect(clippy::too_many_arguments, reason = "one transfer has that many sides")]
    async fn body(
        &self,
        request: &Request,
        mut response: Response,
        partial: &Path,
        have: u64,
        arrived: &Arrived,
        tell: Tell<'_>,
        tries: u32,
    ) -> Result<(), Failure> {
        let disk = |source| disk_error(partial, source);
        let total = arrived.total;
        self.not_too_large(request, total.unwrap_or(0))?;
        let mut file = open_partial(partial, have).await.map_err(disk)?;
        if have == 0 {
            arrived.note(partial).map_err(disk)?;
        }
        let mut got = have;
        let broke_off = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    file.write_all(&chunk).await.map_err(disk)?;
                    got += chunk.len() as u64;
                    if let Err(error) = self.not_too_large(request, got) {
                        drop_partial(partial).await?;
                        return Err(error.into());
                    }
                    tell(got, total, Step::Transferring);
                }
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        file.flush().await.map_err(disk)?;
        file.sync_all().await.map_err(disk)?;
        let url = shown(&request.url);
        let error = match (broke_off, total) {
            (_, Some(of)) if got < of => TransferError::Truncated { url, got, of, tries },
            (Some(source), _) => TransferError::Unreachable {
                url,
                tries,
                source: source.without_url(),
            },
            (None, _) => return Ok(()),
        };
        Err(Failure::Again {
            error,
            asked_for: None,
        })
    }

    fn not_too_large(&self, request: &Request, bytes: u64) -> Result<(), TransferError> {
        let most = self.settings.max_bytes;
        if bytes > most {
            return Err(TransferError::TooLarge {
                url: shown(&request.url),
                most,
            });
        }
        Ok(())
    }
}

/// Waits, unless somebody asks us to stop.
pub(super) async fn pause(wait: Duration, cancel: &CancellationToken) -> Result<(), TransferError> {
    tokio::select! {
        () = cancel.cancelled() => Err(TransferError::Cancelled),
        () = tokio::time::sleep(wait) => Ok(()),
    }
}

/// Where a transfer broke off.
struct Resume {
    have: u64,
    arrived: Arrived,
}

impl Resume {
    async fn of(partial: &Path) -> Option<Self> {
        let have = tokio::fs::metadata(partial).await.ok()?.len();
        let note = tokio::fs::read(note_path(partial)).await.ok()?;
        let arrived: Arrived = serde_json::from_slice(&note).ok()?;
        let resume = Self { have, arrived };
        // Without a validator nobody can say whether the rest belongs to the same document.
        (resume.have > 0 && resume.validator().is_some()).then_some(resume)
    }

    fn validator(&self) -> Option<&str> {
        let strong = |etag: &&str| !etag.starts_with("W/");
        let etag = self.arrived.etag.as_deref().filter(strong);
        etag.or(self.arrived.last_modified.as_deref())
    }
}

impl Arrived {
    fn of(response: &Response) -> Self {
        let text = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let encoding = text(header::CONTENT_ENCODING).unwrap_or_default();
        Self {
            url: response.url().to_string(),
            etag: text(header::ETAG),
            last_modified: text(header::LAST_MODIFIED),
            gzip: matches!(encoding.as_str(), "gzip" | "x-gzip"),
            total: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        }
    }

    fn note(&self, partial: &Path) -> io::Result<()> {
        write_atomically(&note_path(partial), &serde_json::to_vec(self)?)
    }

    /// When the publisher says that it changed last.
    pub(super) fn modified_at(&self) -> Option<Timestamp> {
        http_date(self.last_modified.as_deref()?)
    }
}

fn note_path(partial: &Path) -> PathBuf {
    partial.with_extension("json")
}

async fn open_partial(partial: &Path, have: u64) -> io::Result<File> {
    let mut options = tokio::fs::OpenOptions::new();
    options.create(true).write(true).truncate(have == 0).append(false);
    let mut file = options.open(partial).await?;
    if have > 0 {
        use tokio::io::AsyncSeekExt;
        file.seek(io::SeekFrom::Start(have)).await?;
    }
    Ok(file)
}

/// Throws away what came so far.
pub(super) async fn drop_partial(partial: &Path) -> Result<(), TransferError> {
    for path in [partial.to_owned(), note_path(partial)] {
        match tokio::fs::remove_file(&path).await {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(disk_error(&path, source)),
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn disk_error(path: &Path, source: io::Error) -> TransferError {
    TransferError::Disk {
        path: path.to_owned(),
        source,
    }
}

/// `bytes 100-199/200` → 100.
fn starts_at(response: &Response) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

fn again_from_the_start(request: &Request, response: &Response, tries: u32) -> Failure {
    Failure::Again {
        error: TransferError::Refused {
            url: shown(&request.url),
            status: response.status(),
            tries,
        },
        asked_for: Some(Duration::ZERO),
    }
}

fn refusal(request: &Request, response: &Response, tries: u32, now: Timestamp) -> Failure {
    let (url, status) = (shown(&request.url), response.status());
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let again = matches!(
        status,
        StatusCode::FORBIDDEN | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
    );
    if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
        TransferError::Gone { url, status }.into()
    } else if again || status.is_server_error() {
        let asked_for =
            text(header::RETRY_AFTER).and_then(|value| retry_after(value, text(header::DATE), now));
        Failure::Again {
            error: TransferError::Refused { url, status, tries },
            asked_for,
        }
    } else {
        TransferError::Status { url, status }.into()
    }
}

/// The address without what may be a password, and without a query that may be long.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Fails only for addresses that cannot have either.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.to_string()
}
