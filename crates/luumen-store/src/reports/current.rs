//! What we know of a host now: its row in the host list, and its sections for search.

use luumen_model::{AgentId, DataOf, Kernel, Os, Outcome, RebootRequired, SectionKind, WorkspaceId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};

use super::{
    Report,
    history::is_newest,
    ingest::{Placed, Taken},
};
use crate::{
    StoreError,
    assessments::{self, JUDGED_BY},
    codec,
    content::{self, SectionSet, StoredSection},
    entity::{host, host_section},
};

/// Whose visit it was.
#[derive(Clone, Copy)]
pub(super) struct Teller {
    pub agent: AgentId,
    /// How old its hosts' snapshots may become, where it has an interval of its own.
    pub stale_after_ms: Option<i64>,
}

/// Brings the host up to date with a visit, unless the visit is older than what is known.
pub(super) async fn update(
    db: &impl ConnectionTrait,
    taken: &Taken<'_>,
    outcome: Outcome,
    before: &host::Model,
    placed: Option<&Placed<'_>>,
    changed: &[SectionKind],
    teller: Teller,
) -> Result<(), StoreError> {
    let mut row = host::ActiveModel {
        workspace_id: Unchanged(before.workspace_id),
        id: Unchanged(before.id),
        ..Default::default()
    };
    let visited_at_ms = taken.report.visited_at.min(taken.received_at).as_millis();
    let newer = before.last_visit_at_ms.is_none_or(|known| visited_at_ms >= known);
    if newer && !was_cut_short(taken.report) {
        row.last_visit_at_ms = Set(Some(visited_at_ms));
        row.last_outcome = Set(Some(codec::word(&outcome)));
        row.last_error = Set(taken.error_text()?);
        row.agent_id = Set(Some(teller.agent.0));
        row.stale_after_ms = Set(teller.stale_after_ms);
    }
    if let Some(placed) = placed.filter(|placed| is_newest(before, placed)) {
        row.snapshot_id = Set(Some(placed.id.0));
        row.snapshot_at_ms = Set(Some(placed.seen_at.as_millis()));
        row.incomplete_sections = Set(incomplete(placed));
        if before.section_set_id != Some(placed.set_id) || before.kernel_replaced.is_none() {
            let known = match before.section_set_id {
                Some(id) => content::load_set(db, taken.workspace, id).await?,
                None => SectionSet::new(),
            };
            let visit = Visit {
                workspace: taken.workspace,
                before,
                known: &known,
                placed,
            };
            visit.set_facts(db, &mut row).await?;
            update_sections(db, taken.workspace, before, &known, &placed.set).await?;
            let replaced = matches!(row.kernel_replaced, Set(now) if now != before.kernel_replaced);
            let differs = |kind: &SectionKind| differs(known.get(kind), placed.set.get(kind));
            if replaced || JUDGED_BY.iter().any(differs) {
                assessments::mark(db, taken.workspace, taken.host).await?;
            }
        }
        if changed.contains(&SectionKind::Packages) {
            row.packages_changed_at_ms = Set(Some(placed.seen_at.as_millis()));
        }
    }
    if row.is_changed() {
        host::Entity::update(row).exec(db).await?;
    }
    Ok(())
}

/// Whether the agent was stopped before the host's turn came: of the host that says nothing.
fn was_cut_short(report: &Report) -> bool {
    let cancelled = report
        .error
        .as_ref()
        .is_some_and(|error| error.code == "LUM-CANCELLED");
    report.outcome == Outcome::Skipped && cancelled
}

fn incomplete(placed: &Placed<'_>) -> Option<String> {
    let sections = placed.snapshot.sections.iter();
    let kinds: Vec<SectionKind> = sections
        .filter(|(_, record)| !record.status.is_complete())
        .map(|(kind, _)| *kind)
        .collect();
    (!kinds.is_empty()).then(|| codec::write_kinds(&kinds))
}

/// A visit beside what was known of the host before it.
struct Visit<'a> {
    workspace: WorkspaceId,
    before: &'a host::Model,
    known: &'a SectionSet,
    placed: &'a Placed<'a>,
}

