//! One finding: its row, what differs between its hosts, and its hosts by name.

use std::collections::BTreeSet;

use luumen_model::{HostId, Timestamp, WorkspaceId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Finding, FindingState, Variant, days_between, from_row,
    host_sets::{Group, Standing, read_groups},
    names, read_variants,
};
use crate::{
    Page, StoreError, Thing,
    entity::{finding, finding_host_set},
    exceptions::{self, Exception},
    hosts::StateClock,
    page::read_cursor,
};

/// Which hosts of a finding.
#[derive(Clone, Debug, Default)]
pub struct FindingHostQuery<'a> {
    pub state: Option<FindingState>,
    /// Part of the host's name.
    pub text: Option<&'a str>,
    /// Only these; all when absent.
    pub among: Option<&'a SelectedHosts>,
    pub cursor: Option<&'a str>,
    pub limit: u64,
}

/// Hosts that a filter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectedHosts(pub(super) BTreeSet<u32>);

impl SelectedHosts {
    /// Whether a host is one of them, by its number.
    pub fn contains(&self, number: u32) -> bool {
        self.0.contains(&number)
    }
}

/// A host with a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingOnHost {
    pub host: HostId,
    pub host_name: String,
    pub state: FindingState,
    pub opened_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub days_open: i64,
    /// The exception that covers it.
    pub exception: Option<Uuid>,
    /// Absent when it is resolved: what the host has now is another matter.
    pub variant: Option<Variant>,
    pub last_seen_at: Option<Timestamp>,
    pub stale: bool,
}

/// A page of hosts of a finding, and how many there are on all pages.
#[derive(Clone, Debug)]
pub struct FindingOnHosts {
    pub items: Vec<FindingOnHost>,
    pub total: i64,
    pub next: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct NameKey(String, Uuid);

/// One finding by what it is about.
pub async fn get(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    vulnerability: &str,
    package: &str,
    now: Timestamp,
) -> Result<Finding, StoreError> {
    let row = finding::Entity::find()
        .filter(finding::Column::WorkspaceId.eq(workspace.0))
        .filter(finding::Column::Vulnerability.eq(vulnerability))
        .filter(finding::Column::Package.eq(package))
        .one(db)
        .await?;
    Ok(from_row(row.ok_or(StoreError::NotFound(Thing::Finding))?, now))
}

/// The finding as it stands on some of its hosts.
pub async fn among(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    finding: &Finding,
    hosts: &SelectedHosts,
    clock: StateClock,
) -> Result<Finding, StoreError> {
    let count = async |state| -> Result<i64, StoreError> {
        let query = FindingHostQuery {
            state: Some(state),
            among: Some(hosts),
            limit: 1,
            ..FindingHostQuery::default()
        };
        Ok(hosts_of(db, workspace, finding, &query, clock).await?.total)
    };
    Ok(Finding {
        open_host_count: count(FindingState::Open).await?,
        excepted_host_count: count(FindingState::Excepted).await?,
        not_evaluable_host_count: count(FindingState::NotEvaluable).await?,
        resolved_host_count: count(FindingState::Resolved).await?,
        ..finding.clone()
    })
}

/// What differs between the hosts that have a finding, and how many hosts each is on; most hosts first. Of some of its hosts only, if told.
pub async fn variants_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    finding: i64,
    among: Option<&SelectedHosts>,
) -> Result<Vec<(Variant, i64)>, StoreError> {
    let set = host_set(db, workspace, finding).await?;
    let mut counts = vec![0_i64; set.variants.len()];
    for group in set
        .groups
        .iter()
        .filter(|group| group.standing != Standing::Fixed)
    {
        if let Some(count) = counts.get_mut(group.variant as usize) {
            let asked = |host: &&u32| among.is_none_or(|among| among.contains(**host));
            *count += group.hosts.iter().filter(asked).count() as i64;
        }
    }
    let mut variants: Vec<(Variant, i64)> = set
        .variants
        .into_iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .collect();
    variants.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(variants)
}

