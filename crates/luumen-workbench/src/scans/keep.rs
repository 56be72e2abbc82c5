//! Keeps scans: a row for lists, and the whole of it compressed.

use luumen_model::Snapshot;
use luumen_vuln::HostReport;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    model::{Scan, ScanRow, ScanState},
    run::Looked,
};
use crate::{
    bridge::{Id, Problem, Time},
    store::{Store, entity::scan},
};

/// Scans that are kept for each host and place; older ones go.
const KEPT_OF_EACH: u64 = 50;

/// Whose scans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those of a kept host, wherever it was at the time.
    Host(Id),
    /// Those of a place that is not kept: the same account, address and port.
    Place(String),
}

impl Whose {
    pub(super) fn of(scan: &Scan) -> Self {
        scan.host
            .map_or_else(|| Self::Place(scan.target.clone()), Self::Host)
    }

    fn condition(&self) -> Condition {
        let condition = Condition::all();
        match self {
            Self::Host(host) => condition.add(scan::Column::HostId.eq(host.0)),
            Self::Place(target) => condition
                .add(scan::Column::HostId.is_null())
                .add(scan::Column::Target.eq(target.as_str())),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Document {
    scan: Scan,
    snapshot: Option<Snapshot>,
    report: Option<HostReport>,
}

/// Writes a scan as it stands now.
pub(super) async fn write(store: &Store, looked: &Looked) -> Result<(), Problem> {
    let scan = &looked.scan;
    let document = Document {
        scan: Scan {
            judged: scan.judgement(),
            ..scan.clone()
        },
        snapshot: looked.snapshot.clone(),
        report: looked.report.clone(),
    };
    let packed = tokio::task::spawn_blocking(move || pack(&document)).await;
    let row = scan::ActiveModel {
        id: Set(scan.id.0),
        host_id: Set(scan.host.map(|id| id.0)),
        target: Set(scan.target.clone()),
        state: Set(scan.state.as_str().to_owned()),
        started_at_ms: Set(scan.started_at.as_millis()),
        ended_at_ms: Set(scan.ended_at.map(Time::as_millis)),
        summary: Set(serde_json::to_string(&scan.row()).map_err(|error| unreadable(&error))?),
        document: Set(packed.map_err(|error| unreadable(&error))??),
    };
    let again = OnConflict::column(scan::Column::Id)
        .update_columns([
            scan::Column::State,
            scan::Column::EndedAtMs,
            scan::Column::Summary,
            scan::Column::Document,
        ])
        .to_owned();
    scan::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(store.db())
        .await?;
    Ok(())
}

/// Reads a scan.
pub(super) async fn read(store: &Store, id: Id) -> Result<Looked, Problem> {
    let row = scan::Entity::find_by_id(id.0).one(store.db()).await?;
    let row = row.ok_or_else(|| {
        Problem::new(
            "LUM-SCAN-GONE",
            "the scan is no longer there",
            format!("no scan has the id {id}"),
        )
    })?;
    let document = tokio::task::spawn_blocking(move || unpack::<Document>(&row.document)).await;
    let mut document = document.map_err(|error| unreadable(&error))??;
    // Earlier ones were kept without it.
    document.scan.judged = document.scan.judgement();
    Ok(Looked {
        scan: document.scan,
        snapshot: document.snapshot,
        report: document.report,
    })
}

/// Scans, newest first; of one or of all.
pub(super) async fn list(store: &Store, whose: Option<&Whose>) -> Result<Vec<ScanRow>, Problem> {
    let mut find = scan::Entity::find()
        .order_by_desc(scan::Column::StartedAtMs)
        .limit(1000);
    if let Some(whose) = whose {
        find = find.filter(whose.condition());
    }
    let summaries: Vec<String> = find
        .select_only()
        .column(scan::Column::Summary)
        .into_tuple()
        .all(store.db())
        .await?;
    summaries
        .iter()
        .map(|text| serde_json::from_str(text).map_err(|error| unreadable(&error)))
        .collect()
}

/// The newest scan that saw something.
pub(super) async fn last(store: &Store, whose: &Whose) -> Result<Option<Id>, Problem> {
    let id: Option<uuid::Uuid> = scan::Entity::find()
        .filter(whose.condition())
        .filter(scan::Column::State.eq(ScanState::Done.as_str()))
        .order_by_desc(scan::Column::StartedAtMs)
        .select_only()
        .column(scan::Column::Id)
        .into_tuple()
        .one(store.db())
        .await?;
    Ok(id.map(Id))
}

/// Deletes a scan. Answers which kept host it was of, if it was of one.
pub(super) async fn delete(store: &Store, id: Id) -> Result<Option<Id>, Problem> {
    let host: Option<Option<uuid::Uuid>> = scan::Entity::find_by_id(id.0)
        .select_only()
        .column(scan::Column::HostId)
        .into_tuple()
        .one(store.db())
        .await?;
    scan::Entity::delete_by_id(id.0).exec(store.db()).await?;
    Ok(host.flatten().map(Id))
}

/// Lets go of the oldest scans.
pub(super) async fn thin(store: &Store, whose: &Whose) -> Result<(), Problem> {
    let old: Vec<uuid::Uuid> = scan::Entity::find()
        .filter(whose.condition())
        .order_by_desc(scan::Column::StartedAtMs)
        .offset(KEPT_OF_EACH)
        .limit(1000)
        .select_only()
        .column(scan::Column::Id)
        .into_tuple()
        .all(store.db())
        .await?;
    if !old.is_empty() {
        scan::Entity::delete_many()
            .filter(scan::Column::Id.is_in(old))
            .exec(store.db())
            .await?;
    }
    Ok(())
}

/// Says of scans that were under way when the program ended that they failed.
pub(super) async fn end_orphans(store: &Store) -> Result<(), Problem> {
    let running: Vec<uuid::Uuid> = scan::Entity::find()
        .filter(scan::Column::State.eq(ScanState::Running.as_str()))
        .select_only()
        .column(scan::Column::Id)
        .into_tuple()
        .all(store.db())
        .await?;
    for id in running {
        let mut looked = read(store, Id(id)).await?;
        looked.scan.state = ScanState::Failed;
        looked.scan.problem = Some(
            Problem::new(
                "LUM-SCAN-ENDED",
                "the scan did not end",
                "Luumen ended while it ran",
            )
            .next("Scan again."),
        );
        write(store, &looked).await?;
    }
    Ok(())
}

/// Says in the rows of scans that an earlier Luumen kept how much these could judge.
pub(super) async fn tell_judged(store: &Store) -> Result<(), Problem> {
    let untold: Vec<uuid::Uuid> = scan::Entity::find()
        .filter(scan::Column::Summary.not_like("%\"judged\":%"))
        .select_only()
        .column(scan::Column::Id)
        .into_tuple()
        .all(store.db())
        .await?;
    for id in untold {
        match row_anew(store, id).await {
            Ok(row) => {
                scan::Entity::update_many()
                    .col_expr(scan::Column::Summary, Expr::value(row))
                    .filter(scan::Column::Id.eq(id))
                    .exec(store.db())
                    .await?;
            }
            // Its row says that nothing was judged, and nobody can look at the rest of it.
            Err(problem) => tracing::warn!(%problem, "A kept scan cannot be read"),
        }
    }
    Ok(())
}

/// The row of a kept scan as it would be written now. What was seen on the host, which is most of it, is passed over.
async fn row_anew(store: &Store, id: uuid::Uuid) -> Result<String, Problem> {
    #[derive(Deserialize)]
    struct Told {
        scan: Scan,
    }
    let document: Option<Vec<u8>> = scan::Entity::find_by_id(id)
        .select_only()
        .column(scan::Column::Document)
        .into_tuple()
        .one(store.db())
        .await?;
    let document = document.unwrap_or_default();
    let told = tokio::task::spawn_blocking(move || unpack::<Told>(&document)).await;
    let told = told.map_err(|error| unreadable(&error))??;
    serde_json::to_string(&told.scan.row()).map_err(|error| unreadable(&error))
}

fn pack(document: &Document) -> Result<Vec<u8>, Problem> {
    let text = serde_json::to_vec(document).map_err(|error| unreadable(&error))?;
    zstd::bulk::compress(&text, 3).map_err(|error| unreadable(&error))
}

fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = zstd::decode_all(bytes).map_err(|error| unreadable(&error))?;
    serde_json::from_slice(&text).map_err(|error| unreadable(&error))
}

fn unreadable(error: &dyn std::error::Error) -> Problem {
    Problem::of("LUM-SCAN-STORED", "a kept scan cannot be read or written", error)
}
