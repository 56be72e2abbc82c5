//! Secrets and what may be done with them: the type that every secret lives in, the seal under a passphrase, and the cover
//! under which a window hands over what was typed.
//! HPKE wraps join this crate when credentials are synchronised.

mod seal;
mod secret;
mod stack;
mod typed;

pub use seal::{Cost, SealError, SealKey};
pub use secret::Secret;
pub use stack::wiped;
pub use typed::{TypedError, TypedKey};
