//! luumen-transport
