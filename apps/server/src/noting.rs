//! Writes down who was here, beside the answer: reading waits for no writer, and does not fail with it.

use std::{future::Future, sync::Arc};

use luumen_store::StoreError;
use tokio::sync::Semaphore;
use tracing::warn;

/// How many may wait for the writer at once. Who finds no place is noted with a later call.
const PLACES: usize = 4;

/// What notes it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Noting {
    places: Arc<Semaphore>,
}

impl Default for Noting {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(PLACES)),
        }
    }
}

impl Noting {
    /// Has it done when the writer is free. That it could not be is a line in the log, and nobody's failure.
    pub fn begin(&self, note: impl Future<Output = Result<(), StoreError>> + Send + 'static) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return;
        };
        tokio::spawn(async move {
            if let Err(error) = note.await {
                warn!(error.cause = %error, "Could not note who was here; a later call does");
            }
            drop(place);
        });
    }
}
