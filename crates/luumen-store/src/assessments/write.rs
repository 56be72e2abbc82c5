//! Writing down what an assessment found: few statements, many rows each, in the transaction that is handed in.

use luumen_model::{Timestamp, WorkspaceId};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, Iterable, PrimaryKeyTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, OnConflict, Query},
};

use super::{
    AssessmentState, Changes, Excepted, Facts, HostClass, JudgedCell, JudgedEvent, JudgedFinding, JudgedHost,
    KeptChange,
};
use crate::{
    AsTransient, StoreError, codec,
    entity::{
        assessed_host, assessment, finding, finding_day, finding_event, finding_host_set, host_class,
        judged_cell, workspace,
    },
    findings::{DAY_MS, FindingEventKind, INFORMATION, SEVERITIES, priority, severity_from},
    ids::new_id,
};

/// Values that one statement binds at most; SQLite allows 32,766.
const MOST_VALUES: usize = 30_000;

/// Why an assessment was not written down.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Another one was written since this one began: begin anew.
    #[error("the workspace was assessed by another worker in the meantime")]
    Overtaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AsTransient for ApplyError {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}

impl From<sea_orm::DbErr> for ApplyError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

/// Writes the changes, or nothing: call it inside a transaction. Readers see the workspace before or after it.
pub async fn apply(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    changes: &Changes,
    now: Timestamp,
) -> Result<(), ApplyError> {
    lock(db, workspace, changes.generation).await?;
    put_state(db, workspace, &changes.state, changes.generation + 1, now).await?;
    put_cells(db, workspace, &changes.cells).await?;
    put_classes(db, workspace, &changes.classes).await?;
    put_hosts(db, workspace, &changes.hosts, now).await?;
    for chunk in changes.gone.chunks(1000) {
        assessed_host::Entity::delete_many()
            .filter(assessed_host::Column::WorkspaceId.eq(workspace.0))
            .filter(assessed_host::Column::HostId.is_in(chunk.iter().map(|host| host.0)))
            .exec(db)
            .await?;
    }
    put_findings(db, workspace, &changes.findings).await?;
    put_kept(db, workspace, &changes.kept).await?;
    for (id, facts) in &changes.facts {
        put_facts(db, workspace, *id, facts).await?;
    }
    for excepted in &changes.excepted {
        put_excepted(db, workspace, excepted).await?;
    }
    put_events(db, workspace, &changes.events, now).await?;
    super::remove_marks(db, workspace, &changes.marks).await?;
    if !changes.is_empty() {
        put_day(db, workspace, &changes.events, now).await?;
    }
    // A class loses its last host only when a host moves or goes.
    if !changes.hosts.is_empty() || !changes.gone.is_empty() {
        super::prune::drop_empty_classes(db, workspace).await?;
    }
    Ok(())
}

async fn lock(db: &impl ConnectionTrait, workspace: WorkspaceId, generation: i64) -> Result<(), ApplyError> {
    let known = workspace::Entity::find_by_id(workspace.0)
        .lock(LockType::KeyShare)
        .one(db)
        .await?;
    if known.is_none() {
        return Err(StoreError::NotFound(crate::Thing::Workspace).into());
    }
    // Two first ones meet in the row that is made here.
    let first = assessment::ActiveModel {
        workspace_id: Set(workspace.0),
        generation: Set(0),
        last_number: Set(0),
        last_class_id: Set(0),
        last_finding_id: Set(0),
        ..Default::default()
    };
    let there = OnConflict::column(assessment::Column::WorkspaceId)
        .do_nothing()
        .to_owned();
    assessment::Entity::insert(first)
        .on_conflict(there)
        .exec_without_returning(db)
        .await?;
    let row = assessment::Entity::find_by_id(workspace.0)
        .lock(LockType::Update)
        .one(db)
        .await?;
    if row.map_or(0, |row| row.generation) != generation {
        return Err(ApplyError::Overtaken);
    }
    Ok(())
}

async fn put_state(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    state: &AssessmentState,
    generation: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = assessment::ActiveModel {
        workspace_id: Set(workspace.0),
        generation: Set(generation),
        assessed_at_ms: Set(Some(now.as_millis())),
        catalogue: Set(state.catalogue.clone()),
        catalogue_at_ms: Set(state.catalogue_at.map(Timestamp::as_millis)),
        last_number: Set(state.last_number),
        last_class_id: Set(state.last_class_id),
        last_finding_id: Set(state.last_finding_id),
        said: Set(state.said.as_deref().map(codec::pack_bytes).transpose()?),
    };
    upsert(db, vec![row]).await
}

