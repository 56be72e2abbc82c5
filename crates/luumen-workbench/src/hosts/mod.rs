//! Hosts and groups of one person: kept, arranged, searched, and what holds for each.
//!
//! Secrets and keys are [`crate::identities`]; connecting is the sessions' work.

mod check;
mod effective;
mod leaving;
mod model;
mod proxy;
mod quick;
mod room;
mod search;
mod users;

pub(crate) use check::{Known, bare_address, check_address};
pub(crate) use effective::{Defaults, above, effective};
pub use effective::{Effective, Inherited, Origin, OriginWord};
pub(crate) use model::tidy_tags;
pub use model::{
    Environment, ForwardKind, ForwardSpec, Group, Host, HostDraft, HostKeyRule, LogMode, Settings, SudoTier,
};
pub(crate) use proxy::WrittenProxy;
pub(crate) use quick::Quick;
pub(crate) use room::{ById, Hosts, register};
pub use users::CredentialUse;
