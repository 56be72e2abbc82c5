//! One report, inside its transaction.
//!
//! Locks are always taken in this order, so that two reports never wait for each other: the host, the
//! workspace's content counter (only for new content), the agent, the run.

use std::collections::HashMap;

use luumen_model::{
    HostId, Outcome, RunId, SectionKind, SectionStatus, Snapshot, SnapshotId, Timestamp, WorkspaceId,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType},
};
use serde_json::Value;

use super::{Report, ReportError, Stored, current, history};
use crate::{
    StoreError, Thing, codec,
    content::{self, Counter, Detail, SectionSet, StoredSection},
    entity::{host, run, visit},
    ids,
};

/// A checked report, ready to be stored.
pub(super) struct Taken<'a> {
    pub workspace: WorkspaceId,
    pub run: RunId,
    pub host: HostId,
    pub report: &'a Report,
    /// With every hash checked.
    pub snapshot: Option<Snapshot>,
    pub received_at: Timestamp,
}

/// A snapshot whose sections have their places.
pub(super) struct Placed<'a> {
    pub snapshot: &'a Snapshot,
    pub id: SnapshotId,
    /// When it counts as taken: a clock that runs ahead cannot claim the future.
    pub seen_at: Timestamp,
    pub set_id: i64,
    pub set: SectionSet,
}