/// Hosts of a finding, by name.
pub async fn hosts_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    finding: &Finding,
    query: &FindingHostQuery<'_>,
    clock: StateClock,
) -> Result<FindingOnHosts, StoreError> {
    let set = host_set(db, workspace, finding.id).await?;
    let exceptions = concerning(db, workspace, finding, clock.now).await?;
    let groups: Vec<&Group> = set
        .groups
        .iter()
        .filter(|group| may_be(group, query.state))
        .collect();
    let mut wanted: Vec<u32> = groups
        .iter()
        .flat_map(|group| group.hosts.iter().copied())
        .collect();
    wanted.retain(|host| query.among.is_none_or(|among| among.contains(*host)));
    wanted.sort_unstable();
    if !exceptions.is_empty() && matches!(query.state, Some(FindingState::Open | FindingState::Excepted)) {
        // Whether an exception covers a host hangs on its tags, so all are looked at.
        let all = names::by_name(db, workspace, &wanted, None, None, wanted.len()).await?;
        let covered = covered(db, workspace, &exceptions, &all).await?;
        let excepted = query.state == Some(FindingState::Excepted);
        let kept = all
            .iter()
            .filter(|host| covered.contains_key(&host.id.0) == excepted);
        wanted = kept.map(|host| host.number).collect();
        wanted.sort_unstable();
    } else if query.state == Some(FindingState::Excepted) {
        wanted.clear();
    }
    let after = read_cursor::<NameKey>(query.cursor)?.map(|NameKey(name, id)| (name, id));
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let total = names::count(db, workspace, &wanted, query.text).await?;
    let found = names::by_name(db, workspace, &wanted, query.text, after, limit.saturating_add(1)).await?;
    let page = Page::cut(found, query.limit, |host| NameKey(host.name.clone(), host.id.0));
    let covered = covered(db, workspace, &exceptions, &page.items).await?;
    let items = page.items.into_iter().filter_map(|host| {
        let group = groups
            .iter()
            .find(|group| group.hosts.binary_search(&host.number).is_ok())?;
        let exception = covered.get(&host.id.0).copied();
        Some(on_host(host, group, exception, &set.variants, clock))
    });
    Ok(FindingOnHosts {
        items: items.collect(),
        total,
        next: page.next,
    })
}

fn may_be(group: &Group, state: Option<FindingState>) -> bool {
    match state {
        None => true,
        Some(FindingState::Open | FindingState::Excepted) => group.standing == Standing::Open,
        Some(FindingState::NotEvaluable) => group.standing == Standing::NotEvaluable,
        Some(FindingState::Resolved) => group.standing == Standing::Fixed,
    }
}

fn on_host(
    host: names::Named,
    group: &Group,
    exception: Option<Uuid>,
    variants: &[Variant],
    clock: StateClock,
) -> FindingOnHost {
    let state = state_of(group.standing, exception.is_some());
    let resolved_at = (state == FindingState::Resolved).then_some(group.since);
    let until = resolved_at.unwrap_or(clock.now);
    FindingOnHost {
        host: host.id,
        host_name: host.name,
        state,
        opened_at: group.opened_at,
        resolved_at,
        days_open: days_between(group.opened_at.as_millis(), until.as_millis()),
        exception: exception.filter(|_| state == FindingState::Excepted),
        variant: match state {
            FindingState::Resolved => None,
            _ => variants.get(group.variant as usize).cloned(),
        },
        last_seen_at: host.last_seen_at,
        stale: host
            .last_seen_at
            .is_none_or(|at| clock.is_stale(at, host.stale_after_ms)),
    }
}

pub(super) fn state_of(standing: Standing, excepted: bool) -> FindingState {
    match standing {
        Standing::Open if excepted => FindingState::Excepted,
        Standing::Open => FindingState::Open,
        Standing::NotEvaluable => FindingState::NotEvaluable,
        Standing::Fixed => FindingState::Resolved,
    }
}

async fn concerning(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    finding: &Finding,
    now: Timestamp,
) -> Result<Vec<Exception>, StoreError> {
    let mut all = exceptions::at(db, workspace, now).await?;
    all.retain(|exception| exception.concerns(&finding.vulnerability, &finding.package));
    Ok(all)
}

/// Which of the hosts an exception covers, and which one does.
async fn covered(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    exceptions: &[Exception],
    hosts: &[names::Named],
) -> Result<std::collections::HashMap<Uuid, Uuid>, StoreError> {
    if exceptions.is_empty() {
        return Ok(std::collections::HashMap::new());
    }
    let tags = names::tags(db, workspace, hosts.iter().map(|host| host.id.0)).await?;
    let none = Vec::new();
    let by = |host: &names::Named| {
        let tags = tags.get(&host.id.0).unwrap_or(&none);
        let found = exceptions
            .iter()
            .find(|exception| exception.covers_host(host.id, tags))?;
        Some((host.id.0, found.id))
    };
    Ok(hosts.iter().filter_map(by).collect())
}

/// The hosts of a finding, decoded.
pub(super) struct HostSets {
    pub variants: Vec<Variant>,
    pub groups: Vec<Group>,
}

pub(super) async fn host_set(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    finding: i64,
) -> Result<HostSets, StoreError> {
    let row = finding_host_set::Entity::find_by_id((workspace.0, finding))
        .one(db)
        .await?;
    let row = row.ok_or(StoreError::NotFound(Thing::Finding))?;
    Ok(HostSets {
        variants: read_variants(&row.variants)?,
        groups: read_groups(&row.groups)?,
    })
}
