//! luumen-collect
