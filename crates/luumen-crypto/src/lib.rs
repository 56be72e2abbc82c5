//! Secrets and what may be done with them. Sealing, key derivation and HPKE wraps join this crate
//! when credentials are sealed; today it holds the one type that every secret lives in.

mod secret;

pub use secret::Secret;
