//! Numbers of the first page: what needs a person today. Each is one pass over hosts or runs.

use luumen_model::{SectionKind, Timestamp, WorkspaceId};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Func, Order, Query},
};

use crate::{
    StoreError, codec,
    entity::{host, host_section, run},
    hosts::{FacetValue, HostState, StateClock},
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Upper ends of the freshness buckets in seconds; older ones and hosts never seen come behind.
pub const FRESHNESS_S: [i64; 5] = [3_600, 21_600, 86_400, 604_800, 2_592_000];

/// How many days of visits are told.
pub const VISIT_DAYS: i64 = 14;

/// Numbers of the first page that come from hosts and runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    pub host_count: i64,
    pub states: std::collections::BTreeMap<HostState, i64>,
    /// Hosts by `ID` and `VERSION_ID` of os-release as in `debian 12`, most frequent first; hosts whose system is
    /// not known are left out.
    pub os: Vec<FacetValue>,
    /// Hosts by age of the newest snapshot: one for each of [`FRESHNESS_S`], then older, then never.
    pub freshness: Vec<i64>,
    pub coverage: Vec<CoverageGap>,
    pub reboot_required_count: i64,
    /// Hosts whose packages changed within a day.
    pub changed_today_count: i64,
    /// Hosts that were added within a day.
    pub new_today_count: i64,
    /// Installed packages over all hosts.
    pub package_count: i64,
    /// By the day that their run began (UTC), oldest first; days without visits are there too.
    pub visits: Vec<VisitDay>,
}

/// A section that some hosts do not show us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageGap {
    pub section: SectionKind,
    pub denied: i64,
    pub other: i64,
}

/// Visits of one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VisitDay {
    /// Its midnight, UTC.
    pub day: Timestamp,
    pub complete: i64,
    pub partial: i64,
    pub failed: i64,
    pub skipped: i64,
}

/// The numbers of a workspace now.
pub async fn overview(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    clock: StateClock,
) -> Result<Overview, StoreError> {
    let states =
        crate::hosts::count_by_state(db, workspace, &crate::hosts::HostFilter::default(), clock).await?;
    let yesterday = clock.now.plus_millis(-DAY_MS).as_millis();
    let sums = host_sums(db, workspace, clock.now, yesterday).await?;
    Ok(Overview {
        host_count: states.values().sum(),
        states,
        os: os_spread(db, workspace).await?,
        freshness: sums.freshness,
        coverage: coverage(db, workspace).await?,
        reboot_required_count: sums.reboot_required,
        changed_today_count: sums.changed_today,
        new_today_count: sums.new_today,
        package_count: sums.packages,
        visits: visits(db, workspace, clock.now).await?,
    })
}

struct HostSums {
    freshness: Vec<i64>,
    reboot_required: i64,
    changed_today: i64,
    new_today: i64,
    packages: i64,
}

/// Everything that one pass over the hosts can count.
async fn host_sums(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    now: Timestamp,
    yesterday: i64,
) -> Result<HostSums, StoreError> {
    let col = |column: host::Column| Expr::col(column);
    let count_if = |condition: Expr| {
        let one: Expr = Expr::case(condition, 1).finally(0).into();
        Expr::from(Func::coalesce([Func::sum(one).into(), Expr::val(0)])).cast_as("bigint")
    };
    let mut select = Query::select();
    select
        .from(host::Entity)
        .and_where(col(host::Column::WorkspaceId).eq(workspace.0))
        .expr_as(
            count_if(col(host::Column::RebootRequired).eq(true)),
            "reboot_required",
        )
        .expr_as(
            count_if(col(host::Column::PackagesChangedAtMs).gt(yesterday)),
            "changed_today",
        )
        .expr_as(
            count_if(col(host::Column::CreatedAtMs).gt(yesterday)),
            "new_today",
        )
        .expr_as(count_if(col(host::Column::SnapshotAtMs).is_not_null()), "seen")
        .expr_as(count_if(col(host::Column::SnapshotAtMs).is_null()), "never")
        .expr_as(
            Expr::from(Func::coalesce([
                Func::sum(col(host::Column::PackageCount)).into(),
                Expr::val(0),
            ]))
            .cast_as("bigint"),
            "packages",
        );
    for (at, up_to_s) in FRESHNESS_S.iter().enumerate() {
        let limit = now.plus_millis(-up_to_s * 1000).as_millis();
        select.expr_as(
            count_if(col(host::Column::SnapshotAtMs).gt(limit)),
            format!("within_{at}"),
        );
    }
    let row = db.query_one(&select).await?;
    let row = row.ok_or(StoreError::corrupt("host count"))?;
    let number = |name: &str| row.try_get::<i64>("", name);
    let mut freshness = Vec::with_capacity(FRESHNESS_S.len() + 2);
    let mut younger = 0;
    for at in 0..FRESHNESS_S.len() {
        let within = number(&format!("within_{at}"))?;
        freshness.push(within - younger);
        younger = within;
    }
    freshness.push(number("seen")? - younger);
    freshness.push(number("never")?);
    Ok(HostSums {
        freshness,
        reboot_required: number("reboot_required")?,
        changed_today: number("changed_today")?,
        new_today: number("new_today")?,
        packages: number("packages")?,
    })
}

