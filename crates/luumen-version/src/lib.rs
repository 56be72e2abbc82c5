//! luumen-version
