//! The host list: one page of it, its facets, its counts. Must stay quick on 100,000 hosts, so the list reads one
//! row a host, and facets are one grouped pass.

use std::collections::BTreeMap;

use luumen_model::WorkspaceId;
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryTrait,
    sea_query::{Alias, Condition, Expr, ExprTrait, Func, Order, Query, Value},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Host, HostFilter, HostState, StateClock, filter::host_col, filter::or_empty, from_row, tags_of};
use crate::{
    Page, StoreError,
    entity::{host, host_tag},
    page::read_cursor,
};

/// A column to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostSort {
    #[default]
    Name,
    Address,
    State,
    Os,
    Kernel,
    Packages,
    LastSeen,
}

/// Which hosts, in which order, and which page of them.
#[derive(Clone, Debug, Default)]
pub struct HostQuery<'a> {
    pub filter: HostFilter,
    pub sort: HostSort,
    pub descending: bool,
    pub cursor: Option<&'a str>,
    pub limit: u64,
}

/// A page of hosts, and how many there are on all pages.
#[derive(Clone, Debug)]
pub struct HostPage {
    pub items: Vec<Host>,
    pub total: i64,
    /// Hosts that are on no page because what the filter asks was not read of them, or not whole.
    pub unknown: i64,
    pub next: Option<String>,
}

/// A value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    pub value: String,
    pub count: i64,
}

/// Counts of the filtered hosts by what they are; values most frequent first, unknown ones left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostFacets {
    pub state: BTreeMap<HostState, i64>,
    pub os: Vec<FacetValue>,
    pub os_version: Vec<FacetValue>,
    pub arch: Vec<FacetValue>,
    pub tag: Vec<FacetValue>,
    /// `true` and `false`.
    pub reboot_required: Vec<FacetValue>,
}

/// The sort value of the last row of a page, and its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum SortKey {
    Text(String, Uuid),
    Number(i64, Uuid),
}

/// One page of hosts.
pub async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    query: &HostQuery<'_>,
    clock: StateClock,
) -> Result<HostPage, StoreError> {
    let condition = query.filter.condition(workspace, clock);
    let total = count(db, condition.clone()).await?;
    let unknown = if query.filter.asks_facts() {
        let possible = count(db, query.filter.possible(workspace, clock)).await?;
        Ord::max(possible - total, 0)
    } else {
        0
    };
    let sort = sort_expr(query.sort, clock);
    let order = if query.descending { Order::Desc } else { Order::Asc };
    let mut select = host::Entity::find().filter(condition);
    if let Some(key) = read_cursor::<SortKey>(query.cursor)? {
        select = select.filter(after(&sort, &key, query.descending));
    }
    let select = QueryTrait::query(&mut select)
        .order_by_expr(sort, order.clone())
        .order_by_expr(host_col(host::Column::Id), order)
        .limit(query.limit + 1)
        .to_owned();
    let rows = db.query_all(&select).await?;
    let rows = rows
        .iter()
        .map(|row| host::Model::from_query_result(row, ""))
        .collect::<Result<Vec<_>, _>>()?;
    let page = Page::cut(rows, query.limit, |row| sort_key(query.sort, row, clock));
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let mut tags = tags_of(db, workspace, &ids).await?;
    let next = page.next;
    let items = page
        .items
        .into_iter()
        .map(|row| {
            let tags = tags.remove(&row.id).unwrap_or_default();
            from_row(row, tags, clock)
        })
        .collect::<Result<_, _>>()?;
    Ok(HostPage {
        items,
        total,
        unknown,
        next,
    })
}

