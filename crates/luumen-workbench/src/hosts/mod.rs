//! Hosts and groups of one person.

mod model;

pub use model::{Environment, ForwardKind, ForwardSpec, HostKeyRule, LogMode};
