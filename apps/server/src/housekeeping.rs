//! Chores of the server: what has expired goes, and old history goes.
//!
//! A chore takes no hint of what changed: it looks, then mends. It may run on several replicas at once, and
//! the clock is its retry.

use std::time::Duration;

use luumen_model::{Timestamp, WorkspaceId};
use luumen_store::{Store, StoreError, assessments, retention, sessions, transaction, workspaces};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::clock;

const EVERY: Duration = Duration::from_secs(3600);
const DAY_MS: i64 = 24 * 3600 * 1000;
/// How long after the start unused content goes for the first time: a server that is started anew every day lets go of it, too.
const FIRST_SWEEP_MS: i64 = 3600 * 1000;

/// Does the chores every hour until `stop`, and the large one once a day.
pub async fn keep(store: Store, stop: CancellationToken) {
    // Whoever has just started is asked for other things first.
    let mut sweep_at = clock::now().plus_millis(FIRST_SWEEP_MS);
    let chores = async {
        loop {
            if let Err(error) = once(&store, clock::now()).await {
                warn!(error.cause = %error, "Housekeeping did not get through; it tries again in an hour");
            }
            if clock::now() >= sweep_at {
                match sweep(&store).await {
                    Ok(()) => sweep_at = clock::now().plus_millis(DAY_MS),
                    Err(error) => {
                        warn!(error.cause = %error, "Could not let go of unused content; it is tried again in an hour");
                    }
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = chores => {}
    }
}

/// Lets go of what no snapshot has any more, where there is any of it: whoever writes waits for that.
pub async fn sweep(store: &Store) -> Result<(), StoreError> {
    for workspace in workspaces::list(store.read()).await? {
        sweep_one(store, workspace.id).await?;
    }
    Ok(())
}

async fn sweep_one(store: &Store, workspace: WorkspaceId) -> Result<(), StoreError> {
    if retention::has_unused(store.read(), workspace).await? {
        let swept = transaction!(store, StoreError, |tx| retention::sweep(tx, workspace))?;
        debug!(workspace.id = %workspace, sections = swept.sections, "Let go of {} unused sections", swept.sections);
    }
    Ok(())
}

/// Does the hourly ones once.
pub async fn once(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    sessions::sweep(store.writer(), now).await?;
    for workspace in workspaces::list(store.read()).await? {
        let before = now.plus_millis(-workspace.retention_days.saturating_mul(DAY_MS));
        let pruned = retention::prune(store, workspace.id, before).await?;
        transaction!(store, StoreError, |tx| assessments::prune_resolved(
            tx,
            workspace.id,
            before
        ))?;
        transaction!(store, StoreError, |tx| assessments::prune_cells(tx, workspace.id))?;
        debug!(workspace.id = %workspace.id, visits = pruned.visits, "Let go of {} old visits", pruned.visits);
    }
    Ok(())
}
