//! The desktop without a window: what a person's own device does with hosts.
//!
//! A window asks a [`Workbench`] through its [`bridge`]; the command line calls [`inventory`] and the [`Library`]
//! directly. Nothing here draws or prints.
#![allow(
    unreachable_pub,
    reason = "what calls take and answer is public by nature, as the contract; only the rooms it lives in are not"
)]

pub mod bridge;

mod core;
mod workbench;

mod secrets;
mod store;

mod hosts;
mod identities;
mod import;
mod preferences;
mod scans;

mod live;
mod sessions;

mod forwards;

mod logs;

mod files;

mod about;

mod place;

mod inventory;

mod ask;
mod consent;
mod guard;
mod keys;
mod write_out;

mod library;

mod sarif;

pub use about::About;
pub use ask::{Asker, Nobody, UnknownHostKey};
pub use consent::{Consent, Deed, Guarded, NoConsent, Touch};
pub use core::Options;
pub use files::Unfinished;
pub use inventory::{InventoryError, InventoryOptions, NewHostKeys, inventory};
pub use library::{Built, Library, LibraryError};
pub use luumen_catalogue::Catalogue;
pub use luumen_crypto::Secret;
pub use luumen_feeds::{
    bundle::{Age as BundleAge, Installed, Manifest, SigningKey, TrustedKeys},
    fetch::{Event as FetchEvent, FetchReport, Settings as FetchSettings, Step as FetchStep},
    keep::{Shrink, SourceStatus},
    mapped::{OpenFileError, open as open_catalogue},
    registry::Override as SourceOverride,
};
pub use luumen_model::advisory::Severity;
pub use luumen_transport::{Prompt, Questions};
pub use luumen_version::{Scheme, relation::check_line};
pub use luumen_vuln::{Facts, Finding, HostReport, Scope, Verdict, match_facts, match_lines, match_snapshot};
pub use place::{ParsePlaceError, Place};
pub use sarif::sarif;
pub use secrets::SecretPlace;
pub use store::StoreError;
pub use workbench::{OpenError, Workbench};
