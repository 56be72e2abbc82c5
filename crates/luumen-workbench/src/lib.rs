//! The desktop without a window: what a person's own device does with hosts.
//!
//! Today that is one thing, [`inventory`]: connect as this person would with `ssh`, look, and hand
//! back the Snapshot. It draws nothing and prints nothing; questions go to an [`Asker`].

mod place;

mod inventory;

mod ask;
mod keys;

pub use ask::{Asker, Nobody, UnknownHostKey};
pub use inventory::{InventoryError, InventoryOptions, NewHostKeys, inventory};
pub use luumen_crypto::Secret;
pub use luumen_transport::{Prompt, Questions};
pub use place::{ParsePlaceError, Place};
