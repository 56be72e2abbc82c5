//! What happened when: events, the numbers of each day, and today's.

use std::collections::BTreeMap;

use luumen_model::{HostId, Timestamp, WorkspaceId, advisory::Severity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Alias, Condition, Expr, ExprTrait, Func, Order, Query},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    DAY_MS, FindingTab, FixState, HostRef, SeverityCounts, coverage,
    filter::{FindingFilter, col, excepted_sql, tab_condition},
    host_sets::{Standing, read_groups, read_hosts},
    list::count,
    names, severity_from,
};
use crate::{
    Page, StoreError, codec,
    entity::{assessed_host, finding, finding_day, finding_event, finding_host_set},
    hosts::StateClock,
    page::read_cursor,
};

/// Hosts that an event names.
const NAMED: usize = 20;

/// What happened to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingEventKind {
    Opened,
    /// Gone, on positive evidence.
    Fixed,
    /// It came back.
    Reopened,
    /// It can no longer be judged, and stays as it was.
    NotEvaluable,
    /// It can be judged again, and is still open.
    Evaluable,
    /// The hosts were deleted.
    Removed,
}

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct FindingEventQuery<'a> {
    pub kind: Option<FindingEventKind>,
    pub vulnerability: Option<&'a str>,
    pub package: Option<&'a str>,
    pub host: Option<HostId>,
    pub cursor: Option<&'a str>,
    pub limit: u64,
}

/// Something that happened to a finding, on all hosts at once where one assessment saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingEvent {
    pub id: Uuid,
    pub at: Timestamp,
    pub kind: FindingEventKind,
    pub vulnerability: String,
    pub package: String,
    pub severity: Severity,
    pub kev: bool,
    pub host_count: i64,
    /// At most 20 of those that are still there, by name.
    pub hosts: Vec<HostRef>,
}

/// Events, newest first.
pub async fn events(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    query: &FindingEventQuery<'_>,
) -> Result<Page<FindingEvent>, StoreError> {
    let number = match query.host {
        Some(id) => match number_of(db, workspace, id).await? {
            Some(number) => Some(number),
            None => {
                return Ok(Page {
                    items: Vec::new(),
                    next: None,
                });
            }
        },
        None => None,
    };
    let mut after = read_cursor::<Uuid>(query.cursor)?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    loop {
        // Whose hosts an event names is not a column, so one host's events are looked for in batches.
        let ask = if number.is_some() { 2000 } else { query.limit + 1 };
        let batch = event_rows(db, workspace, query, after, ask).await?;
        after = batch.last().map(|row| row.id);
        let whole = batch.len() as u64 == ask;
        for row in batch {
            let named = match number {
                Some(number) => read_hosts(&row.hosts)?.binary_search(&number).is_ok(),
                None => true,
            };
            if named && found.len() <= limit {
                found.push(row);
            }
        }
        if !whole || found.len() > limit {
            break;
        }
    }
    let page = Page::cut(found, query.limit, |row| row.id);
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        items.push(told(db, workspace, row).await?);
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

struct EventRow {
    id: Uuid,
    at_ms: i64,
    kind: String,
    vulnerability: String,
    package: String,
    severity: i64,
    kev_added_at_ms: Option<i64>,
    host_count: i64,
    hosts: Vec<u8>,
}

async fn event_rows(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    query: &FindingEventQuery<'_>,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<EventRow>, StoreError> {
    let event = |column: finding_event::Column| Expr::col((Alias::new("finding_event"), column));
    let mut select = Query::select();
    select
        .expr_as(event(finding_event::Column::Id), "id")
        .expr_as(event(finding_event::Column::AtMs), "at_ms")
        .expr_as(event(finding_event::Column::Kind), "kind")
        .expr_as(event(finding_event::Column::HostCount), "host_count")
        .expr_as(event(finding_event::Column::Hosts), "hosts")
        .expr_as(col(finding::Column::Vulnerability), "vulnerability")
        .expr_as(col(finding::Column::Package), "package")
        .expr_as(col(finding::Column::Severity), "severity")
        .expr_as(col(finding::Column::KevAddedAtMs), "kev_added_at_ms")
        .from(finding_event::Entity)
        .inner_join(
            finding::Entity,
            col(finding::Column::Id).equals((Alias::new("finding_event"), finding_event::Column::FindingId)),
        )
        .and_where(event(finding_event::Column::WorkspaceId).eq(workspace.0))
        .and_where(col(finding::Column::WorkspaceId).eq(workspace.0))
        .and_where_option(
            query
                .kind
                .map(|kind| event(finding_event::Column::Kind).eq(codec::word(&kind))),
        )
        .and_where_option(
            query
                .vulnerability
                .map(|id| col(finding::Column::Vulnerability).eq(id)),
        )
        .and_where_option(query.package.map(|name| col(finding::Column::Package).eq(name)))
        .and_where_option(after.map(|id| event(finding_event::Column::Id).lt(id)))
        .order_by_expr(event(finding_event::Column::Id), Order::Desc)
        .limit(limit);
    let rows = db.query_all(&select).await?;
    rows.iter()
        .map(|row| {
            Ok(EventRow {
                id: row.try_get("", "id")?,
                at_ms: row.try_get("", "at_ms")?,
                kind: row.try_get("", "kind")?,
                vulnerability: row.try_get("", "vulnerability")?,
                package: row.try_get("", "package")?,
                severity: row.try_get("", "severity")?,
                kev_added_at_ms: row.try_get("", "kev_added_at_ms")?,
                host_count: row.try_get("", "host_count")?,
                hosts: row.try_get("", "hosts")?,
            })
        })
        .collect()
}

async fn told(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    row: EventRow,
) -> Result<FindingEvent, StoreError> {
    let mut numbers = read_hosts(&row.hosts)?;
    // Names are for a glance: the first thousand by number are enough to take the first twenty by name from.
    numbers.truncate(1000);
    let hosts = names::by_name(db, workspace, &numbers, None, None, NAMED).await?;
    Ok(FindingEvent {
        id: row.id,
        at: Timestamp::from_millis(row.at_ms),
        kind: codec::from_word("finding event", &row.kind)?,
        vulnerability: row.vulnerability,
        package: row.package,
        severity: severity_from(row.severity),
        kev: row.kev_added_at_ms.is_some(),
        host_count: row.host_count,
        hosts: hosts
            .into_iter()
            .map(|host| HostRef {
                id: host.id,
                name: host.name,
            })
            .collect(),
    })
}

async fn number_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    id: HostId,
) -> Result<Option<u32>, StoreError> {
    let row = assessed_host::Entity::find_by_id((workspace.0, id.0))
        .one(db)
        .await?;
    let number = row.map(|row| u32::try_from(row.number)).transpose();
    number.map_err(|_| StoreError::corrupt("host number"))
}

