//! Taking in what an agent saw: one transaction a report, each run and host once.

mod current;
mod history;
mod ingest;

use ingest::Taken;
use luumen_model::{
    ContentHash, HostId, Outcome, RunId, SectionKind, Snapshot, SnapshotId, Timestamp, VisitError,
    WorkspaceId,
};
use sea_orm::ConnectionTrait;

use crate::{Store, StoreError, store::AsTransient};

/// How a visit ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub outcome: Outcome,
    pub visited_at: Timestamp,
    pub duration_ms: i64,
    pub error: Option<VisitError>,
    /// Sections whose hash the store knows may come without data.
    pub snapshot: Option<Snapshot>,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub snapshot_id: Option<SnapshotId>,
    /// This run and host were reported before; nothing was changed.
    pub repeated: bool,
}

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The facts of a section are not the ones its hash was made of.
    #[error("the facts of section {section} do not have the hash that the report says")]
    HashMismatch { section: SectionKind },
    /// Facts by hash only, and the store does not have them.
    #[error("the report names {} sections that are not stored yet", hashes.len())]
    MissingSections { hashes: Vec<ContentHash> },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AsTransient for ReportError {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}

impl From<sea_orm::DbErr> for ReportError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

/// Which of these hashes the workspace does not have, in the order asked.
pub async fn missing_hashes(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    hashes: &[ContentHash],
) -> Result<Vec<ContentHash>, StoreError> {
    crate::content::missing(db, workspace, hashes).await
}

/// Takes in a report: once, whoever sends it how often, and all of it or nothing. `received_at` is now.
///
/// A report that is older than what is known (from an agent's spool) goes into the history and leaves the
/// current state alone.
pub async fn store_report(
    store: &Store,
    workspace: WorkspaceId,
    run: RunId,
    host: HostId,
    report: &Report,
    received_at: Timestamp,
) -> Result<Stored, ReportError> {
    let snapshot = report.snapshot.as_ref().map(check).transpose()?;
    let taken = Taken {
        workspace,
        run,
        host,
        report,
        snapshot,
        received_at,
    };
    let stored = crate::transaction!(store, ReportError, |db| taken.store(db))?;
    if taken.snapshot.is_some() && !stored.repeated {
        signal(store, workspace, host, received_at).await;
    }
    Ok(stored)
}

/// Asks for an assessment if the host is not judged by what it has now. Outside of the report's transaction, so that reports never
/// wait for each other here; a signal that is lost costs minutes, because workspaces are looked at without one too.
async fn signal(store: &Store, workspace: WorkspaceId, host: HostId, now: Timestamp) {
    let asked = async {
        if crate::assessments::is_judged(store.read(), workspace, host).await? {
            return Ok(());
        }
        let kind = crate::jobs::JobKind::AssessHosts;
        crate::jobs::hint(store.writer(), workspace, kind, now, now).await?;
        Ok::<_, StoreError>(())
    };
    if let Err(error) = asked.await {
        tracing::warn!(host.id = %host, error.cause = %error, "Could not ask for an assessment; it comes a few minutes later");
    }
}

/// The snapshot with every hash checked against its facts, and made where it was left out.
fn check(snapshot: &Snapshot) -> Result<Snapshot, ReportError> {
    let mut snapshot = snapshot.clone();
    for (kind, record) in &mut snapshot.sections {
        let Some(data) = &record.data else { continue };
        let hash = ContentHash::of(data);
        if record.hash.as_ref().is_some_and(|said| *said != hash) {
            return Err(ReportError::HashMismatch { section: *kind });
        }
        record.hash = Some(hash);
    }
    let vitals = snapshot.sections.get(&SectionKind::Vitals);
    match vitals.and_then(|vitals| vitals.hash.as_ref().filter(|_| vitals.data.is_none())) {
        // Vitals differ with every visit and are not kept by hash.
        Some(hash) => Err(ReportError::MissingSections {
            hashes: vec![hash.clone()],
        }),
        None => Ok(snapshot),
    }
}
