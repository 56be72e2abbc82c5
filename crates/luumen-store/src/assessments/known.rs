//! What was known before: classes of hosts, findings and their hosts.

use std::collections::HashMap;

use luumen_model::{Timestamp, WorkspaceId, advisory::Severity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    sea_query::{Alias, Asterisk, Condition, Expr, ExprTrait, Query, SelectStatement},
};

use super::Facts;
use crate::{
    StoreError, codec,
    entity::{finding, finding_host_set, host_class, judged_cell},
    exceptions::Exception,
    findings::{Finding, SEVERITIES},
};

/// Ids in one statement.
const CHUNK: usize = 2000;
/// SQLite refuses a chain of more than a thousand `OR`s.
const FEW_CONDITIONS: usize = 400;

/// Hosts that run the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostClass {
    pub id: i64,
    /// `debian/12`; absent when nothing of the system can be judged.
    pub platform: Option<String>,
    pub package_set: Option<i64>,
    pub kernel: Option<String>,
    pub python_blob: Option<i64>,
    pub applications_blob: Option<i64>,
    pub cells: IdList,
}

/// Sorted ids as they are stored: most lists are only passed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdList(Vec<u8>);

impl IdList {
    /// Packs ascending ids.
    pub fn of(sorted: &[i64]) -> Self {
        Self(codec::write_ids(sorted))
    }

    /// Unpacks them.
    pub fn ids(&self) -> Result<Vec<i64>, StoreError> {
        codec::read_ids(&self.0)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.clone()
    }
}

/// One source package in one set of versions on one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedCell {
    pub id: i64,
    /// As findings name the package.
    pub source: String,
    /// Tells cells of a source apart.
    pub mark: u64,
    /// Sorted ids of what is open in it.
    pub findings: Vec<i64>,
    /// Whether that is information, and no finding.
    pub information: bool,
}

/// A finding and its hosts, as bytes.
#[derive(Clone, Debug)]
pub struct KnownFinding {
    pub finding: Finding,
    pub variants: Vec<u8>,
    pub groups: Vec<u8>,
    /// As written down, whether that still holds or not.
    pub excepted: (i64, Option<Timestamp>),
}

/// A finding's number and the facts that lists sort by.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownFacts {
    pub id: i64,
    pub vulnerability: String,
    pub package: String,
    pub facts: Facts,
}

/// Classes by id; all when none is named.
pub async fn classes(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: Option<&[i64]>,
) -> Result<Vec<HostClass>, StoreError> {
    let all = host_class::Entity::find().filter(host_class::Column::WorkspaceId.eq(workspace.0));
    let Some(ids) = ids else {
        return all.all(db).await?.into_iter().map(class_of).collect();
    };
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let some = all
            .clone()
            .filter(host_class::Column::Id.is_in(chunk.iter().copied()));
        for row in some.all(db).await? {
            found.push(class_of(row)?);
        }
    }
    Ok(found)
}

/// Classes with one of these package sets.
pub async fn classes_with_sets(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    sets: &[i64],
) -> Result<Vec<HostClass>, StoreError> {
    let mut found = Vec::new();
    for chunk in sets.chunks(CHUNK) {
        let rows = host_class::Entity::find()
            .filter(host_class::Column::WorkspaceId.eq(workspace.0))
            .filter(host_class::Column::PackageSetId.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        for row in rows {
            found.push(class_of(row)?);
        }
    }
    Ok(found)
}

fn class_of(row: host_class::Model) -> Result<HostClass, StoreError> {
    Ok(HostClass {
        id: row.id,
        platform: row.platform,
        package_set: row.package_set_id,
        kernel: row.kernel,
        python_blob: row.python_blob_id,
        cells: IdList(row.cells),
        applications_blob: row.applications_blob_id,
    })
}

/// Cells of these packages; all when none is named.
pub async fn cells_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    sources: Option<&[String]>,
) -> Result<Vec<JudgedCell>, StoreError> {
    let all = judged_cell::Entity::find().filter(judged_cell::Column::WorkspaceId.eq(workspace.0));
    let chunks: Vec<Option<&[String]>> = match sources {
        None => vec![None],
        Some(names) => names.chunks(CHUNK).map(Some).collect(),
    };
    let mut found = Vec::new();
    for names in chunks {
        let some = match names {
            Some(names) => all
                .clone()
                .filter(judged_cell::Column::Source.is_in(names.iter().cloned())),
            None => all.clone(),
        };
        for row in some.all(db).await? {
            found.push(JudgedCell {
                id: row.id,
                source: row.source,
                mark: row.mark.cast_unsigned(),
                findings: codec::read_ids(&row.findings)?,
                information: row.information,
            });
        }
    }
    Ok(found)
}

/// The packages of cells in which something is open.
pub async fn packages_of_cells(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &[i64],
) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let select = Query::select()
            .distinct()
            .column(judged_cell::Column::Source)
            .from(judged_cell::Entity)
            .and_where(Expr::col(judged_cell::Column::WorkspaceId).eq(workspace.0))
            .and_where(Expr::col(judged_cell::Column::Id).is_in(chunk.iter().copied()))
            .and_where(Expr::cust("LENGTH(findings) > 0"))
            .to_owned();
        for row in db.query_all(&select).await? {
            found.push(row.try_get("", "source")?);
        }
    }
    Ok(found)
}