/// The fleet on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrendDay {
    /// Days since 1970-01-01.
    pub day: i64,
    /// Open findings, each counted once.
    pub findings: SeverityCounts,
    /// Open findings, each counted on each of its hosts.
    pub on_hosts: SeverityCounts,
    pub opened: i64,
    pub fixed: i64,
}

/// The last `days` days up to now, oldest first. A day on which nothing changed is like the one before it.
pub async fn trend(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    days: i64,
    now: Timestamp,
) -> Result<Vec<TrendDay>, StoreError> {
    let rows = finding_day::Entity::find()
        .filter(finding_day::Column::WorkspaceId.eq(workspace.0))
        .order_by_asc(finding_day::Column::Day)
        .all(db)
        .await?;
    let mut known: BTreeMap<i64, TrendDay> = BTreeMap::new();
    for row in rows {
        let day = known.entry(row.day).or_default();
        let severity = severity_from(row.severity);
        day.findings.add(severity, row.finding_count);
        day.on_hosts.add(severity, row.on_host_count);
        day.opened += row.opened_count;
        day.fixed += row.fixed_count;
    }
    let today = now.as_millis().div_euclid(DAY_MS);
    let first = today - Ord::max(days, 1) + 1;
    let mut before = known.range(..first).next_back().map(|(_, day)| day.clone());
    let mut items = Vec::new();
    for day in first..=today {
        let told = known.get(&day).cloned().or_else(|| {
            before.clone().map(|before| TrendDay {
                opened: 0,
                fixed: 0,
                ..before
            })
        });
        if let Some(told) = told {
            let told = TrendDay { day, ..told };
            before = Some(told.clone());
            items.push(told);
        }
    }
    Ok(items)
}

/// Hosts that have a vulnerability on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostsOnDay {
    /// Days since 1970-01-01.
    pub day: i64,
    pub open_host_count: i64,
}