async fn os_spread(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Vec<FacetValue>, StoreError> {
    let columns = [host::Column::OsId, host::Column::OsVersion];
    let select = Query::select()
        .columns(columns)
        .expr_as(Func::count(Expr::col(host::Column::Id)), "n")
        .from(host::Entity)
        .and_where(Expr::col(host::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(host::Column::OsId).is_not_null())
        .group_by_columns(columns)
        .to_owned();
    let mut spread = Vec::new();
    for row in db.query_all(&select).await? {
        let id: String = row.try_get("", "os_id")?;
        let version: Option<String> = row.try_get("", "os_version")?;
        spread.push(FacetValue {
            value: version.map_or(id.clone(), |version| format!("{id} {version}")),
            count: row.try_get("", "n")?,
        });
    }
    spread.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    Ok(spread)
}

async fn coverage(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Vec<CoverageGap>, StoreError> {
    let columns = [host_section::Column::Kind, host_section::Column::Status];
    let select = Query::select()
        .columns(columns)
        .expr_as(Func::count(Expr::col(host_section::Column::HostId)), "n")
        .from(host_section::Entity)
        .and_where(Expr::col(host_section::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(host_section::Column::Complete).eq(false))
        .group_by_columns(columns)
        .order_by(host_section::Column::Kind, Order::Asc)
        .to_owned();
    let mut gaps = std::collections::BTreeMap::new();
    for row in db.query_all(&select).await? {
        let (kind, status): (String, String) = (row.try_get("", "kind")?, row.try_get("", "status")?);
        let section = codec::kind(&kind)?;
        let gap = gaps.entry(section).or_insert(CoverageGap {
            section,
            denied: 0,
            other: 0,
        });
        let count: i64 = row.try_get("", "n")?;
        if status == "denied" {
            gap.denied += count;
        } else {
            gap.other += count;
        }
    }
    Ok(gaps.into_values().collect())
}

/// From the counts that runs keep; counting the visits themselves would read millions.
async fn visits(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<Vec<VisitDay>, StoreError> {
    let midnight = now.as_millis().div_euclid(DAY_MS) * DAY_MS;
    let first = midnight - (VISIT_DAYS - 1) * DAY_MS;
    let select = Query::select()
        .columns([
            run::Column::StartedAtMs,
            run::Column::CompleteCount,
            run::Column::PartialCount,
            run::Column::FailedCount,
            run::Column::SkippedCount,
        ])
        .from(run::Entity)
        .and_where(Expr::col(run::Column::WorkspaceId).eq(workspace.0))
        .and_where(Expr::col(run::Column::StartedAtMs).gte(first))
        .to_owned();
    let mut days: Vec<VisitDay> = (0..VISIT_DAYS)
        .map(|day| VisitDay {
            day: Timestamp::from_millis(first + day * DAY_MS),
            ..VisitDay::default()
        })
        .collect();
    for row in db.query_all(&select).await? {
        let started_at: i64 = row.try_get("", "started_at_ms")?;
        let day = usize::try_from((started_at - first).div_euclid(DAY_MS)).unwrap_or(usize::MAX);
        // A clock that runs ahead may begin a run tomorrow.
        let Some(day) = days.get_mut(day) else { continue };
        day.complete += row.try_get::<i64>("", "complete_count")?;
        day.partial += row.try_get::<i64>("", "partial_count")?;
        day.failed += row.try_get::<i64>("", "failed_count")?;
        day.skipped += row.try_get::<i64>("", "skipped_count")?;
    }
    Ok(days)
}
