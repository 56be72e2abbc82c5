//! luumen-testkit
