//! The calls about session logs.

use std::{path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    cast::CastHeader,
    shelf::{LogRow, Logs},
};
use crate::{
    bridge::{Id, Problem, Registry},
    core::Core,
    write_out,
};

/// Which logs to list.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FindLogs {
    /// Part of the title or the target.
    #[serde(default)]
    #[ts(optional)]
    search: Option<String>,
}

/// Where to read on.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReadLog {
    id: Id,
    /// 0, or what `next` said.
    offset: u64,
}

/// A part of a log.
#[derive(Clone, Debug, Serialize, TS)]
pub struct LogPage {
    /// How it was recorded.
    pub header: CastHeader,
    /// Seconds since the one before, what happened, and with what: `o` shown, `r` resized, `x` ended, `m` a mark.
    #[ts(type = "[number, string, string][]")]
    pub events: Vec<(f64, String, String)>,
    /// Where it goes on, if it does.
    pub next: Option<u64>,
}

/// Several logs.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SomeLogs {
    ids: Vec<Id>,
}

/// Where to copy a log.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExportLog {
    id: Id,
    #[ts(type = "string")]
    path: PathBuf,
    /// Even if there is something in its place.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    overwrite: bool,
}

/// Registers the calls.
pub(crate) fn register(registry: &mut Registry, core: &Arc<Core>, logs: &Arc<Logs>) {
    registry.call("logs_list", logs, list);
    registry.call("log_events", logs, events);
    registry.call("logs_delete", logs, delete);
    let writer = Arc::new(Writer {
        core: Arc::clone(core),
        logs: Arc::clone(logs),
    });
    registry.call("log_export", &writer, export);
}

/// Writes logs to where a person says.
struct Writer {
    core: Arc<Core>,
    logs: Arc<Logs>,
}

async fn list(logs: Arc<Logs>, args: FindLogs) -> Result<Vec<LogRow>, Problem> {
    let mut rows = on_disk(logs, |logs| Ok(logs.rows())).await?;
    if let Some(search) = args.search.map(|search| search.to_lowercase()) {
        rows.retain(|row| {
            row.title.to_lowercase().contains(&search) || row.target.to_lowercase().contains(&search)
        });
    }
    Ok(rows)
}

async fn events(logs: Arc<Logs>, args: ReadLog) -> Result<LogPage, Problem> {
    let page = on_disk(logs, move |logs| logs.page(args.id, args.offset)).await?;
    Ok(LogPage {
        header: page.header,
        events: page.events,
        next: page.next,
    })
}

async fn delete(logs: Arc<Logs>, args: SomeLogs) -> Result<(), Problem> {
    on_disk(logs, move |logs| logs.delete(&args.ids)).await
}

async fn export(writer: Arc<Writer>, args: ExportLog) -> Result<(), Problem> {
    let path = writer.core.export_path(&args.path).await?;
    let title = format!("the log was not written to {}", path.display());
    let log = on_disk(Arc::clone(&writer.logs), move |logs| Ok(logs.whole(args.id))).await?;
    let written = write_out::copy(log, path, args.overwrite).await;
    written.map_err(|error| error.problem("LUM-EXPORT-TAKEN", "LUM-LOG-EXPORT", title))
}

/// Does something where waiting for the disk is allowed.
async fn on_disk<T: Send + 'static>(
    logs: Arc<Logs>,
    work: impl FnOnce(&Logs) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(move || work(&logs)).await;
    done.map_err(|error| Problem::of("LUM-LOG-READ", "the session logs could not be read", &error))?
}