async fn count(db: &impl ConnectionTrait, condition: Condition) -> Result<i64, StoreError> {
    let select = Query::select()
        .expr_as(
            Func::count(Expr::col((Alias::new("host"), host::Column::Id))),
            "n",
        )
        .from(host::Entity)
        .cond_where(condition)
        .to_owned();
    let row = db.query_one(&select).await?;
    Ok(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

fn sort_expr(sort: HostSort, clock: StateClock) -> Expr {
    let number = |column, none: i64| Expr::from(Func::coalesce([host_col(column), Expr::val(none)]));
    match sort {
        HostSort::Name => host_col(host::Column::Name),
        HostSort::Address => host_col(host::Column::Address),
        HostSort::State => clock.rank_expr(),
        HostSort::Os => or_empty(host::Column::OsName),
        HostSort::Kernel => or_empty(host::Column::Kernel),
        HostSort::Packages => number(host::Column::PackageCount, -1),
        HostSort::LastSeen => number(host::Column::SnapshotAtMs, -1),
    }
}

fn sort_key(sort: HostSort, row: &host::Model, clock: StateClock) -> SortKey {
    let text = |text: &Option<String>| SortKey::Text(text.clone().unwrap_or_default(), row.id);
    match sort {
        HostSort::Name => SortKey::Text(row.name.clone(), row.id),
        HostSort::Address => SortKey::Text(row.address.clone(), row.id),
        HostSort::State => {
            let state = clock.state(
                row.enabled,
                row.snapshot_at_ms.map(luumen_model::Timestamp::from_millis),
                row.stale_after_ms,
                row.last_outcome
                    .as_deref()
                    .and_then(|word| crate::codec::outcome(word).ok()),
                row.incomplete_sections.is_some(),
            );
            SortKey::Number(i64::from(state.rank()), row.id)
        }
        HostSort::Os => text(&row.os_name),
        HostSort::Kernel => text(&row.kernel),
        HostSort::Packages => SortKey::Number(row.package_count.unwrap_or(-1), row.id),
        HostSort::LastSeen => SortKey::Number(row.snapshot_at_ms.unwrap_or(-1), row.id),
    }
}

/// Rows behind `key`: a larger sort value, or the same and a larger id.
fn after(sort: &Expr, key: &SortKey, descending: bool) -> Condition {
    let (value, id): (Value, Uuid) = match key {
        SortKey::Text(text, id) => (text.clone().into(), *id),
        SortKey::Number(number, id) => ((*number).into(), *id),
    };
    let beyond = |expr: Expr, value: Value| {
        if descending {
            expr.lt(value)
        } else {
            expr.gt(value)
        }
    };
    Condition::any().add(beyond(sort.clone(), value.clone())).add(
        Condition::all()
            .add(sort.clone().eq(value))
            .add(beyond(host_col(host::Column::Id), id.into())),
    )
}

/// How many hosts are in each state; states without hosts are left out.
pub async fn count_by_state(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    filter: &HostFilter,
    clock: StateClock,
) -> Result<BTreeMap<HostState, i64>, StoreError> {
    let select = Query::select()
        .expr_as(clock.rank_expr(), "state_rank")
        .expr_as(Func::count(host_col(host::Column::Id)), "n")
        .from(host::Entity)
        .cond_where(filter.condition(workspace, clock))
        .group_by_col("state_rank")
        .to_owned();
    let mut counts = BTreeMap::new();
    for row in db.query_all(&select).await? {
        let rank: i32 = row.try_get("", "state_rank")?;
        counts.insert(HostState::from_rank(rank), row.try_get("", "n")?);
    }
    Ok(counts)
}

/// The facets of the filtered hosts.
pub async fn facets(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    filter: &HostFilter,
    clock: StateClock,
) -> Result<HostFacets, StoreError> {
    let condition = filter.condition(workspace, clock);
    let mut state = BTreeMap::new();
    let (mut os, mut os_version, mut arch, mut reboot) =
        (Counts::new(), Counts::new(), Counts::new(), Counts::new());
    for group in groups(db, condition.clone(), clock).await? {
        *state.entry(HostState::from_rank(group.state_rank)).or_default() += group.n;
        add(&mut os, group.os_id, group.n);
        add(&mut os_version, group.os_version, group.n);
        add(&mut arch, group.arch, group.n);
        add(
            &mut reboot,
            group.reboot_required.map(|flag| flag.to_string()),
            group.n,
        );
    }
    let tag = tag_counts(db, workspace, condition).await?;
    Ok(HostFacets {
        state,
        os: by_frequency(os),
        os_version: by_frequency(os_version),
        arch: by_frequency(arch),
        tag: by_frequency(tag),
        reboot_required: by_frequency(reboot),
    })
}

type Counts = BTreeMap<String, i64>;

#[derive(FromQueryResult)]
struct Group {
    state_rank: i32,
    os_id: Option<String>,
    os_version: Option<String>,
    arch: Option<String>,
    reboot_required: Option<bool>,
    n: i64,
}

async fn groups(
    db: &impl ConnectionTrait,
    condition: Condition,
    clock: StateClock,
) -> Result<Vec<Group>, StoreError> {
    const COLUMNS: [host::Column; 4] = [
        host::Column::OsId,
        host::Column::OsVersion,
        host::Column::Arch,
        host::Column::RebootRequired,
    ];
    let mut select = Query::select();
    select
        .expr_as(clock.rank_expr(), "state_rank")
        .expr_as(Func::count(host_col(host::Column::Id)), "n")
        .columns(COLUMNS)
        .from(host::Entity)
        .cond_where(condition)
        .group_by_col("state_rank")
        .group_by_columns(COLUMNS);
    let rows = db.query_all(&select).await?;
    let groups: Result<_, _> = rows.iter().map(|row| Group::from_query_result(row, "")).collect();
    Ok(groups?)
}

async fn tag_counts(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    condition: Condition,
) -> Result<Counts, StoreError> {
    let hosts = Query::select()
        .column(host::Column::Id)
        .from(host::Entity)
        .cond_where(condition)
        .to_owned();
    let counts = Query::select()
        .column(host_tag::Column::Tag)
        .expr_as(Func::count(Expr::col(host_tag::Column::HostId)), "n")
        .from(host_tag::Entity)
        .and_where(Expr::col(host_tag::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(host_tag::Column::HostId).in_subquery(hosts))
        .group_by_col(host_tag::Column::Tag)
        .to_owned();
    let rows = db.query_all(&counts).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "tag")?, row.try_get("", "n")?)))
        .collect()
}

fn add(counts: &mut Counts, value: Option<String>, n: i64) {
    if let Some(value) = value {
        *counts.entry(value).or_default() += n;
    }
}

fn by_frequency(counts: Counts) -> Vec<FacetValue> {
    let mut values: Vec<FacetValue> = counts
        .into_iter()
        .map(|(value, count)| FacetValue { value, count })
        .collect();
    values.sort_by_key(|value| std::cmp::Reverse(value.count));
    values
}
