//! luumen-api
