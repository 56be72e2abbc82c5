//! Goes and gets what sources publish, politely, and puts it into [`crate::keep`].
//!
//! It looks before it takes (ETag, hashes), goes on where a transfer broke off, waits when it is told to wait, and gives up with a reason.
//! Nothing here removes what is known: a source that is gone, empty or broken is reported, and what it said stays.

mod check;
mod document;
mod index;
mod merge;
mod nvd;
mod pace;
mod plan;
mod progress;
mod repository;
mod retry;
mod settings;
mod transfer;

use luumen_model::Timestamp;
use tokio_util::sync::CancellationToken;

pub use nvd::{Span, spans};
pub use pace::Rate;
pub use progress::{Event, Progress, Silent, Step};
pub use retry::Patience;
pub use settings::{Settings, SettingsError};
pub use transfer::TransferError;

use crate::{
    keep::{HeldFolder, Keep, KeepError, Trouble},
    registry::{FetchPlan, SourceInfo},
};

/// What looking came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchReport {
    /// Documents that are new.
    pub fetched: u64,
    /// Documents that we have already.
    pub unchanged: u64,
    /// Documents that the publisher no longer has; what they said is kept.
    pub gone: u64,
    /// What came over the network for documents.
    pub bytes: u64,
    /// The first few things that went wrong.
    pub troubles: Vec<Trouble>,
    /// How many there were.
    pub trouble_count: u64,
    /// Somebody asked us to stop.
    pub cancelled: bool,
}

impl FetchReport {
    /// Whether everything that there is was looked at.
    pub fn is_complete(&self) -> bool {
        !self.cancelled && self.trouble_count == 0
    }
}

/// Fetches sources.
#[derive(Debug)]
pub struct Fetcher {
    settings: Settings,
    http: reqwest::Client,
    /// Follows no redirects, so that the API key goes nowhere else.
    keyed: reqwest::Client,
    pace: pace::Pace,
}

/// What goes with one look at one source.
pub(crate) struct Visit<'a> {
    pub fetcher: &'a Fetcher,
    pub source: &'a SourceInfo,
    pub folder: HeldFolder,
    pub now: Timestamp,
    pub progress: &'a dyn Progress,
    pub cancel: &'a CancellationToken,
    pub report: FetchReport,
    /// Documents in a row for which the publisher could not be reached, or sent us away.
    pub in_vain: u32,
}

/// After so many the others are left for the next turn: each costs minutes of patience, and a source may have hundreds.
const MOST_IN_VAIN: u32 = 3;

/// Why the look at a source ended early.
pub(crate) enum Stop {
    Cancelled,
    Keep(KeepError),
}

impl From<KeepError> for Stop {
    fn from(error: KeepError) -> Self {
        Self::Keep(error)
    }
}

impl Fetcher {
    /// Sets up the connections. A setting with which nothing can be fetched is refused here.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let (http, keyed) = settings.clients()?;
        let pace = pace::Pace::new(&settings);
        Ok(Self {
            settings,
            http,
            keyed,
            pace,
        })
    }

    /// Looks at one source and takes what is new. `now` is written down as when.
    pub async fn fetch(
        &self,
        source: &SourceInfo,
        keep: &Keep,
        now: Timestamp,
        progress: &dyn Progress,
        cancel: &CancellationToken,
    ) -> Result<FetchReport, KeepError> {
        let mut visit = Visit {
            fetcher: self,
            source,
            folder: keep.hold(&source.id)?,
            now,
            progress,
            cancel,
            report: FetchReport::default(),
            in_vain: 0,
        };
        visit.begin()?;
        match Box::pin(visit.look()).await {
            Ok(()) => {}
            Err(Stop::Cancelled) => visit.report.cancelled = true,
            Err(Stop::Keep(error)) => return Err(error),
        }
        visit.end()
    }
}

impl Visit<'_> {
    fn begin(&mut self) -> Result<(), KeepError> {
        let state = &mut self.folder.state;
        state.last_attempt = Some(self.now);
        state.troubles.clear();
        state.trouble_count = 0;
        self.folder.save()
    }

    async fn look(&mut self) -> Result<(), Stop> {
        match &self.source.fetch {
            FetchPlan::Offline {} => Ok(()),
            FetchPlan::JsonPages {
                path,
                per_page,
                first_load,
            } => self.pages(path, *per_page, first_load.as_ref()).await,
            FetchPlan::DirectoryIndex { .. } => self.directory().await,
            FetchPlan::RpmRepository { repositories } => self.repositories(repositories).await,
            plan => {
                let wanted = plan::documents(self.source, plan, self.now);
                self.documents(&wanted).await
            }
        }
    }

    fn end(mut self) -> Result<FetchReport, KeepError> {
        let offline = matches!(self.source.fetch, FetchPlan::Offline {});
        if self.report.is_complete() && !offline {
            self.folder.state.last_success = Some(self.now);
        }
        self.folder.save()?;
        self.report.troubles.clone_from(&self.folder.state.troubles);
        let step = match (&self.report.cancelled, self.report.trouble_count) {
            (true, _) => Step::Cancelled,
            (false, 0) => Step::Done,
            (false, _) => Step::Failed,
        };
        self.tell("", 0, None, step);
        Ok(self.report)
    }

    /// Writes down what went wrong with a document. The others are still looked at.
    pub(crate) fn trouble(&mut self, document: &str, what: impl Into<String>) {
        let what = what.into();
        tracing::warn!(feed.source = %self.source.id, feed.document = document, "{what}");
        self.report.trouble_count += 1;
        self.folder.state.trouble(document, what);
    }

    /// Whether it is no use to ask this publisher for more now. Then that is written down.
    pub(crate) fn gives_up(&mut self, left: usize) -> bool {
        if self.in_vain < MOST_IN_VAIN {
            return false;
        }
        if left > 0 {
            let what = format!(
                "{} documents in a row could not be had, so the {left} that are left wait for the next turn; what is known is kept",
                self.in_vain
            );
            self.trouble("", what);
        }
        true
    }

    pub(crate) fn tell(&self, document: &str, bytes: u64, of: Option<u64>, step: Step) {
        self.progress.event(Event {
            source: &self.source.id,
            document,
            bytes,
            of,
            step,
        });
    }

    pub(crate) fn check_cancelled(&self) -> Result<(), Stop> {
        if self.cancel.is_cancelled() {
            Err(Stop::Cancelled)
        } else {
            Ok(())
        }
    }
}
