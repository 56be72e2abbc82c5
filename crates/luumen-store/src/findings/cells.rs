//! What hosts have: their class names cells, and cells name what is open in them.

use std::collections::{BTreeSet, HashMap, HashSet};

use luumen_model::WorkspaceId;
use sea_orm::{
    ConnectionTrait, EntityTrait,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use crate::{
    StoreError, codec,
    entity::{host_class, judged_cell},
};

/// Cells in one statement.
const CHUNK: usize = 2000;

/// Ids of findings, apart from what is only information.
#[derive(Debug, Default)]
pub(super) struct OpenIds {
    pub findings: BTreeSet<i64>,
    pub information: BTreeSet<i64>,
}

/// Cells in which anything is open.
#[derive(Debug, Default)]
pub(super) struct OpenCells(HashMap<i64, OpenCell>);

#[derive(Debug)]
struct OpenCell {
    ids: Vec<i64>,
    information: bool,
}

impl OpenCells {
    /// All of the workspace.
    pub(super) async fn all(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Self, StoreError> {
        let mut cells = Self::default();
        cells.take(db, &select(workspace)).await?;
        Ok(cells)
    }

    /// Those that are named.
    pub(super) async fn named(
        db: &impl ConnectionTrait,
        workspace: WorkspaceId,
        ids: &[i64],
    ) -> Result<Self, StoreError> {
        let mut cells = Self::default();
        for chunk in ids.chunks(CHUNK) {
            let mut some = select(workspace);
            some.and_where(Expr::col(judged_cell::Column::Id).is_in(chunk.iter().copied()));
            cells.take(db, &some).await?;
        }
        Ok(cells)
    }

    async fn take(&mut self, db: &impl ConnectionTrait, select: &SelectStatement) -> Result<(), StoreError> {
        for row in db.query_all(select).await? {
            let bytes: Vec<u8> = row.try_get("", "findings")?;
            let cell = OpenCell {
                ids: codec::read_ids(&bytes)?,
                information: row.try_get("", "information")?,
            };
            self.0.insert(row.try_get("", "id")?, cell);
        }
        Ok(())
    }

    /// Adds what is open in some cells.
    pub(super) fn add(&self, cells: impl IntoIterator<Item = i64>, to: &mut OpenIds) {
        for cell in cells.into_iter().filter_map(|id| self.0.get(&id)) {
            match cell.information {
                true => to.information.extend(&cell.ids),
                false => to.findings.extend(&cell.ids),
            }
        }
    }

    /// Whether any of these cells has a finding; information is none.
    pub(super) fn have_findings(&self, cells: &[i64]) -> bool {
        let mut open = cells.iter().filter_map(|id| self.0.get(id));
        open.any(|cell| !cell.information)
    }
}

fn select(workspace: WorkspaceId) -> SelectStatement {
    Query::select()
        .columns([
            judged_cell::Column::Id,
            judged_cell::Column::Findings,
            judged_cell::Column::Information,
        ])
        .from(judged_cell::Entity)
        .and_where(Expr::col(judged_cell::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::cust("LENGTH(findings) > 0"))
        .to_owned()
}

/// What is open on every host of a class.
pub(super) async fn of_class(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    class: i64,
) -> Result<OpenIds, StoreError> {
    let class = host_class::Entity::find_by_id((workspace.0, class))
        .one(db)
        .await?;
    let class = class.ok_or(StoreError::corrupt("host class"))?;
    let cells = codec::read_ids(&class.cells)?;
    let mut ids = OpenIds::default();
    OpenCells::named(db, workspace, &cells)
        .await?
        .add(cells, &mut ids);
    Ok(ids)
}

/// What is open on hosts of any of the classes that a query of their ids answers.
pub(super) async fn of_classes(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    classes: SelectStatement,
) -> Result<OpenIds, StoreError> {
    let select = Query::select()
        .column(host_class::Column::Cells)
        .from(host_class::Entity)
        .and_where(Expr::col(host_class::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(host_class::Column::Id).in_subquery(classes))
        .to_owned();
    let mut cells: HashSet<i64> = HashSet::new();
    for row in db.query_all(&select).await? {
        let bytes: Vec<u8> = row.try_get("", "cells")?;
        cells.extend(codec::read_ids(&bytes)?);
    }
    let named: Vec<i64> = cells.iter().copied().collect();
    let mut ids = OpenIds::default();
    OpenCells::named(db, workspace, &named)
        .await?
        .add(cells, &mut ids);
    Ok(ids)
}
