//! One run over all planned hosts: many at once, none in another's way, each with a result.
//!
//! It knows neither SSH nor HTTP: a [`Visitor`] looks and a [`Teller`] tells, so that tests can play
//! hosts that hang, lie or die.

use std::{collections::BTreeSet, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::FutureExt as _;
use luumen_api::agent::Report;
use luumen_client::{ApiError, Told};
use luumen_model::{HostId, Outcome, SectionKind, Snapshot, Timestamp, VisitError};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    door::{Door, Turn},
    errors::{self, visit_error},
    mail::{Delivery, Mail},
    plan::{HostRef, Planned, Visit},
};

/// What a visit brought home.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    pub(crate) snapshot: Snapshot,
    /// Sections that the host did not answer again, because what decides their answers has not changed.
    pub(crate) unchanged: BTreeSet<SectionKind>,
}

/// Looks at one host.
#[async_trait]
pub(crate) trait Visitor: Send + Sync + 'static {
    /// Enters by `turn` right before the login and tells it how that went as soon as it knows. Stops soon after `cancel`.
    async fn visit(
        &self,
        visit: &Visit,
        turn: &Arc<Turn>,
        cancel: &CancellationToken,
    ) -> Result<Sight, VisitError>;
}

/// Tells how a visit went.
#[async_trait]
pub(crate) trait Teller: Send + Sync + 'static {
    async fn tell(&self, host: HostId, report: &Report) -> Result<Told, ApiError>;
}

/// The bounds of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) concurrency: usize,
    pub(crate) per_host_timeout: Duration,
    /// After a cancel, for visits under way to hand over what they have.
    pub(crate) farewell: Duration,
    pub(crate) login_guard_failures: usize,
}

/// How one host ended the run.
#[derive(Clone, Debug)]
pub(crate) struct HostResult {
    pub(crate) host: HostRef,
    pub(crate) report: Report,
    pub(crate) unchanged: BTreeSet<SectionKind>,
    pub(crate) delivery: Delivery,
}

/// A visit's report, the sections that were spared, and the place among the visits under way that it took.
struct Visited<'a> {
    report: Report,
    unchanged: BTreeSet<SectionKind>,
    _place: Option<SemaphorePermit<'a>>,
}

impl Visited<'_> {
    fn without(outcome: Outcome, error: VisitError, at: Timestamp) -> Self {
        Self {
            report: without_snapshot(outcome, error, at, 0),
            unchanged: BTreeSet::new(),
            _place: None,
        }
    }
}

/// Everything a run needs.
pub(crate) struct Round<V, T> {
    pub(crate) visitor: V,
    pub(crate) mail: Mail<T>,
    pub(crate) bounds: Bounds,
    pub(crate) now: fn() -> Timestamp,
    pub(crate) cancel: CancellationToken,
}

struct Run<V, T> {
    round: Round<V, T>,
    places: Semaphore,
    door: Arc<Door>,
}

impl<V: Visitor, T: Teller> Round<V, T> {
    /// Visits and tells. Every planned host is in the result, in the order of the plan.
    pub(crate) async fn go(self, planned: Vec<Planned>) -> Vec<HostResult> {
        let run = Arc::new(Run {
            places: Semaphore::new(self.bounds.concurrency.max(1)),
            door: Door::new(self.bounds.login_guard_failures),
            round: self,
        });
        let mut tasks = JoinSet::new();
        for (index, planned) in planned.into_iter().enumerate() {
            let run = Arc::clone(&run);
            tasks.spawn(async move { (index, run.one(planned).await) });
        }
        // A task cannot panic: its visit is caught inside. Should one, its host alone is missing.
        let mut results: Vec<(usize, HostResult)> = Vec::new();
        while let Some(joined) = tasks.join_next().await {
            match joined {
                Ok(result) => results.push(result),
                Err(error) => warn!("A visit ended without a result: {error}"),
            }
        }
        results.sort_by_key(|(index, _)| *index);
        let mut results: Vec<HostResult> = results.into_iter().map(|(_, result)| result).collect();
        let delivered = run.round.mail.deliver_held(&run.round.cancel).await;
        for result in &mut results {
            if let Some(delivery) = delivered.get(&result.host.id) {
                result.delivery = delivery.clone();
            }
        }
        results
    }
}

impl<V: Visitor, T: Teller> Run<V, T> {
    async fn one(&self, planned: Planned) -> HostResult {
        let host = planned.host().clone();
        let visited = match planned {
            Planned::Not { error, .. } => Visited::without(Outcome::Skipped, error, (self.round.now)()),
            Planned::Visit(visit) => self.visit(&visit).await,
        };
        log(&host, &visited.report, visited.unchanged.len());
        // The place is kept while telling: a slow API slows the run down instead of filling the memory.
        let delivery = self
            .round
            .mail
            .tell(&host, &visited.report, &self.round.cancel)
            .await;
        HostResult {
            host,
            report: without_data(visited.report),
            unchanged: visited.unchanged,
            delivery,
        }
    }