/// The greatest id of a cell; 0 when there is none.
pub async fn last_cell_id(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<i64, StoreError> {
    let last = judged_cell::Entity::find()
        .filter(judged_cell::Column::WorkspaceId.eq(workspace.0))
        .order_by_desc(judged_cell::Column::Id)
        .one(db)
        .await?;
    Ok(last.map_or(0, |cell| cell.id))
}

/// Findings of packages, with their hosts; of all when none is named.
pub async fn findings_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    packages: Option<&[String]>,
    now: Timestamp,
) -> Result<Vec<KnownFinding>, StoreError> {
    let mut found = Vec::new();
    let chunks: Vec<Option<&[String]>> = match packages {
        None => vec![None],
        Some(names) => names.chunks(CHUNK).map(Some).collect(),
    };
    for names in chunks {
        let mut select = joined(workspace);
        if let Some(names) = names {
            select.and_where(of(finding::Column::Package).is_in(names.iter().cloned()));
        }
        read_known(db, &select, now, &mut found).await?;
    }
    Ok(found)
}

/// Findings that exceptions name, and those that are written down as excepted.
pub async fn excepted_findings(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    exceptions: &[Exception],
    now: Timestamp,
) -> Result<Vec<KnownFinding>, StoreError> {
    let excepted = Condition::all().add(of(finding::Column::ExceptedHostCount).gt(0));
    let named = exceptions.chunks(FEW_CONDITIONS).map(|some| {
        let conditions = some.iter().filter_map(named_by);
        conditions.fold(Condition::any(), Condition::add)
    });
    let mut found = Vec::new();
    for any in std::iter::once(excepted).chain(named) {
        if any.is_empty() {
            continue;
        }
        let mut select = joined(workspace);
        select.cond_where(any);
        read_known(db, &select, now, &mut found).await?;
    }
    // Several exceptions may name one finding.
    found.sort_by_key(|known| known.finding.id);
    found.dedup_by_key(|known| known.finding.id);
    Ok(found)
}

/// The findings that an exception names, if it names any.
fn named_by(exception: &Exception) -> Option<Condition> {
    let mut all = Condition::all();
    if let Some(id) = &exception.vulnerability {
        all = all.add(of(finding::Column::Vulnerability).eq(id.clone()));
    }
    if let Some(name) = &exception.package {
        all = all.add(of(finding::Column::Package).eq(name.clone()));
    }
    (!all.is_empty()).then_some(all)
}

async fn read_known(
    db: &impl ConnectionTrait,
    select: &SelectStatement,
    now: Timestamp,
    found: &mut Vec<KnownFinding>,
) -> Result<(), StoreError> {
    for row in db.query_all(select).await? {
        let model = finding::Model::from_query_result(&row, "")?;
        let until = model.excepted_until_ms.map(Timestamp::from_millis);
        found.push(KnownFinding {
            excepted: (model.excepted_host_count, until),
            finding: crate::findings::from_row(model, now),
            variants: row.try_get("", "variants")?,
            groups: row.try_get("", "groups")?,
        });
    }
    Ok(())
}

fn of(column: finding::Column) -> Expr {
    Expr::col((Alias::new("finding"), column))
}

fn joined(workspace: WorkspaceId) -> SelectStatement {
    let set = |column: finding_host_set::Column| Expr::col((Alias::new("finding_host_set"), column));
    Query::select()
        .column((Alias::new("finding"), Asterisk))
        .expr_as(set(finding_host_set::Column::Variants), "variants")
        .expr_as(set(finding_host_set::Column::Groups), "groups")
        .from(finding::Entity)
        .inner_join(
            finding_host_set::Entity,
            set(finding_host_set::Column::FindingId).equals((Alias::new("finding"), finding::Column::Id)),
        )
        .and_where(of(finding::Column::WorkspaceId).eq(workspace.0))
        .and_where(set(finding_host_set::Column::WorkspaceId).eq(workspace.0))
        .to_owned()
}

/// Which package each finding is about.
pub async fn packages_of(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    ids: &[i64],
) -> Result<HashMap<i64, String>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let select = Query::select()
            .columns([finding::Column::Id, finding::Column::Package])
            .from(finding::Entity)
            .and_where(Expr::col(finding::Column::WorkspaceId).eq(workspace.0))
            .and_where(Expr::col(finding::Column::Id).is_in(chunk.iter().copied()))
            .to_owned();
        for row in db.query_all(&select).await? {
            found.insert(row.try_get("", "id")?, row.try_get("", "package")?);
        }
    }
    Ok(found)
}

/// The facts of every finding, to see whether the catalogue has other ones.
pub async fn facts(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Vec<KnownFacts>, StoreError> {
    use finding::Column::{
        Epss, Id, KevAddedAtMs, Package, Ransomware, Score, ScoreVersion, Severity as Rank, Title,
        Vulnerability, WorkspaceId as Workspace,
    };
    let select = Query::select()
        .columns([
            Id,
            Vulnerability,
            Package,
            Title,
            Rank,
            Score,
            ScoreVersion,
            KevAddedAtMs,
            Ransomware,
            Epss,
        ])
        .from(finding::Entity)
        .and_where(Expr::col(Workspace).eq(workspace.0))
        .to_owned();
    let rows = db.query_all(&select).await?;
    rows.iter()
        .map(|row| {
            let kev_ms: Option<i64> = row.try_get_by_index(7)?;
            Ok(KnownFacts {
                id: row.try_get_by_index(0)?,
                vulnerability: row.try_get_by_index(1)?,
                package: row.try_get_by_index(2)?,
                facts: Facts {
                    title: row.try_get_by_index(3)?,
                    severity: severity_at(row.try_get_by_index(4)?),
                    score: row.try_get_by_index(5)?,
                    score_version: row.try_get_by_index(6)?,
                    kev_added_at: kev_ms.map(Timestamp::from_millis),
                    ransomware: row.try_get_by_index(8)?,
                    epss: row.try_get_by_index(9)?,
                },
            })
        })
        .collect()
}

fn severity_at(rank: i64) -> Severity {
    let at = usize::try_from(rank).unwrap_or_default();
    SEVERITIES.get(at).copied().unwrap_or_default()
}
