//! Delivers the reports of a run: at once while the API answers, later when it does not.
//!
//! Reports that cannot be delivered are kept in memory up to a bound and tried again until patience
//! ends. What is lost then is said plainly, host by host.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use luumen_api::agent::Report;
use luumen_client::{ApiError, Told};
use luumen_model::HostId;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};

use crate::{errors::chain, plan::HostRef, round::Teller};

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Sent {
        sections: usize,
        bytes: usize,
    },
    /// The API did not answer; the report waits in memory.
    Held,
    /// It waited in vain, or there was no room to let it wait.
    Lost,
    /// The API does not want it, with its code; asking again would not help.
    Refused {
        code: String,
        auth: bool,
    },
}

/// How long reports may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Between two rounds of trying.
    pub(crate) pause: Duration,
    /// In all, after the last visit.
    pub(crate) most: Duration,
    /// In all, once the run is cancelled.
    pub(crate) after_cancel: Duration,
    /// Most bytes of reports in memory.
    pub(crate) most_bytes: usize,
}

impl Patience {
    /// For a run at whose beginning the API did not answer either.
    pub(crate) const SHORT: Self = Self {
        pause: Duration::from_secs(5),
        most: Duration::from_secs(15),
        after_cancel: Duration::from_secs(10),
        most_bytes: 256 * 1024 * 1024,
    };
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            most: Duration::from_secs(120),
            ..Self::SHORT
        }
    }
}

/// The post office of one run.
pub(crate) struct Mail<T> {
    teller: T,
    patience: Patience,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// Set when the API did not answer, so that not every visit waits for its own retries.
    quiet_until: Option<Instant>,
    bytes: usize,
    reports: Vec<(HostRef, Report)>,
}

impl<T: Teller> Mail<T> {
    pub(crate) fn new(teller: T, patience: Patience) -> Self {
        Self {
            teller,
            patience,
            held: Mutex::default(),
        }
    }

    /// Delivers one report, or lets it wait.
    pub(crate) async fn tell(&self, host: &HostRef, report: &Report, cancel: &CancellationToken) -> Delivery {
        if self
            .lock()
            .quiet_until
            .is_some_and(|until| Instant::now() < until)
        {
            return self.hold(host, report);
        }
        let told = tokio::select! {
            told = self.teller.tell(host.id, report) => told,
            () = grace(cancel, self.patience.after_cancel) => return self.hold(host, report),
        };
        match told {
            Ok(told) => sent(host, &told),
            Err(error) if error.is_try_later() => {
                let quiet_until = Instant::now() + 3 * self.patience.pause;
                if self.lock().quiet_until.replace(quiet_until).is_none() {
                    warn!(
                        code = error.code(),
                        "The API does not answer; reports wait in memory: {}",
                        chain(&error)
                    );
                }
                self.hold(host, report)
            }
            Err(error) => refused(host, &error),
        }
    }

    /// Tries the waiting reports until all are delivered or patience ends; says what became of each. One that the API
    /// cannot take just now goes behind the others, so that it keeps none of them from being delivered.
    pub(crate) async fn deliver_held(&self, cancel: &CancellationToken) -> BTreeMap<HostId, Delivery> {
        let mut ends = Instant::now() + self.patience.most;
        let mut outcome = BTreeMap::new();
        let mut waiting = VecDeque::from(std::mem::take(&mut self.lock().reports));
        let mut in_vain = 0;
        while let Some((host, report)) = waiting.pop_back() {
            if cancel.is_cancelled() {
                ends = ends.min(Instant::now() + self.patience.after_cancel);
            }
            let until = turn(ends, waiting.len());
            match tokio::time::timeout_at(until, self.teller.tell(host.id, &report)).await {
                Ok(Ok(told)) => {
                    outcome.insert(host.id, sent(&host, &told));
                    in_vain = 0;
                    continue;
                }
                Ok(Err(error)) if !error.is_try_later() => {
                    outcome.insert(host.id, refused(&host, &error));
                    continue;
                }
                Ok(Err(error)) => {
                    debug!(host.id = %host.id, code = error.code(), "The API does not take the report of {} yet", host.name);
                }
                Err(_) => debug!(host.id = %host.id, "The API hangs over the report of {}", host.name),
            }
            waiting.push_front((host, report));
            in_vain += 1;
            if in_vain >= waiting.len() {
                if Instant::now() + self.patience.pause >= ends {
                    break;
                }
                in_vain = 0;
                tokio::select! {
                    () = sleep(self.patience.pause) => {}
                    // Not waiting any longer, but one more try each is worth it.
                    () = cancel.cancelled(), if !cancel.is_cancelled() => {}
                }
            }
            if Instant::now() >= ends {
                break;
            }
        }
        for (host, _) in waiting {
            error!(host.id = %host.id, "The report of {} is lost: the API did not answer in time", host.name);
            outcome.insert(host.id, Delivery::Lost);
        }
        outcome
    }

    fn hold(&self, host: &HostRef, report: &Report) -> Delivery {
        let bytes = serde_json::to_vec(report).map_or(0, |json| json.len());
        let mut held = self.lock();
        if held.bytes + bytes > self.patience.most_bytes {
            error!(host.id = %host.id, "The report of {} is lost: too many reports wait for the API", host.name);
            return Delivery::Lost;
        }
        held.bytes += bytes;
        held.reports.push((host.clone(), report.clone()));
        Delivery::Held
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // A panic elsewhere cannot leave this half changed.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until when one report may be told: while others wait, never longer than half of what is left for all.
fn turn(ends: Instant, others: usize) -> Instant {
    if others == 0 {
        return ends;
    }
    let now = Instant::now();
    now + ends.saturating_duration_since(now) / 2
}

/// Ends some time after the run is cancelled: an API that hangs must not hold up the end for minutes.
async fn grace(cancel: &CancellationToken, after_cancel: Duration) {
    cancel.cancelled().await;
    sleep(after_cancel).await;
}

fn sent(host: &HostRef, told: &Told) -> Delivery {
    debug!(host.id = %host.id, sections = told.sections_sent, body_bytes = told.body_bytes, "Reported {}", host.name);
    Delivery::Sent {
        sections: told.sections_sent,
        bytes: told.body_bytes,
    }
}

fn refused(host: &HostRef, error: &ApiError) -> Delivery {
    error!(
        host.id = %host.id, code = error.code(),
        "The report of {} was refused: {}. {}", host.name, chain(error), error.next_step()
    );
    Delivery::Refused {
        code: error.code().to_owned(),
        auth: error.is_auth(),
    }
}
