//! Chores of the server: what has expired goes, and old history goes.
//!
//! A chore takes no hint of what changed: it looks, then mends. It may run on several replicas at once, and
//! the clock is its retry.

use std::time::Duration;

use luumen_store::{Store, StoreError, assessments, retention, sessions, transaction, workspaces};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::clock;

const EVERY: Duration = Duration::from_secs(3600);
const DAY_MS: i64 = 24 * 3600 * 1000;

/// Does the chores every hour until `stop`.
pub async fn keep(store: Store, stop: CancellationToken) {
    loop {
        if let Err(error) = once(&store).await {
            warn!(error.cause = %error, "Housekeeping did not get through; it tries again in an hour");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Does them once.
pub async fn once(store: &Store) -> Result<(), StoreError> {
    let now = clock::now();
    sessions::sweep(store.writer(), now).await?;
    for workspace in workspaces::list(store.read()).await? {
        let before = now.plus_millis(-workspace.retention_days.saturating_mul(DAY_MS));
        let pruned = transaction!(store, StoreError, |tx| retention::prune(tx, workspace.id, before))?;
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
