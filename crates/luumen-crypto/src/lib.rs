//! Secrets and what may be done with them: the type that every secret lives in, and the seal under a passphrase.
//! HPKE wraps join this crate when credentials are synchronised.

mod seal;
mod secret;

pub use seal::{Cost, SealError, SealKey};
pub use secret::Secret;
