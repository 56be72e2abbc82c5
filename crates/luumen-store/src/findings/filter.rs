//! Which findings: what is asked as SQL conditions over the table `finding`.

use std::collections::BTreeSet;

use luumen_model::{HostId, Timestamp, WorkspaceId, advisory::Severity};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Alias, Condition, Expr, ExprTrait, Query, SelectStatement},
};
use serde::{Deserialize, Serialize};

use super::{INFORMATION, cells, one::SelectedHosts};
use crate::{
    StoreError, codec,
    entity::{assessed_host, finding, finding_exception, host, host_tag},
    hosts::{HostFilter, StateClock, contains},
};

/// Which side of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FindingTab {
    /// Some host has it open and not excepted, or had it when it could last be judged.
    #[default]
    Active,
    /// No host has it any more.
    Resolved,
    /// Some host is covered by an exception.
    Excepted,
    /// Nobody who knows the package says it of any host: told, and never counted among the others.
    Informational,
}

/// Whether something can be installed against it. The order is from nothing to best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixState {
    /// No fix is published.
    #[default]
    None,
    /// The only fix is in a channel that needs a subscription.
    NeedsSubscription,
    /// A fix is published where every host gets it.
    Available,
}

impl FixState {
    pub(crate) fn rank(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_rank(rank: i64) -> Self {
        match rank {
            2 => Self::Available,
            1 => Self::NeedsSubscription,
            _ => Self::None,
        }
    }
}

/// How exposed the hosts of a finding are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// In the kernel that runs on some host.
    RunningKernel,
    /// In a kernel, and in none that runs.
    InstalledKernel,
    /// Some host can no longer be judged.
    NotEvaluable,
}

/// All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindingFilter {
    /// Every tab when absent.
    pub tab: Option<FindingTab>,
    /// Words, each part of the vulnerability's id, the package's name or the title.
    pub text: Option<String>,
    pub vulnerability: Option<String>,
    pub package: Option<String>,
    /// Any of them; all when empty.
    pub severities: Vec<Severity>,
    pub kev: Option<bool>,
    pub epss_at_least: Option<f64>,
    pub fix: Option<FixState>,
    pub exposure: Option<Exposure>,
    pub end_of_life: Option<bool>,
    /// `debian` or `debian/12`: what hosts of it have.
    pub os: Option<String>,
    /// What hosts with this tag have.
    pub tag: Option<String>,
    /// What this host has.
    pub host: Option<HostId>,
    /// What hosts have that the filter of hosts finds.
    pub hosts: HostFilter,
}

impl FindingFilter {
    pub(super) fn asks_hosts(&self) -> bool {
        self.os.is_some() || self.tag.is_some() || self.host.is_some() || !self.hosts.terms.is_empty()
    }

    /// The condition. Hosts are asked first, because which findings they have is not a column.
    pub(super) async fn condition(
        &self,
        db: &impl ConnectionTrait,
        workspace: WorkspaceId,
        clock: StateClock,
    ) -> Result<Condition, StoreError> {
        let mut all = self.own_condition(workspace, clock.now);
        if self.asks_hosts() {
            let ids = self.ids_by_host(db, workspace, clock).await?;
            all = all.add(one_of(&ids));
        }
        Ok(all)
    }