    async fn visit(&self, visit: &Visit) -> Visited<'_> {
        let cancel = &self.round.cancel;
        let skipped = |error| Visited::without(Outcome::Skipped, error, (self.round.now)());
        let cancelled = || visit_error(errors::CANCELLED, "the run was cancelled before this host's turn");
        let place = tokio::select! {
            biased;
            () = cancel.cancelled() => return skipped(cancelled()),
            place = self.places.acquire() => place.ok(),
        };
        let turn = self.door.turn(&visit.account, &visit.host.address);
        if let Some(why) = turn.is_closed() {
            return skipped(visit_error(errors::LOGIN_GUARD, why));
        }
        let began = (self.round.now)();
        let seen = self.look(visit, &turn).await;
        if let (Err(error), Some(_)) = (&seen, turn.refused()) {
            return skipped(error.clone());
        }
        let duration_ms = (self.round.now)().millis_since(began).max(0);
        let (seen, unchanged) = match seen {
            Ok(sight) => (Ok(sight.snapshot), sight.unchanged),
            Err(error) => (Err(error), BTreeSet::new()),
        };
        Visited {
            report: report_of(seen, began, duration_ms),
            unchanged,
            _place: place,
        }
    }

    /// The visit within its bounds; a panic in it is its own matter.
    async fn look(&self, visit: &Visit, turn: &Arc<Turn>) -> Result<Sight, VisitError> {
        let Bounds {
            per_host_timeout,
            farewell,
            ..
        } = self.round.bounds;
        let cancel = &self.round.cancel;
        let mut looking = std::pin::pin!(timeout(
            per_host_timeout,
            AssertUnwindSafe(self.round.visitor.visit(visit, turn, cancel)).catch_unwind()
        ));
        let ended = tokio::select! {
            ended = &mut looking => ended,
            () = cancel.cancelled() => match timeout(farewell, looking).await {
                Ok(ended) => ended,
                Err(_) => return Err(visit_error(errors::CANCELLED, "the run was cancelled during this visit")),
            },
        };
        match ended {
            Ok(Ok(seen)) => seen,
            Ok(Err(_panic)) => Err(visit_error(errors::INTERNAL, "the visit ended in a panic")),
            Err(_) => {
                let message = format!(
                    "{} took longer than {} s",
                    visit.host.place(),
                    per_host_timeout.as_secs()
                );
                Err(visit_error(errors::TIMEOUT, message))
            }
        }
    }
}

fn report_of(seen: Result<Snapshot, VisitError>, visited_at: Timestamp, duration_ms: i64) -> Report {
    match seen {
        Ok(snapshot) => {
            let outcome = if snapshot.is_complete() {
                Outcome::Complete
            } else {
                Outcome::Partial
            };
            Report {
                outcome,
                visited_at,
                duration_ms,
                error: None,
                snapshot: Some(snapshot),
            }
        }
        Err(error) => without_snapshot(Outcome::Failed, error, visited_at, duration_ms),
    }
}

fn without_snapshot(outcome: Outcome, error: VisitError, visited_at: Timestamp, duration_ms: i64) -> Report {
    Report {
        outcome,
        visited_at,
        duration_ms,
        error: Some(error),
        snapshot: None,
    }
}

/// Results outlive the run for output only; the facts themselves would fill the memory.
fn without_data(mut report: Report) -> Report {
    for record in report
        .snapshot
        .iter_mut()
        .flat_map(|snapshot| snapshot.sections.values_mut())
    {
        record.data = None;
    }
    report
}

fn log(host: &HostRef, report: &Report, unchanged: usize) {
    match (&report.snapshot, &report.error) {
        (Some(snapshot), _) => {
            let sections = snapshot.sections.len();
            let complete = snapshot
                .sections
                .values()
                .filter(|record| record.status.is_complete())
                .count();
            info!(
                host.id = %host.id, duration_ms = report.duration_ms, unchanged,
                "Visited {}: {complete} of {sections} sections complete, {unchanged} unchanged", host.name
            );
        }
        (None, Some(error)) => {
            let verb = if report.outcome == Outcome::Skipped {
                "Skipped"
            } else {
                "Could not visit"
            };
            warn!(
                host.id = %host.id, code = error.code, duration_ms = report.duration_ms,
                "{verb} {} ({}): {}. {}", host.name, error.code, error.message, error.next_step
            );
        }
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests;
