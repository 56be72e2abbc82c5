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
pub use luumen_catalogue::Catalogue;
pub use luumen_crypto::Secret;
pub use luumen_feeds::mapped::{OpenFileError, open as open_catalogue};
pub use luumen_model::advisory::Severity;
pub use luumen_transport::{Prompt, Questions};
pub use luumen_version::{Scheme, relation::check_line};
pub use luumen_vuln::{Finding, HostReport, Scope, Verdict, match_snapshot};
pub use place::{ParsePlaceError, Place};
