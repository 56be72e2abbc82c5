//! luumen-model
