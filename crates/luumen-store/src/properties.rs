//! Facts across the fleet: which there are, and which sections hold a given one.
//!
//! Facts of a section are flattened once per distinct content; `vitals` and `packages` are not (they have
//! rooms of their own), and long texts are cut.

use std::collections::{BTreeMap, HashMap};

use luumen_model::WorkspaceId;
use sea_orm::{
    ConnectionTrait, QueryResult,
    sea_query::{Condition, Expr, ExprTrait, Func, LikeExpr, Order, Query, SelectStatement},
};

use crate::{
    StoreError,
    entity::{host_section, property_path, section_property},
    hosts::PropertyOp,
    letters::{begins, contains, escape_like, same_text},
};

/// Longest text of a fact that is kept for search, in characters.
pub(crate) const MAX_TEXT_CHARS: usize = 256;

/// A path that some host has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyPath {
    pub path: String,
    pub host_count: i64,
    /// Some of its values, most frequent first, at most ten.
    pub examples: Vec<String>,
}

/// Paths with `part` in them, those that begin with it first, then by name.
pub async fn paths(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    part: Option<&str>,
    limit: u64,
) -> Result<Vec<PropertyPath>, StoreError> {
    let mut ids: Vec<(i64, String)> = Vec::new();
    for row in db
        .query_all(&paths_with(workspace, part.unwrap_or_default(), limit))
        .await?
    {
        ids.push((row.try_get("", "id")?, row.try_get("", "path")?));
    }
    let mut values = values_of(db, workspace, &ids).await?;
    let hosts = hosts_of(db, workspace, &ids).await?;
    let found = ids.into_iter().map(|(id, path)| PropertyPath {
        host_count: hosts.get(&id).copied().unwrap_or(0),
        examples: most_frequent(values.remove(&id).unwrap_or_default()),
        path,
    });
    Ok(found.filter(|found| found.host_count > 0).collect())
}

fn paths_with(workspace: WorkspaceId, part: &str, limit: u64) -> SelectStatement {
    let path = || Expr::col(property_path::Column::Path);
    let starts_with = begins(path(), part);
    Query::select()
        .columns([property_path::Column::Id, property_path::Column::Path])
        .from(property_path::Entity)
        .and_where(Expr::col(property_path::Column::WorkspaceId).eq(workspace.0))
        .and_where(contains(path(), part))
        .order_by_expr(Expr::case(starts_with, 0).finally(1).into(), Order::Asc)
        .order_by(property_path::Column::Path, Order::Asc)
        .limit(limit)
        .to_owned()
}

/// Facts at these paths, joined to the hosts that have them now.
fn facts_on_hosts(workspace: WorkspaceId, paths: &[(i64, String)]) -> SelectStatement {
    let (fact, section) = (section_property::Entity, host_section::Entity);
    let same_blob = Expr::col((section, host_section::Column::WorkspaceId))
        .eq(workspace.0)
        .and(
            Expr::col((section, host_section::Column::SectionBlobId))
                .equals((fact, section_property::Column::SectionBlobId)),
        );
    Query::select()
        .column((fact, section_property::Column::PathId))
        .from(fact)
        .inner_join(section, same_blob)
        .and_where(Expr::col((fact, section_property::Column::WorkspaceId)).eq(workspace.0))
        .and_where(Expr::col((fact, section_property::Column::PathId)).is_in(paths.iter().map(|(id, _)| *id)))
        .group_by_col((fact, section_property::Column::PathId))
        .to_owned()
}

async fn hosts_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    paths: &[(i64, String)],
) -> Result<HashMap<i64, i64>, StoreError> {
    let mut select = facts_on_hosts(workspace, paths);
    let host = Expr::col((host_section::Entity, host_section::Column::HostId));
    select.expr_as(Func::count_distinct(host), "n");
    let rows = db.query_all(&select).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "path_id")?, row.try_get("", "n")?)))
        .collect()
}

type ValueCounts = BTreeMap<String, i64>;

