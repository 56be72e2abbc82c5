//! Counts of the filtered findings by what they are. Each facet is counted with every filter but its own.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use luumen_model::WorkspaceId;
use sea_orm::{
    ConnectionTrait, QueryResult,
    sea_query::{Alias, Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement},
};

use super::{
    FindingFilter, FindingTab,
    cells::{OpenCells, OpenIds},
    filter::{asks_information, col},
    list::count,
    severity_from,
};
use crate::{
    StoreError, codec,
    entity::{assessed_host, finding, host_class, host_tag},
    hosts::{FacetValue, StateClock},
};

/// Least probabilities of exploitation that are counted.
const EPSS_STEPS: [f64; 3] = [0.5, 0.1, 0.01];
/// How many packages and tags are told.
const MOST_VALUES: u64 = 50;

/// Values most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingFacets {
    pub severity: Vec<FacetValue>,
    /// `true` and `false`.
    pub kev: Vec<FacetValue>,
    /// Least probabilities: `0.5`, `0.1`, `0.01`. Who has more has less, too.
    pub epss: Vec<FacetValue>,
    pub fix: Vec<FacetValue>,
    /// `running_kernel`, `installed_kernel`, `not_evaluable`.
    pub exposure: Vec<FacetValue>,
    pub end_of_life: Vec<FacetValue>,
    /// `debian/12`; findings that some host of it has.
    pub os: Vec<FacetValue>,
    pub package: Vec<FacetValue>,
    pub tag: Vec<FacetValue>,
    pub tabs: TabCounts,
}

/// Findings on each tab, with the other filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TabCounts {
    pub active: i64,
    pub resolved: i64,
    pub excepted: i64,
    pub informational: i64,
}

/// The facets of the filtered findings.
pub async fn facets(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    filter: &FindingFilter,
    clock: StateClock,
) -> Result<FindingFacets, StoreError> {
    let ask = Ask {
        db,
        workspace,
        filter,
        clock,
    };
    Ok(FindingFacets {
        severity: ask
            .by(finding::Column::Severity, |filter| filter.severities.clear())
            .await?
            .into_iter()
            .map(|(rank, count)| facet(codec::word(&severity_from(rank)), count))
            .collect(),
        kev: ask.kev().await?,
        epss: ask.epss().await?,
        fix: ask
            .by(finding::Column::Fix, |filter| filter.fix = None)
            .await?
            .into_iter()
            .map(|(rank, count)| facet(codec::word(&super::FixState::from_rank(rank)), count))
            .collect(),
        exposure: ask.exposure().await?,
        end_of_life: ask.end_of_life().await?,
        os: ask.os().await?,
        package: ask.packages().await?,
        tag: ask.tags().await?,
        tabs: ask.tabs().await?,
    })
}

fn facet(value: String, count: i64) -> FacetValue {
    FacetValue { value, count }
}

struct Ask<'a, C> {
    db: &'a C,
    workspace: WorkspaceId,
    filter: &'a FindingFilter,
    clock: StateClock,
}