/// Rows by their key: new ones are inserted, known ones written anew.
async fn upsert<A>(db: &impl ConnectionTrait, rows: Vec<A>) -> Result<(), StoreError>
where
    A: sea_orm::ActiveModelTrait + Send,
{
    let columns = <A::Entity as EntityTrait>::Column::iter().count();
    let key: Vec<_> = <A::Entity as EntityTrait>::PrimaryKey::iter()
        .map(sea_orm::PrimaryKeyToColumn::into_column)
        .collect();
    let names: Vec<String> = key
        .iter()
        .map(sea_orm::IdenStatic::as_str)
        .map(str::to_owned)
        .collect();
    let rest = <A::Entity as EntityTrait>::Column::iter().filter(|column| {
        !names
            .iter()
            .any(|name| name == sea_orm::IdenStatic::as_str(column))
    });
    debug_assert!(!<A::Entity as EntityTrait>::PrimaryKey::auto_increment());
    let known = OnConflict::columns(key).update_columns(rest).to_owned();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<A> = rows.by_ref().take(MOST_VALUES / columns).collect();
        <A::Entity as EntityTrait>::insert_many(some)
            .on_conflict(known.clone())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

async fn put_classes(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    classes: &[HostClass],
) -> Result<(), StoreError> {
    let rows = classes.iter().map(|class| host_class::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(class.id),
        platform: Set(class.platform.clone()),
        package_set_id: Set(class.package_set),
        kernel: Set(class.kernel.clone()),
        python_blob_id: Set(class.python_blob),
        applications_blob_id: Set(class.applications_blob),
        cells: Set(class.cells.bytes()),
    });
    upsert(db, rows.collect()).await
}

async fn put_cells(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    cells: &[JudgedCell],
) -> Result<(), StoreError> {
    let rows = cells.iter().map(|cell| judged_cell::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(cell.id),
        source: Set(cell.source.clone()),
        mark: Set(cell.mark.cast_signed()),
        findings: Set(codec::write_ids(&cell.findings)),
        information: Set(cell.information),
    });
    upsert(db, rows.collect()).await
}

async fn put_hosts(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    hosts: &[JudgedHost],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(hosts.len());
    for host in hosts {
        let not_evaluated = match host.not_evaluated.is_empty() {
            true => None,
            false => Some(
                serde_json::to_string(&host.not_evaluated)
                    .map_err(|source| StoreError::corrupt_by("assessment", source))?,
            ),
        };
        rows.push(assessed_host::ActiveModel {
            workspace_id: Set(workspace.0),
            host_id: Set(host.id.0),
            number: Set(i64::from(host.number)),
            class_id: Set(host.class),
            input: Set(host.input.clone()),
            platform: Set(host.platform.clone()),
            not_evaluated: Set(not_evaluated),
            kept: Set((!host.kept.is_empty()).then(|| codec::write_ids(&host.kept))),
            assessed_at_ms: Set(now.as_millis()),
        });
    }
    upsert(db, rows).await
}

/// What hosts keep although it cannot be judged, where nothing else of the host changed.
async fn put_kept(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    kept: &[KeptChange],
) -> Result<(), StoreError> {
    for change in kept {
        let row = assessed_host::Entity::find()
            .filter(assessed_host::Column::WorkspaceId.eq(workspace.0))
            .filter(assessed_host::Column::Number.eq(i64::from(change.number)))
            .one(db)
            .await?;
        let Some(row) = row else { continue };
        let before = row.kept.as_deref().map(codec::read_ids).transpose()?;
        let mut ids: std::collections::BTreeSet<i64> = before.unwrap_or_default().into_iter().collect();
        ids.extend(&change.added);
        change.removed.iter().for_each(|id| {
            ids.remove(id);
        });
        let ids: Vec<i64> = ids.into_iter().collect();
        let row = assessed_host::ActiveModel {
            workspace_id: Unchanged(workspace.0),
            host_id: Unchanged(row.host_id),
            kept: Set((!ids.is_empty()).then(|| codec::write_ids(&ids))),
            ..Default::default()
        };
        assessed_host::Entity::update(row).exec(db).await?;
    }
    Ok(())
}

async fn put_findings(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    findings: &[JudgedFinding],
) -> Result<(), StoreError> {
    let rows = findings.iter().map(|finding| finding_row(workspace, finding));
    upsert(db, rows.collect()).await?;
    let rows = findings.iter().map(|finding| finding_host_set::ActiveModel {
        workspace_id: Set(workspace.0),
        finding_id: Set(finding.id),
        variants: Set(finding.variants.clone()),
        groups: Set(finding.groups.clone()),
    });
    upsert(db, rows.collect()).await
}

fn finding_row(workspace: WorkspaceId, finding: &JudgedFinding) -> finding::ActiveModel {
    let facts = &finding.facts;
    let ms = |at: Option<Timestamp>| Set(at.map(Timestamp::as_millis));
    finding::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(finding.id),
        vulnerability: Set(finding.vulnerability.clone()),
        package: Set(finding.package.clone()),
        title: Set(facts.title.clone()),
        severity: Set(facts.severity as i64),
        score: Set(facts.score),
        score_version: Set(facts.score_version.clone()),
        kev_added_at_ms: ms(facts.kev_added_at),
        ransomware: Set(facts.ransomware),
        epss: Set(facts.epss),
        priority: Set(priority(facts.kev_added_at.is_some(), facts.severity, facts.epss)),
        fix: Set(finding.fix.rank()),
        verdict: Set(finding.verdict.clone()),
        running_kernel: Set(finding.running_kernel),
        end_of_life: Set(finding.end_of_life),
        open_host_count: Set(finding.open_host_count),
        not_evaluable_host_count: Set(finding.not_evaluable_host_count),
        resolved_host_count: Set(finding.resolved_host_count),
        excepted_host_count: Set(finding.excepted_host_count),
        excepted_until_ms: ms(finding.excepted_until),
        first_opened_at_ms: Set(finding.first_opened_at.as_millis()),
        last_opened_at_ms: Set(finding.last_opened_at.as_millis()),
        resolved_at_ms: ms(finding.resolved_at),
    }
}