    fn own_condition(&self, workspace: WorkspaceId, now: Timestamp) -> Condition {
        use finding::Column::{
            EndOfLife, Epss, Fix, KevAddedAtMs, NotEvaluableHostCount, Package, RunningKernel, Vulnerability,
            WorkspaceId,
        };
        let mut all = Condition::all().add(col(WorkspaceId).eq(workspace.0));
        if let Some(tab) = self.tab {
            all = all.add(tab_condition(tab, now));
        }
        if let Some(text) = &self.text {
            all = all.add(every_word(text));
        }
        let eq = |column, value: &Option<String>| value.as_ref().map(|value| col(column).eq(value.clone()));
        all = all
            .add_option(eq(Vulnerability, &self.vulnerability))
            .add_option(eq(Package, &self.package))
            .add_option(self.kev.map(|kev| {
                if kev {
                    col(KevAddedAtMs).is_not_null()
                } else {
                    col(KevAddedAtMs).is_null()
                }
            }))
            .add_option(self.epss_at_least.map(|least| col(Epss).gte(least)))
            .add_option(self.fix.map(|fix| col(Fix).eq(fix.rank())))
            .add_option(self.end_of_life.map(|ended| col(EndOfLife).eq(ended)))
            .add_option(self.exposure.map(|exposure| match exposure {
                Exposure::RunningKernel => col(RunningKernel).eq(true),
                Exposure::InstalledKernel => col(RunningKernel).eq(false),
                Exposure::NotEvaluable => col(NotEvaluableHostCount).gt(0),
            }));
        if !self.severities.is_empty() {
            let ranks = self.severities.iter().map(|severity| *severity as i64);
            all = all.add(col(finding::Column::Severity).is_in(ranks));
        }
        all
    }

    /// Ids of everything that the hosts have that are asked for.
    async fn ids_by_host(
        &self,
        db: &impl ConnectionTrait,
        workspace: WorkspaceId,
        clock: StateClock,
    ) -> Result<BTreeSet<i64>, StoreError> {
        let hosts = self.assessed(workspace, clock);
        let mut ids = BTreeSet::new();
        let mut classes = hosts.clone();
        classes
            .expr_as(assessed(assessed_host::Column::ClassId), "class_id")
            .and_where(assessed(assessed_host::Column::ClassId).is_not_null());
        let open = cells::of_classes(db, workspace, classes).await?;
        ids.extend(open.findings);
        if asks_information(self.tab) {
            ids.extend(open.information);
        }
        let mut kept = hosts;
        kept.expr_as(assessed(assessed_host::Column::Kept), "kept")
            .and_where(assessed(assessed_host::Column::Kept).is_not_null());
        for row in db.query_all(&kept).await? {
            let bytes: Vec<u8> = row.try_get("", "kept")?;
            ids.extend(codec::read_ids(&bytes)?);
        }
        Ok(ids)
    }

    /// The hosts that are asked for; absent when none in particular are.
    pub async fn selected_hosts(
        &self,
        db: &impl ConnectionTrait,
        workspace: WorkspaceId,
        clock: StateClock,
    ) -> Result<Option<SelectedHosts>, StoreError> {
        if !self.asks_hosts() {
            return Ok(None);
        }
        let mut select = self.assessed(workspace, clock);
        select.column(assessed_host::Column::Number);
        let mut numbers = BTreeSet::new();
        for row in db.query_all(&select).await? {
            let number: i64 = row.try_get("", "number")?;
            numbers.extend(u32::try_from(number).ok());
        }
        Ok(Some(SelectedHosts(numbers)))
    }

    /// The hosts that are asked for, as far as they were ever judged; without columns.
    pub(super) fn assessed(&self, workspace: WorkspaceId, clock: StateClock) -> SelectStatement {
        let mut hosts = Query::select();
        hosts
            .from(assessed_host::Entity)
            .and_where(assessed(assessed_host::Column::WorkspaceId).eq(workspace.0));
        if let Some(os) = &self.os {
            hosts.and_where(of_platform(assessed(assessed_host::Column::Platform), os));
        }
        if let Some(id) = self.host {
            hosts.and_where(assessed(assessed_host::Column::HostId).eq(id.0));
        }
        if let Some(tag) = &self.tag {
            hosts.and_where(assessed(assessed_host::Column::HostId).in_subquery(tagged(workspace, tag)));
        }
        if !self.hosts.terms.is_empty() {
            let found = Query::select()
                .column(host::Column::Id)
                .from(host::Entity)
                .cond_where(self.hosts.condition(workspace, clock))
                .to_owned();
            hosts.and_where(assessed(assessed_host::Column::HostId).in_subquery(found));
        }
        hosts
    }
}

