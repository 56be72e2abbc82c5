//! Chores of the server: what has expired goes, and old history goes.
//!
//! A chore takes no hint of what changed: it looks, then mends. It may run on several replicas at once, and
//! the clock is its retry.

use std::time::Duration;

use luumen_store::{Store, StoreError, sessions};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::clock;

const EVERY: Duration = Duration::from_secs(3600);

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
    debug!("Housekeeping done");
    Ok(())
}
