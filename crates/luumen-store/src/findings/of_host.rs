//! The findings of one host, and what could not be judged of it.

use std::collections::{BTreeSet, HashMap};

use luumen_model::{HostId, Timestamp, WorkspaceId, advisory::Severity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Alias, Asterisk, ExprTrait, Query},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Finding, FindingState, NotEvaluated, SeverityCounts, Variant,
    cells::{self, OpenIds},
    days_between,
    filter::{col, every_word, one_of},
    from_row,
    host_sets::{Group, read_groups},
    list::rows,
    names, one, read_variants,
};
use crate::{
    Page, StoreError, Thing, codec,
    entity::{assessed_host, assessment, finding, finding_host_set, host},
    exceptions,
    page::read_cursor,
};

/// Which findings of a host.
#[derive(Clone, Debug, Default)]
pub struct HostFindingQuery<'a> {
    /// Words, each part of the vulnerability's id, the package's name or the title.
    pub text: Option<&'a str>,
    pub severities: Vec<Severity>,
    /// Every state but resolved when absent.
    pub state: Option<FindingState>,
    /// Only what is information, and no finding; else only findings.
    pub information: bool,
    pub cursor: Option<&'a str>,
    pub limit: u64,
}

/// A finding of one host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostFinding {
    pub finding: Finding,
    pub state: FindingState,
    pub opened_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub days_open: i64,
    pub exception: Option<Uuid>,
    /// Absent when it is resolved.
    pub variant: Option<Variant>,
}

/// What a host was judged by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostAssessment {
    /// Absent while it was not judged at all: no finding then means nothing.
    pub assessed_at: Option<Timestamp>,
    pub catalogue_at: Option<Timestamp>,
    pub platform: Option<String>,
    pub not_evaluated: Vec<NotEvaluated>,
}

/// A page of a host's findings, the most urgent first.
#[derive(Clone, Debug)]
pub struct HostFindings {
    pub items: Vec<HostFinding>,
    pub total: i64,
    pub next: Option<String>,
    /// Open ones, whatever the filter.
    pub open: SeverityCounts,
    /// What is only told, whatever the filter.
    pub information_count: i64,
    pub assessment: HostAssessment,
}

#[derive(Serialize, Deserialize)]
struct PriorityKey(i64, i64);

/// Findings of a host.
pub async fn of_host(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: HostId,
    query: &HostFindingQuery<'_>,
    now: Timestamp,
) -> Result<HostFindings, StoreError> {
    let known = host::Entity::find_by_id((workspace.0, id.0)).one(db).await?;
    known.ok_or(StoreError::NotFound(Thing::Host))?;
    let row = assessed_host::Entity::find_by_id((workspace.0, id.0))
        .one(db)
        .await?;
    let Some(row) = row else {
        return Ok(never());
    };
    let number = u32::try_from(row.number).map_err(|_| StoreError::corrupt("host number"))?;
    let own = own_ids(db, workspace, &row).await?;
    let ids = match (query.information, query.state) {
        (true, _) => own.information.clone(),
        (false, Some(FindingState::Resolved)) => resolved_ids(db, workspace, number).await?,
        (false, _) => own.findings,
    };
    let open = open_counts(db, workspace, id, &row, now).await?;
    let all = matching(db, workspace, &ids, query).await?;
    let mut found = at_host(db, workspace, id, number, all, now).await?;
    found.retain(|found| query.state.is_none_or(|state| found.state == state));
    let total = found.len() as i64;
    if let Some(PriorityKey(priority, id)) = read_cursor(query.cursor)? {
        let behind = |found: &HostFinding| {
            let key = key(found);
            key.0 < priority || (key.0 == priority && key.1 > id)
        };
        found.retain(behind);
    }
    let page = Page::cut(found, query.limit, key);
    Ok(HostFindings {
        items: page.items,
        total,
        next: page.next,
        open,
        information_count: own.information.len() as i64,
        assessment: assessment_of(db, workspace, row).await?,
    })
}

fn never() -> HostFindings {
    HostFindings {
        items: Vec::new(),
        total: 0,
        next: None,
        open: SeverityCounts::default(),
        information_count: 0,
        assessment: HostAssessment::default(),
    }
}

fn key(found: &HostFinding) -> PriorityKey {
    let finding = &found.finding;
    let priority = super::priority(finding.kev_added_at.is_some(), finding.severity, finding.epss);
    PriorityKey(priority, finding.id)
}

async fn assessment_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    row: assessed_host::Model,
) -> Result<HostAssessment, StoreError> {
    let state = assessment::Entity::find_by_id(workspace.0).one(db).await?;
    let not_evaluated = match &row.not_evaluated {
        Some(text) => {
            serde_json::from_str(text).map_err(|source| StoreError::corrupt_by("assessment", source))?
        }
        None => Vec::new(),
    };
    Ok(HostAssessment {
        assessed_at: Some(Timestamp::from_millis(row.assessed_at_ms)),
        catalogue_at: state
            .and_then(|state| state.catalogue_at_ms)
            .map(Timestamp::from_millis),
        platform: row.platform,
        not_evaluated,
    })
}

/// Everything that is open on the host, or was when it could last be judged.
async fn own_ids(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    row: &assessed_host::Model,
) -> Result<OpenIds, StoreError> {
    let mut ids = match row.class_id {
        Some(class) => cells::of_class(db, workspace, class).await?,
        None => OpenIds::default(),
    };
    if let Some(kept) = &row.kept {
        ids.findings.extend(codec::read_ids(kept)?);
    }
    Ok(ids)
}