/// Every word of the text stands somewhere, whichever column that is: an id and a package's name are asked for together.
pub(super) fn every_word(text: &str) -> Condition {
    use finding::Column::{Package, Title, Vulnerability};
    text.split_whitespace().fold(Condition::all(), |all, word| {
        let any = Condition::any()
            .add(contains(col(Vulnerability), word))
            .add(contains(col(Package), word))
            .add(contains(col(Title), word));
        all.add(any)
    })
}

/// `debian/12`, or `debian` for every release of it.
pub(super) fn of_platform(column: Expr, os: &str) -> Expr {
    if os.contains('/') {
        return column.eq(os);
    }
    let pattern = format!("{}/%", crate::hosts::escape_like(os));
    column.like(sea_orm::sea_query::LikeExpr::new(pattern).escape('\\'))
}

pub(crate) fn tagged(workspace: WorkspaceId, tag: &str) -> SelectStatement {
    Query::select()
        .column(host_tag::Column::HostId)
        .from(host_tag::Entity)
        .and_where(Expr::col(host_tag::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(host_tag::Column::Tag).eq(tag))
        .to_owned()
}

/// Whether information is among what is asked for.
pub(super) fn asks_information(tab: Option<FindingTab>) -> bool {
    matches!(tab, None | Some(FindingTab::Informational))
}

pub(super) fn tab_condition(tab: FindingTab, now: Timestamp) -> Condition {
    use finding::Column::{NotEvaluableHostCount, OpenHostCount, Verdict};
    let is_told = col(Verdict).eq(INFORMATION);
    let standing = match tab {
        FindingTab::Active => Condition::any()
            .add(col(OpenHostCount).sub(excepted(now)).gt(0))
            .add(col(NotEvaluableHostCount).gt(0)),
        FindingTab::Excepted => Condition::all().add(excepted(now).gt(0)),
        FindingTab::Resolved => Condition::all()
            .add(col(OpenHostCount).eq(0))
            .add(col(NotEvaluableHostCount).eq(0)),
        FindingTab::Informational => {
            let open = Condition::all().add(col(OpenHostCount).sub(excepted(now)).gt(0));
            return open.add(is_told);
        }
    };
    Condition::all().add(standing).add(is_told.not())
}

/// How many open hosts are excepted now. Numbers only, so nothing to bind.
pub(super) fn excepted(now: Timestamp) -> Expr {
    Expr::cust(excepted_sql(now))
}

pub(super) fn excepted_sql(now: Timestamp) -> String {
    format!(
        "(CASE WHEN finding.excepted_until_ms IS NULL OR finding.excepted_until_ms > {} \
         THEN finding.excepted_host_count ELSE 0 END)",
        now.as_millis()
    )
}

/// Ids are ours and numbers, and there may be more than a statement binds.
pub(super) fn one_of(ids: &BTreeSet<i64>) -> Expr {
    if ids.is_empty() {
        return Expr::cust("1 = 0");
    }
    let list: Vec<String> = ids.iter().map(i64::to_string).collect();
    Expr::cust(format!("finding.id IN ({})", list.join(",")))
}

pub(super) fn col(column: finding::Column) -> Expr {
    Expr::col((Alias::new("finding"), column))
}

fn assessed(column: assessed_host::Column) -> Expr {
    Expr::col((Alias::new("assessed_host"), column))
}

/// Exceptions that hold at a moment.
pub(crate) fn exceptions_at(workspace: WorkspaceId, now: Timestamp) -> Condition {
    let expiry = || Expr::col(finding_exception::Column::ExpiresAtMs);
    Condition::all()
        .add(Expr::col(finding_exception::Column::WorkspaceId).eq(workspace.0))
        .add(
            Condition::any()
                .add(expiry().is_null())
                .add(expiry().gt(now.as_millis())),
        )
}