impl Visit<'_> {
    /// The columns of the host list. What names a host (its OS, its kernel) stays when it could not be read this
    /// time; what may have changed unseen (packages, reboot) is unknown then.
    async fn set_facts(
        &self,
        db: &impl ConnectionTrait,
        row: &mut host::ActiveModel,
    ) -> Result<(), StoreError> {
        let Self { known, placed, .. } = self;
        row.section_set_id = Set(Some(placed.set_id));
        let packages = placed.set.get(&SectionKind::Packages);
        row.package_set_id = Set(packages.and_then(|packages| packages.package_set));
        row.package_count = Set(packages.and_then(|packages| packages.package_count));
        row.packages_complete = Set(packages.is_some_and(StoredSection::tells_absence));
        if let Some(os) = self.new_facts::<Os>(db, known).await? {
            row.os_id = Set(some_text(os.id));
            row.os_name = Set(some_text(os.name));
            row.os_version = Set(os.version_id);
            row.arch = Set(some_text(os.arch));
            row.kernel = Set(some_text(os.kernel_release));
        }
        self.set_kernel(db, row).await?;
        if blob(&placed.set, SectionKind::RebootRequired).is_none() {
            row.reboot_required = Set(None);
        } else if let Some(reboot) = self.new_facts::<RebootRequired>(db, known).await? {
            row.reboot_required = Set(reboot.required);
        }
        Ok(())
    }

    /// The kernel that runs, and whether it is none of the packages. What names it stays when it could not be read this time; with other
    /// packages than before it may be none of them.
    async fn set_kernel(
        &self,
        db: &impl ConnectionTrait,
        row: &mut host::ActiveModel,
    ) -> Result<(), StoreError> {
        let Self {
            before,
            known,
            placed,
            ..
        } = self;
        if blob(&placed.set, SectionKind::Kernel).is_none() {
            let packages = |set: &SectionSet| {
                set.get(&SectionKind::Packages)
                    .and_then(|section| section.package_set)
            };
            let is_booted = matches!(&row.kernel, Set(now) if *now != before.kernel);
            let replaced = !known.is_empty() && packages(known) != packages(&placed.set);
            if is_booted || replaced || before.kernel_replaced.is_none() {
                row.kernel_replaced = Set(Some(replaced && !is_booted));
            }
            return Ok(());
        }
        let nothing = SectionSet::new();
        let known = before.kernel_replaced.map_or(&nothing, |_| known);
        if let Some(kernel) = self.new_facts::<Kernel>(db, known).await? {
            row.kernel_replaced = Set(Some(kernel.runs_no_package()));
            if !kernel.running.is_empty() {
                row.kernel = Set(Some(kernel.running));
            }
        }
        Ok(())
    }

    /// The facts of a section, if they differ from the ones known; from the report, or from where they lie.
    async fn new_facts<T: DataOf>(
        &self,
        db: &impl ConnectionTrait,
        known: &SectionSet,
    ) -> Result<Option<T>, StoreError> {
        let now = blob(&self.placed.set, T::KIND);
        let Some(id) = now.filter(|_| now != blob(known, T::KIND)) else {
            return Ok(None);
        };
        if let Some(facts) = self.placed.snapshot.get::<T>() {
            return Ok(Some(facts));
        }
        let data = content::load_data(db, self.workspace, &[id]).await?.remove(&id);
        // Facts of a shape that this version does not know name nothing, and are no reason to refuse them.
        Ok(data.and_then(|data| serde_json::from_value(data).ok()))
    }
}

fn blob(set: &SectionSet, kind: SectionKind) -> Option<i64> {
    set.get(&kind).and_then(|section| section.blob)
}

fn some_text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Writes the sections that differ, so that an unchanged visit writes none.
async fn update_sections(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    before: &host::Model,
    known: &SectionSet,
    set: &SectionSet,
) -> Result<(), StoreError> {
    let gone = known.keys().filter(|kind| !set.contains_key(kind));
    let gone: Vec<&str> = gone.map(|kind| kind.as_str()).collect();
    if !gone.is_empty() {
        host_section::Entity::delete_many()
            .filter(host_section::Column::WorkspaceId.eq(workspace.0))
            .filter(host_section::Column::HostId.eq(before.id))
            .filter(host_section::Column::Kind.is_in(gone))
            .exec(db)
            .await?;
    }
    let (mut read, mut unread) = (Vec::new(), Vec::new());
    for (kind, section) in set {
        let last = known.get(kind);
        if !differs(last, Some(section)) {
            continue;
        }
        let row = section_row(workspace, before, *kind, section, last);
        // When neither this snapshot nor the one before has facts, what we remember of older ones stays.
        let remembers = section.blob.is_none() && last.is_some_and(|last| last.blob.is_none());
        if remembers {
            unread.push(row)
        } else {
            read.push(row)
        }
    }
    use host_section::Column::{Complete, FactsAtMs, FactsBlobId, SectionBlobId, Status};
    upsert(
        db,
        read,
        &[Status, Complete, SectionBlobId, FactsBlobId, FactsAtMs],
    )
    .await?;
    upsert(db, unread, &[Status, Complete, SectionBlobId]).await
}

/// Whether a section is not the one that was known. That it tells absence follows from its status and facts.
fn differs(last: Option<&StoredSection>, section: Option<&StoredSection>) -> bool {
    let told = |section: &StoredSection| (section.status, section.blob, section.package_set);
    last.map(told) != section.map(told)
}

fn section_row(
    workspace: WorkspaceId,
    before: &host::Model,
    kind: SectionKind,
    section: &StoredSection,
    last: Option<&StoredSection>,
) -> host_section::ActiveModel {
    let lost = last.and_then(|last| last.blob).filter(|_| section.blob.is_none());
    host_section::ActiveModel {
        workspace_id: Set(workspace.0),
        host_id: Set(before.id),
        kind: Set(kind.as_str().to_owned()),
        status: Set(codec::word(&section.status)),
        complete: Set(section.tells_absence()),
        section_blob_id: Set(section.blob),
        facts_blob_id: Set(lost),
        facts_at_ms: Set(lost.and(before.snapshot_at_ms)),
    }
}

async fn upsert(
    db: &impl ConnectionTrait,
    rows: Vec<host_section::ActiveModel>,
    columns: &[host_section::Column],
) -> Result<(), StoreError> {
    use host_section::Column::{HostId, Kind, WorkspaceId};
    if rows.is_empty() {
        return Ok(());
    }
    let known = OnConflict::columns([WorkspaceId, HostId, Kind])
        .update_columns(columns.iter().copied())
        .to_owned();
    host_section::Entity::insert_many(rows)
        .on_conflict(known)
        .exec_without_returning(db)
        .await?;
    Ok(())
}
