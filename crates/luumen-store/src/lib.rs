//! luumen-store