async fn put_facts(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: i64,
    facts: &Facts,
) -> Result<(), StoreError> {
    let row = finding::ActiveModel {
        workspace_id: Unchanged(workspace.0),
        id: Unchanged(id),
        title: Set(facts.title.clone()),
        severity: Set(facts.severity as i64),
        score: Set(facts.score),
        score_version: Set(facts.score_version.clone()),
        kev_added_at_ms: Set(facts.kev_added_at.map(Timestamp::as_millis)),
        ransomware: Set(facts.ransomware),
        epss: Set(facts.epss),
        priority: Set(priority(facts.kev_added_at.is_some(), facts.severity, facts.epss)),
        ..Default::default()
    };
    finding::Entity::update(row).exec(db).await?;
    Ok(())
}

async fn put_excepted(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    excepted: &Excepted,
) -> Result<(), StoreError> {
    let row = finding::ActiveModel {
        workspace_id: Unchanged(workspace.0),
        id: Unchanged(excepted.finding),
        excepted_host_count: Set(excepted.count),
        excepted_until_ms: Set(excepted.until.map(Timestamp::as_millis)),
        ..Default::default()
    };
    finding::Entity::update(row).exec(db).await?;
    Ok(())
}

async fn put_events(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    events: &[JudgedEvent],
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows = events.iter().map(|event| finding_event::ActiveModel {
        workspace_id: Set(workspace.0),
        id: Set(new_id(now)),
        finding_id: Set(event.finding),
        at_ms: Set(now.as_millis()),
        kind: Set(codec::word(&event.kind)),
        host_count: Set(event.host_count),
        hosts: Set(event.hosts.clone()),
    });
    upsert(db, rows.collect()).await
}

/// The numbers of today: what is open now, and what came and went so far.
async fn put_day(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    events: &[JudgedEvent],
    now: Timestamp,
) -> Result<(), StoreError> {
    use sea_orm::sea_query::Func;
    let day = now.as_millis().div_euclid(DAY_MS);
    let open = Query::select()
        .column(finding::Column::Severity)
        .expr_as(Func::count(Expr::col(finding::Column::Id)), "n")
        .expr_as(Expr::cust("CAST(SUM(open_host_count) AS BIGINT)"), "on_hosts")
        .from(finding::Entity)
        .and_where(Expr::col(finding::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(finding::Column::OpenHostCount).gt(0))
        .and_where(Expr::col(finding::Column::Verdict).ne(INFORMATION))
        .group_by_col(finding::Column::Severity)
        .to_owned();
    let mut rows: Vec<finding_day::Model> = (0..SEVERITIES.len() as i64)
        .map(|severity| finding_day::Model {
            workspace_id: workspace.0,
            day,
            severity,
            finding_count: 0,
            on_host_count: 0,
            opened_count: came_and_went(events, severity, FindingEventKind::Opened)
                + came_and_went(events, severity, FindingEventKind::Reopened),
            fixed_count: came_and_went(events, severity, FindingEventKind::Fixed),
        })
        .collect();
    for row in db.query_all(&open).await? {
        let severity: i64 = row.try_get("", "severity")?;
        if let Some(day) = rows.iter_mut().find(|row| row.severity == severity) {
            day.finding_count = row.try_get("", "n")?;
            day.on_host_count = row.try_get("", "on_hosts")?;
        }
    }
    let before = finding_day::Entity::find()
        .filter(finding_day::Column::WorkspaceId.eq(workspace.0))
        .filter(finding_day::Column::Day.eq(day))
        .all(db)
        .await?;
    for known in before {
        if let Some(row) = rows.iter_mut().find(|row| row.severity == known.severity) {
            row.opened_count += known.opened_count;
            row.fixed_count += known.fixed_count;
        }
    }
    upsert(db, rows.into_iter().map(day_row).collect()).await
}

fn day_row(row: finding_day::Model) -> finding_day::ActiveModel {
    finding_day::ActiveModel {
        workspace_id: Set(row.workspace_id),
        day: Set(row.day),
        severity: Set(row.severity),
        finding_count: Set(row.finding_count),
        on_host_count: Set(row.on_host_count),
        opened_count: Set(row.opened_count),
        fixed_count: Set(row.fixed_count),
    }
}

fn came_and_went(events: &[JudgedEvent], severity: i64, kind: FindingEventKind) -> i64 {
    let of_kind = events
        .iter()
        .filter(|event| event.kind == kind && severity_from(severity) == event.severity);
    of_kind.map(|event| event.host_count).sum()
}