impl<C: ConnectionTrait> Ask<'_, C> {
    async fn without(&self, change: impl FnOnce(&mut FindingFilter)) -> Result<Condition, StoreError> {
        let mut filter = self.filter.clone();
        change(&mut filter);
        filter.condition(self.db, self.workspace, self.clock).await
    }

    async fn by(
        &self,
        column: finding::Column,
        change: impl FnOnce(&mut FindingFilter),
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        let select = Query::select()
            .expr_as(col(column), "value")
            .expr_as(Func::count(col(finding::Column::Id)), "n")
            .from(finding::Entity)
            .cond_where(self.without(change).await?)
            .group_by_col("value")
            .order_by("n", Order::Desc)
            .to_owned();
        let rows = self.db.query_all(&select).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("", "value")?, row.try_get("", "n")?)))
            .collect()
    }

    async fn count(&self, condition: Condition, more: Expr) -> Result<i64, StoreError> {
        count(self.db, condition.add(more)).await
    }

    async fn kev(&self) -> Result<Vec<FacetValue>, StoreError> {
        let condition = self.without(|filter| filter.kev = None).await?;
        let known = col(finding::Column::KevAddedAtMs);
        let yes = self.count(condition.clone(), known.clone().is_not_null()).await?;
        let no = self.count(condition, known.is_null()).await?;
        Ok(told([("true", yes), ("false", no)]))
    }

    async fn epss(&self) -> Result<Vec<FacetValue>, StoreError> {
        let condition = self.without(|filter| filter.epss_at_least = None).await?;
        let mut values = Vec::new();
        for least in EPSS_STEPS {
            let enough = col(finding::Column::Epss).gte(least);
            let count = self.count(condition.clone(), enough).await?;
            if count > 0 {
                values.push(facet(least.to_string(), count));
            }
        }
        Ok(values)
    }

    async fn end_of_life(&self) -> Result<Vec<FacetValue>, StoreError> {
        let condition = self.without(|filter| filter.end_of_life = None).await?;
        let ended = || col(finding::Column::EndOfLife);
        let yes = self.count(condition.clone(), ended().eq(true)).await?;
        let no = self.count(condition, ended().eq(false)).await?;
        Ok(told([("true", yes), ("false", no)]))
    }

    async fn exposure(&self) -> Result<Vec<FacetValue>, StoreError> {
        let condition = self.without(|filter| filter.exposure = None).await?;
        let kernel = || col(finding::Column::RunningKernel);
        let running = self.count(condition.clone(), kernel().eq(true)).await?;
        let installed = self.count(condition.clone(), kernel().eq(false)).await?;
        let lost = col(finding::Column::NotEvaluableHostCount).gt(0);
        let lost = self.count(condition, lost).await?;
        Ok(told([
            ("running_kernel", running),
            ("installed_kernel", installed),
            ("not_evaluable", lost),
        ]))
    }

    async fn tabs(&self) -> Result<TabCounts, StoreError> {
        let of = async |tab| {
            let condition = self.without(|filter| filter.tab = Some(tab)).await?;
            count(self.db, condition).await
        };
        Ok(TabCounts {
            active: of(FindingTab::Active).await?,
            resolved: of(FindingTab::Resolved).await?,
            excepted: of(FindingTab::Excepted).await?,
            informational: of(FindingTab::Informational).await?,
        })
    }

    async fn packages(&self) -> Result<Vec<FacetValue>, StoreError> {
        let select = Query::select()
            .expr_as(col(finding::Column::Package), "value")
            .expr_as(Func::count(col(finding::Column::Id)), "n")
            .from(finding::Entity)
            .cond_where(self.without(|filter| filter.package = None).await?)
            .group_by_col("value")
            .order_by("n", Order::Desc)
            .order_by("value", Order::Asc)
            .limit(MOST_VALUES)
            .to_owned();
        let rows = self.db.query_all(&select).await?;
        rows.iter()
            .map(|row| Ok(facet(row.try_get("", "value")?, row.try_get("", "n")?)))
            .collect()
    }

    /// Ids of the findings that a value's hosts have, met with the other filters.
    async fn os(&self) -> Result<Vec<FacetValue>, StoreError> {
        let condition = self.without(|filter| filter.os = None).await?;
        let mut found: BTreeMap<String, HashSet<i64>> = BTreeMap::new();
        for row in self.db.query_all(&self.classes()).await? {
            let platform: Option<String> = row.try_get("", "platform")?;
            if let Some(platform) = platform {
                found.entry(platform).or_default().extend(cells_of(&row)?);
            }
        }
        self.counted(condition, found).await
    }

    async fn tags(&self) -> Result<Vec<FacetValue>, StoreError> {
        let condition = self.without(|filter| filter.tag = None).await?;
        let classes = self.tags_by_class().await?;
        let mut found: BTreeMap<String, HashSet<i64>> = BTreeMap::new();
        for row in self.db.query_all(&self.classes()).await? {
            let class: i64 = row.try_get("", "id")?;
            let Some(tags) = classes.get(&class) else { continue };
            let cells = cells_of(&row)?;
            for tag in tags {
                found
                    .entry(tag.clone())
                    .or_default()
                    .extend(cells.iter().copied());
            }
        }
        self.counted(condition, found).await
    }

    async fn tags_by_class(&self) -> Result<BTreeMap<i64, Vec<String>>, StoreError> {
        let (host, tag) = (Alias::new("assessed_host"), Alias::new("host_tag"));
        let select = Query::select()
            .distinct()
            .column((tag.clone(), host_tag::Column::Tag))
            .column((host.clone(), assessed_host::Column::ClassId))
            .from(assessed_host::Entity)
            .inner_join(
                host_tag::Entity,
                Expr::col((tag.clone(), host_tag::Column::HostId))
                    .equals((host.clone(), assessed_host::Column::HostId)),
            )
            .and_where(Expr::col((host.clone(), assessed_host::Column::WorkspaceId)).eq(self.workspace.0))
            .and_where(Expr::col((tag, host_tag::Column::WorkspaceId)).eq(self.workspace.0))
            .and_where(Expr::col((host, assessed_host::Column::ClassId)).is_not_null())
            .to_owned();
        let mut classes: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for row in self.db.query_all(&select).await? {
            let class: i64 = row.try_get("", "class_id")?;
            classes.entry(class).or_default().push(row.try_get("", "tag")?);
        }
        Ok(classes)
    }

    fn classes(&self) -> SelectStatement {
        Query::select()
            .columns([
                host_class::Column::Id,
                host_class::Column::Platform,
                host_class::Column::Cells,
            ])
            .from(host_class::Entity)
            .and_where(Expr::col(host_class::Column::WorkspaceId).eq(self.workspace.0))
            .to_owned()
    }

    async fn counted(
        &self,
        condition: Condition,
        found: BTreeMap<String, HashSet<i64>>,
    ) -> Result<Vec<FacetValue>, StoreError> {
        let open = OpenCells::all(self.db, self.workspace).await?;
        let select = Query::select()
            .expr_as(col(finding::Column::Id), "id")
            .from(finding::Entity)
            .cond_where(condition)
            .to_owned();
        let mut matching = BTreeSet::new();
        for row in self.db.query_all(&select).await? {
            matching.insert(row.try_get::<i64>("", "id")?);
        }
        let mut values: Vec<FacetValue> = found
            .into_iter()
            .map(|(value, cells)| {
                let mut ids = OpenIds::default();
                open.add(cells, &mut ids);
                if asks_information(self.filter.tab) {
                    ids.findings.append(&mut ids.information);
                }
                facet(value, ids.findings.intersection(&matching).count() as i64)
            })
            .filter(|value| value.count > 0)
            .collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.count));
        values.truncate(MOST_VALUES as usize);
        Ok(values)
    }
}

fn cells_of(row: &QueryResult) -> Result<Vec<i64>, StoreError> {
    let bytes: Vec<u8> = row.try_get("", "cells")?;
    codec::read_ids(&bytes)
}

/// Values that nothing has are left out.
fn told<const N: usize>(values: [(&str, i64); N]) -> Vec<FacetValue> {
    let mut values: Vec<FacetValue> = values
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(value, count)| facet(value.to_owned(), count))
        .collect();
    values.sort_by_key(|value| std::cmp::Reverse(value.count));
    values
}
