//! luumen-client