async fn values_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    paths: &[(i64, String)],
) -> Result<HashMap<i64, ValueCounts>, StoreError> {
    const VALUE: [section_property::Column; 3] = [
        section_property::Column::Text,
        section_property::Column::Number,
        section_property::Column::Flag,
    ];
    let mut select = facts_on_hosts(workspace, paths);
    select
        .columns(VALUE.map(|column| (section_property::Entity, column)))
        .expr_as(
            Func::count(Expr::col((host_section::Entity, host_section::Column::HostId))),
            "n",
        )
        .group_by_columns(VALUE.map(|column| (section_property::Entity, column)));
    let mut values: HashMap<i64, ValueCounts> = HashMap::new();
    for row in db.query_all(&select).await? {
        let counts = values.entry(row.try_get("", "path_id")?).or_default();
        let count: i64 = row.try_get("", "n")?;
        *counts.entry(value_text(&row)?).or_default() += count;
    }
    Ok(values)
}

fn value_text(row: &QueryResult) -> Result<String, StoreError> {
    let text: Option<String> = row.try_get("", "text")?;
    let number: Option<f64> = row.try_get("", "number")?;
    let flag: Option<bool> = row.try_get("", "flag")?;
    let other = || {
        number
            .map(|number| number.to_string())
            .or(flag.map(|flag| flag.to_string()))
    };
    Ok(text.or_else(other).unwrap_or_default())
}

fn most_frequent(values: ValueCounts) -> Vec<String> {
    let mut values: Vec<(String, i64)> = values.into_iter().collect();
    values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    values.into_iter().take(10).map(|(value, _)| value).collect()
}

/// The section blobs with a fact at `path` (`[*]` for any element of a list) for which `op` and `value` hold.
pub(crate) fn blobs_where(
    workspace: WorkspaceId,
    path: &str,
    op: PropertyOp,
    value: &str,
) -> SelectStatement {
    let mut blobs = Query::select();
    blobs
        .column(section_property::Column::SectionBlobId)
        .from(section_property::Entity)
        .and_where(Expr::col(section_property::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(section_property::Column::PathId).in_subquery(paths_like(workspace, path)))
        .cond_where(value_condition(op, value));
    blobs
}

fn paths_like(workspace: WorkspaceId, path: &str) -> SelectStatement {
    let column = Expr::col(property_path::Column::Path);
    let same = if path.contains("[*]") {
        let pattern = escape_like(path).replace("[*]", "[%]");
        column.like(LikeExpr::new(pattern).escape('\\'))
    } else {
        column.eq(path)
    };
    Query::select()
        .column(property_path::Column::Id)
        .from(property_path::Entity)
        .and_where(Expr::col(property_path::Column::WorkspaceId).eq(workspace.0))
        .and_where(same)
        .to_owned()
}

fn value_condition(op: PropertyOp, value: &str) -> Condition {
    let text = || Expr::col(section_property::Column::Text);
    let number = || Expr::col(section_property::Column::Number);
    let as_number = value
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite());
    let compare = |hold: fn(Expr, f64) -> Expr| match as_number {
        Some(asked) => Condition::all().add(hold(number(), asked)),
        // Nothing is smaller or larger than a word.
        None => Condition::all().add(Expr::val(1).eq(0)),
    };
    match op {
        // "Not equal" is asked as "there, and not equal" by the filter, so here it is "there".
        PropertyOp::Exists | PropertyOp::NotEquals => Condition::all(),
        PropertyOp::Contains => Condition::all().add(contains(text(), value)),
        PropertyOp::Less => compare(|number, asked| number.lt(asked)),
        PropertyOp::LessOrEqual => compare(|number, asked| number.lte(asked)),
        PropertyOp::Greater => compare(|number, asked| number.gt(asked)),
        PropertyOp::GreaterOrEqual => compare(|number, asked| number.gte(asked)),
        PropertyOp::Equals => {
            let same = Condition::any().add(same_text(text(), cut(value)));
            let same = match value.to_lowercase().as_str() {
                "true" => same.add(Expr::col(section_property::Column::Flag).eq(true)),
                "false" => same.add(Expr::col(section_property::Column::Flag).eq(false)),
                _ => same,
            };
            match as_number {
                Some(asked) => same.add(number().eq(asked)),
                None => same,
            }
        }
    }
}

/// `text` as far as it is kept.
pub(crate) fn cut(text: &str) -> &str {
    text.char_indices()
        .nth(MAX_TEXT_CHARS)
        .map_or(text, |(end, _)| &text[..end])
}