impl Taken<'_> {
    pub(super) async fn store(&self, db: &impl ConnectionTrait) -> Result<Stored, ReportError> {
        let before = self.lock_host(db).await?;
        if let Some(stored) = self.stored_before(db).await? {
            return Ok(stored);
        }
        let run = run::Entity::find_by_id((self.workspace.0, self.run.0))
            .one(db)
            .await?;
        let run = run.ok_or(StoreError::NotFound(Thing::Run))?;
        let snapshot = match &self.snapshot {
            Some(snapshot) => Some(self.resolve_unchanged(db, snapshot, &before).await?),
            None => None,
        };
        let placed = match &snapshot {
            Some(snapshot) => Some(self.place(db, snapshot).await?),
            None => None,
        };
        let outcome = self.outcome(snapshot.as_ref());
        let changed = match &placed {
            Some(placed) => history::changed_sections(db, self.workspace, &before, placed).await?,
            None => Vec::new(),
        };
        self.insert_visit(db, outcome, placed.as_ref(), &changed).await?;
        let agent = run.agent_id.into();
        let stale_after_ms = crate::agents::stale_after_ms(db, self.workspace, agent).await?;
        let teller = current::Teller {
            agent,
            stale_after_ms,
        };
        current::update(db, self, outcome, &before, placed.as_ref(), &changed, teller).await?;
        crate::agents::seen(db, self.workspace, agent, self.received_at).await?;
        self.count(db, outcome).await?;
        Ok(Stored {
            snapshot_id: placed.map(|placed| placed.id),
            repeated: false,
        })
    }

    /// The host as it was; others who report on it wait.
    async fn lock_host(&self, db: &impl ConnectionTrait) -> Result<host::Model, StoreError> {
        let row = host::Entity::find_by_id((self.workspace.0, self.host.0))
            .lock(LockType::Update)
            .one(db)
            .await?;
        row.ok_or(StoreError::NotFound(Thing::Host))
    }

    async fn stored_before(&self, db: &impl ConnectionTrait) -> Result<Option<Stored>, StoreError> {
        let row = visit::Entity::find_by_id((self.workspace.0, self.run.0, self.host.0))
            .one(db)
            .await?;
        Ok(row.map(|row| Stored {
            snapshot_id: row.snapshot_id.map(SnapshotId),
            repeated: true,
        }))
    }

    /// "Unchanged" is as complete as what it is unchanged from. A status we cannot look up is not "ok".
    async fn resolve_unchanged(
        &self,
        db: &impl ConnectionTrait,
        snapshot: &Snapshot,
        before: &host::Model,
    ) -> Result<Snapshot, StoreError> {
        let mut snapshot = snapshot.clone();
        let is_unchanged = |status| status == SectionStatus::Unchanged;
        if !snapshot
            .sections
            .values()
            .any(|record| is_unchanged(record.status))
        {
            return Ok(snapshot);
        }
        let known = match before.section_set_id {
            Some(id) => content::load_set(db, self.workspace, id).await?,
            None => SectionSet::new(),
        };
        for (kind, record) in &mut snapshot.sections {
            if !is_unchanged(record.status) {
                continue;
            }
            match known.get(kind).filter(|known| known.hash == record.hash) {
                Some(known) => {
                    record.status = known.status;
                    record.problems.clone_from(&known.problems);
                    record.missing_rights.clone_from(&known.missing_rights);
                }
                None => record.status = SectionStatus::Partial,
            }
        }
        Ok(snapshot)
    }

    /// Finds or makes the section set of a snapshot.
    async fn place<'s>(
        &self,
        db: &impl ConnectionTrait,
        snapshot: &'s Snapshot,
    ) -> Result<Placed<'s>, ReportError> {
        let sections = || {
            let sections = snapshot.sections.iter();
            sections.filter(|(kind, _)| **kind != SectionKind::Vitals)
        };
        let set: SectionSet = sections()
            .map(|(kind, record)| (*kind, StoredSection::of(record)))
            .collect();
        let (set_id, set) = match content::find_set(db, self.workspace, &set).await? {
            Some(known) => known,
            None => {
                let data = sections().filter_map(|(kind, record)| Some((*kind, record.data.as_ref()?)));
                self.place_new(db, set, &data.collect()).await?
            }
        };
        let seen_at = snapshot.taken_at.min(self.received_at);
        Ok(Placed {
            snapshot,
            id: SnapshotId(ids::new_id(seen_at)),
            seen_at,
            set_id,
            set,
        })
    }

    async fn place_new(
        &self,
        db: &impl ConnectionTrait,
        mut set: SectionSet,
        data: &HashMap<SectionKind, &Value>,
    ) -> Result<(i64, SectionSet), ReportError> {
        let mut counter = Counter::take(db, self.workspace).await?;
        // Another host may have brought the same while we waited.
        if let Some(known) = content::find_set(db, self.workspace, &set).await? {
            return Ok(known);
        }
        let missing = content::insert_blobs(db, self.workspace, &mut counter, &mut set, data).await?;
        if !missing.is_empty() {
            return Err(ReportError::MissingSections { hashes: missing });
        }
        let id = content::insert_set(db, self.workspace, &mut counter, &set).await?;
        counter.put_back(db, self.workspace).await?;
        Ok((id, set))
    }

    /// A snapshot with a gap is partial, whatever the report calls it.
    fn outcome(&self, snapshot: Option<&Snapshot>) -> Outcome {
        match (self.report.outcome, snapshot) {
            (Outcome::Complete, Some(snapshot)) if !snapshot.is_complete() => Outcome::Partial,
            (outcome, _) => outcome,
        }
    }

    async fn insert_visit(
        &self,
        db: &impl ConnectionTrait,
        outcome: Outcome,
        placed: Option<&Placed<'_>>,
        changed: &[SectionKind],
    ) -> Result<(), StoreError> {
        let packages = placed.and_then(|placed| placed.set.get(&SectionKind::Packages));
        let row = visit::ActiveModel {
            workspace_id: Set(self.workspace.0),
            run_id: Set(self.run.0),
            host_id: Set(self.host.0),
            outcome: Set(codec::word(&outcome)),
            visited_at_ms: Set(self.report.visited_at.as_millis()),
            received_at_ms: Set(self.received_at.as_millis()),
            duration_ms: Set(self.report.duration_ms),
            error: Set(self.error_text()?),
            snapshot_id: Set(placed.map(|placed| placed.id.0)),
            section_set_id: Set(placed.map(|placed| placed.set_id)),
            package_count: Set(packages.and_then(|packages| packages.package_count)),
            changed_sections: Set((!changed.is_empty()).then(|| codec::write_kinds(changed))),
            detail: Set(placed
                .map(|placed| Detail::of(placed.snapshot).write())
                .transpose()?),
        };
        visit::Entity::insert(row).exec_without_returning(db).await?;
        Ok(())
    }

    pub(super) fn error_text(&self) -> Result<Option<String>, StoreError> {
        let text = self.report.error.as_ref().map(serde_json::to_string).transpose();
        text.map_err(|source| StoreError::corrupt_by("visit error", source))
    }

    async fn count(&self, db: &impl ConnectionTrait, outcome: Outcome) -> Result<(), StoreError> {
        let column = match outcome {
            Outcome::Complete => run::Column::CompleteCount,
            Outcome::Partial => run::Column::PartialCount,
            Outcome::Failed => run::Column::FailedCount,
            Outcome::Skipped => run::Column::SkippedCount,
        };
        run::Entity::update_many()
            .col_expr(column, Expr::col(column).add(1))
            .filter(run::Column::WorkspaceId.eq(self.workspace.0))
            .filter(run::Column::Id.eq(self.run.0))
            .exec(db)
            .await?;
        Ok(())
    }
}