/// How many hosts had a finding at the end of each of the last `days` days, read off its host set: what came back counts from
/// when it came back.
pub async fn hosts_by_day(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    finding: i64,
    days: i64,
    now: Timestamp,
) -> Result<Vec<HostsOnDay>, StoreError> {
    let row = finding_host_set::Entity::find_by_id((workspace.0, finding))
        .one(db)
        .await?;
    let groups = row
        .map(|row| read_groups(&row.groups))
        .transpose()?
        .unwrap_or_default();
    let today = now.as_millis().div_euclid(DAY_MS);
    let on = |day: i64| {
        let end = (day + 1) * DAY_MS - 1;
        let open = groups.iter().filter(|group| {
            let gone = group.standing == Standing::Fixed && group.since.as_millis() <= end;
            group.opened_at.as_millis() <= end && !gone
        });
        open.map(|group| group.hosts.len() as i64).sum()
    };
    Ok((today - Ord::max(days, 1) + 1..=today)
        .map(|day| HostsOnDay {
            day,
            open_host_count: on(day),
        })
        .collect())
}

/// The numbers of the first page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingSummary {
    pub findings: SeverityCounts,
    pub on_hosts: SeverityCounts,
    pub kev_count: i64,
    pub fix_available_count: i64,
    pub excepted_count: i64,
    /// Opened within a day, counted once.
    pub opened_today_count: i64,
    pub fixed_today_count: i64,
    /// Hosts with something open, excepted or not.
    pub affected_host_count: i64,
    pub assessed_host_count: i64,
    /// Hosts that were not judged whole, or not at all.
    pub not_evaluable_host_count: i64,
    /// What is only told.
    pub information_count: i64,
    pub catalogue_at: Option<Timestamp>,
    pub assessed_at: Option<Timestamp>,
}

/// What needs a person today.
pub async fn summary(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    clock: StateClock,
) -> Result<FindingSummary, StoreError> {
    let now = clock.now;
    let active = FindingFilter {
        tab: Some(FindingTab::Active),
        ..FindingFilter::default()
    };
    let open = active.condition(db, workspace, clock).await?;
    let mut summary = FindingSummary::default();
    let select = Query::select()
        .expr_as(col(finding::Column::Severity), "severity")
        .expr_as(Func::count(col(finding::Column::Id)), "n")
        .expr_as(
            Expr::cust(format!(
                "CAST(SUM(finding.open_host_count - {}) AS BIGINT)",
                excepted_sql(now)
            )),
            "on_hosts",
        )
        .from(finding::Entity)
        .cond_where(open.clone())
        .group_by_col("severity")
        .to_owned();
    for row in db.query_all(&select).await? {
        let severity = severity_from(row.try_get("", "severity")?);
        summary.findings.add(severity, row.try_get("", "n")?);
        summary.on_hosts.add(severity, row.try_get("", "on_hosts")?);
    }
    let day_ago = now.plus_millis(-DAY_MS).as_millis();
    let own = || Condition::all().add(col(finding::Column::WorkspaceId).eq(workspace.0));
    let known = col(finding::Column::KevAddedAtMs).is_not_null();
    summary.kev_count = count(db, open.clone().add(known)).await?;
    let fix = col(finding::Column::Fix).eq(FixState::Available.rank());
    summary.fix_available_count = count(db, open.clone().add(fix)).await?;
    let is_excepted = own().add(tab_condition(FindingTab::Excepted, now));
    summary.excepted_count = count(db, is_excepted).await?;
    let opened = col(finding::Column::LastOpenedAtMs).gt(day_ago);
    summary.opened_today_count = count(db, open.add(opened)).await?;
    let fixed = own()
        .add(tab_condition(FindingTab::Resolved, now))
        .add(col(finding::Column::ResolvedAtMs).gt(day_ago));
    summary.fixed_today_count = count(db, fixed).await?;
    let told = own().add(tab_condition(FindingTab::Informational, now));
    summary.information_count = count(db, told).await?;
    let hosts = coverage::host_counts(db, workspace).await?;
    summary.affected_host_count = hosts.affected;
    summary.assessed_host_count = hosts.assessed;
    summary.not_evaluable_host_count = hosts.not_evaluable;
    let state = crate::entity::assessment::Entity::find_by_id(workspace.0)
        .one(db)
        .await?;
    if let Some(state) = state {
        summary.catalogue_at = state.catalogue_at_ms.map(Timestamp::from_millis);
        summary.assessed_at = state.assessed_at_ms.map(Timestamp::from_millis);
    }
    Ok(summary)
}