/// What the host had: asked rarely, so the sets are looked through.
async fn resolved_ids(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    number: u32,
) -> Result<BTreeSet<i64>, StoreError> {
    let select = Query::select()
        .columns([
            finding_host_set::Column::FindingId,
            finding_host_set::Column::Groups,
        ])
        .from(finding_host_set::Entity)
        .inner_join(
            finding::Entity,
            col(finding::Column::Id).equals((
                Alias::new("finding_host_set"),
                finding_host_set::Column::FindingId,
            )),
        )
        .and_where(col(finding::Column::WorkspaceId).eq(workspace.0))
        .and_where(
            sea_orm::sea_query::Expr::col((
                Alias::new("finding_host_set"),
                finding_host_set::Column::WorkspaceId,
            ))
            .eq(workspace.0),
        )
        .and_where(col(finding::Column::ResolvedHostCount).gt(0))
        .to_owned();
    let mut ids = BTreeSet::new();
    for row in db.query_all(&select).await? {
        let groups: Vec<u8> = row.try_get("", "groups")?;
        let has = |group: &Group| {
            group.standing == super::host_sets::Standing::Fixed && group.hosts.binary_search(&number).is_ok()
        };
        if read_groups(&groups)?.iter().any(has) {
            ids.insert(row.try_get("", "finding_id")?);
        }
    }
    Ok(ids)
}

async fn matching(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &BTreeSet<i64>,
    query: &HostFindingQuery<'_>,
) -> Result<Vec<finding::Model>, StoreError> {
    use finding::Column::{Id, Priority, Severity as SeverityColumn};
    let mut select = Query::select();
    select
        .column((Alias::new("finding"), Asterisk))
        .from(finding::Entity)
        .and_where(col(finding::Column::WorkspaceId).eq(workspace.0))
        .and_where(one_of(ids))
        .order_by_expr(col(Priority), sea_orm::sea_query::Order::Desc)
        .order_by_expr(col(Id), sea_orm::sea_query::Order::Asc);
    if let Some(text) = query.text {
        select.cond_where(every_word(text));
    }
    if !query.severities.is_empty() {
        let ranks = query.severities.iter().map(|severity| *severity as i64);
        select.and_where(col(SeverityColumn).is_in(ranks));
    }
    rows(db, &select).await
}

/// What each finding is on this host.
async fn at_host(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: HostId,
    number: u32,
    found: Vec<finding::Model>,
    now: Timestamp,
) -> Result<Vec<HostFinding>, StoreError> {
    let ids: Vec<i64> = found.iter().map(|row| row.id).collect();
    let mut sets = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let rows = finding_host_set::Entity::find()
            .filter(finding_host_set::Column::WorkspaceId.eq(workspace.0))
            .filter(finding_host_set::Column::FindingId.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        sets.extend(rows.into_iter().map(|row| (row.finding_id, row)));
    }
    let exceptions = exceptions::at(db, workspace, now).await?;
    let mut tags = names::tags(db, workspace, std::iter::once(id.0)).await?;
    let tags = tags.remove(&id.0).unwrap_or_default();
    let mut out = Vec::with_capacity(found.len());
    for row in found {
        let Some(set) = sets.get(&row.id) else { continue };
        let groups = read_groups(&set.groups)?;
        let Some(group) = groups
            .iter()
            .find(|group| group.hosts.binary_search(&number).is_ok())
        else {
            continue;
        };
        let exception = exceptions.iter().find(|exception| {
            exception.concerns(&row.vulnerability, &row.package) && exception.covers_host(id, &tags)
        });
        let state = one::state_of(group.standing, exception.is_some());
        let variant = match state {
            FindingState::Resolved => None,
            _ => read_variants(&set.variants)?
                .into_iter()
                .nth(group.variant as usize),
        };
        let resolved_at = (state == FindingState::Resolved).then_some(group.since);
        let until = resolved_at.unwrap_or(now);
        out.push(HostFinding {
            state,
            opened_at: group.opened_at,
            resolved_at,
            days_open: days_between(group.opened_at.as_millis(), until.as_millis()),
            exception: exception
                .filter(|_| state == FindingState::Excepted)
                .map(|exception| exception.id),
            variant,
            finding: from_row(row, now),
        });
    }
    Ok(out)
}

/// Open ones by severity; excepted and no longer evaluable ones are not open.
async fn open_counts(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: HostId,
    row: &assessed_host::Model,
    now: Timestamp,
) -> Result<SeverityCounts, StoreError> {
    let mut counts = SeverityCounts::default();
    let Some(class) = row.class_id else {
        return Ok(counts);
    };
    let ids = cells::of_class(db, workspace, class).await?.findings;
    let exceptions = exceptions::at(db, workspace, now).await?;
    let mut tags = names::tags(db, workspace, std::iter::once(id.0)).await?;
    let tags = tags.remove(&id.0).unwrap_or_default();
    for row in matching(db, workspace, &ids, &HostFindingQuery::default()).await? {
        let covered = exceptions.iter().any(|exception| {
            exception.concerns(&row.vulnerability, &row.package) && exception.covers_host(id, &tags)
        });
        if !covered {
            counts.add(super::severity_from(row.severity), 1);
        }
    }
    Ok(counts)
}
