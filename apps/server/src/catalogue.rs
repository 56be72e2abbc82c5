//! The catalogue that this replica has open. A file of it never changes; a newer one takes its place whole.

use std::sync::{Arc, PoisonError, RwLock};

use luumen_catalogue::Catalogue;

/// The catalogue that counts now. Cheap to clone; all clones see the same one.
#[derive(Clone, Debug, Default)]
pub struct CurrentCatalogue(Arc<RwLock<Option<Catalogue>>>);

impl CurrentCatalogue {
    /// The catalogue; none until the first one is there.
    pub fn get(&self) -> Option<Catalogue> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on this one counts. Who still reads the one before keeps it until done.
    pub fn put(&self, catalogue: Catalogue) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(catalogue);
    }
}
