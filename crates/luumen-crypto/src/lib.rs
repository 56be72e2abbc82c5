//! luumen-crypto
