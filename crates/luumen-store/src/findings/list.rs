//! The list of findings: one page of it.

use luumen_model::WorkspaceId;
use sea_orm::{
    ConnectionTrait, FromQueryResult,
    sea_query::{Asterisk, Condition, Expr, ExprTrait, Func, Order, Query, Value},
};
use serde::{Deserialize, Serialize};

use super::{
    Finding, FindingFilter,
    filter::{col, excepted},
    from_row,
};
use crate::{Page, StoreError, entity::finding, hosts::StateClock, page::read_cursor};

/// A column to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FindingSort {
    /// Known to be exploited first, then by severity, then by EPSS.
    #[default]
    Priority,
    Severity,
    Score,
    Epss,
    /// Hosts that have it open.
    Hosts,
    Vulnerability,
    Package,
    FirstOpened,
    LastOpened,
}

/// Which findings, in which order, and which page of them.
#[derive(Clone, Debug, Default)]
pub struct FindingQuery<'a> {
    pub filter: FindingFilter,
    pub sort: FindingSort,
    pub descending: bool,
    pub cursor: Option<&'a str>,
    pub limit: u64,
}

/// A page of findings, and how many there are on all pages.
#[derive(Clone, Debug)]
pub struct FindingPage {
    pub items: Vec<Finding>,
    pub total: i64,
    pub next: Option<String>,
}

/// The sort value of the last row of a page, and its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum SortKey {
    Text(String, i64),
    Number(i64, i64),
    Real(f64, i64),
}

/// One page of findings.
pub async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    query: &FindingQuery<'_>,
    clock: StateClock,
) -> Result<FindingPage, StoreError> {
    let condition = query.filter.condition(db, workspace, clock).await?;
    let total = count(db, condition.clone()).await?;
    let sort = sort_expr(query.sort, clock);
    let order = if query.descending { Order::Desc } else { Order::Asc };
    let mut select = Query::select();
    select
        .column((sea_orm::sea_query::Alias::new("finding"), Asterisk))
        .from(finding::Entity)
        .cond_where(condition);
    if let Some(key) = read_cursor::<SortKey>(query.cursor)? {
        select.cond_where(after(&sort, &key, query.descending));
    }
    select
        .order_by_expr(sort, order.clone())
        .order_by_expr(col(finding::Column::Id), order)
        .limit(query.limit + 1);
    let rows = rows(db, &select).await?;
    let page = Page::cut(rows, query.limit, |row| sort_key(query.sort, row, clock));
    let page = page.map(|row| from_row(row, clock.now));
    Ok(FindingPage {
        items: page.items,
        total,
        next: page.next,
    })
}

pub(super) async fn rows(
    db: &impl ConnectionTrait,
    select: &sea_orm::sea_query::SelectStatement,
) -> Result<Vec<finding::Model>, StoreError> {
    let rows = db.query_all(select).await?;
    let rows: Result<Vec<_>, _> = rows
        .iter()
        .map(|row| finding::Model::from_query_result(row, ""))
        .collect();
    Ok(rows?)
}

pub(super) async fn count(db: &impl ConnectionTrait, condition: Condition) -> Result<i64, StoreError> {
    let select = Query::select()
        .expr_as(Func::count(col(finding::Column::Id)), "n")
        .from(finding::Entity)
        .cond_where(condition)
        .to_owned();
    let row = db.query_one(&select).await?;
    Ok(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

fn sort_expr(sort: FindingSort, clock: StateClock) -> Expr {
    let real = |column| Expr::from(Func::coalesce([col(column), Expr::cust("-1.0")]));
    match sort {
        FindingSort::Priority => col(finding::Column::Priority),
        FindingSort::Severity => col(finding::Column::Severity),
        FindingSort::Score => real(finding::Column::Score),
        FindingSort::Epss => real(finding::Column::Epss),
        FindingSort::Hosts => col(finding::Column::OpenHostCount).sub(excepted(clock.now)),
        FindingSort::Vulnerability => col(finding::Column::Vulnerability),
        FindingSort::Package => col(finding::Column::Package),
        FindingSort::FirstOpened => col(finding::Column::FirstOpenedAtMs),
        FindingSort::LastOpened => col(finding::Column::LastOpenedAtMs),
    }
}

fn sort_key(sort: FindingSort, row: &finding::Model, clock: StateClock) -> SortKey {
    match sort {
        FindingSort::Priority => SortKey::Number(row.priority, row.id),
        FindingSort::Severity => SortKey::Number(row.severity, row.id),
        FindingSort::Score => SortKey::Real(row.score.unwrap_or(-1.0), row.id),
        FindingSort::Epss => SortKey::Real(row.epss.unwrap_or(-1.0), row.id),
        FindingSort::Hosts => {
            let finding = from_row(row.clone(), clock.now);
            SortKey::Number(finding.open_host_count, row.id)
        }
        FindingSort::Vulnerability => SortKey::Text(row.vulnerability.clone(), row.id),
        FindingSort::Package => SortKey::Text(row.package.clone(), row.id),
        FindingSort::FirstOpened => SortKey::Number(row.first_opened_at_ms, row.id),
        FindingSort::LastOpened => SortKey::Number(row.last_opened_at_ms, row.id),
    }
}

/// Rows behind `key`: a larger sort value, or the same and a larger id.
fn after(sort: &Expr, key: &SortKey, descending: bool) -> Condition {
    let (value, id): (Value, i64) = match key {
        SortKey::Text(text, id) => (text.clone().into(), *id),
        SortKey::Number(number, id) => ((*number).into(), *id),
        SortKey::Real(number, id) => ((*number).into(), *id),
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
            .add(beyond(col(finding::Column::Id), id.into())),
    )
}
