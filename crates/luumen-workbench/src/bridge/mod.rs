//! The door between a window and the workbench: calls, events and a terminal's bytes.
//!
//! Every room says here which calls it answers ([`Registry`]); the browser's side of the contract is written
//! from the same list ([`contract`]). It knows no host and no session: the rooms do.

mod id;

mod problem;

mod event;

mod output;

mod registry;

mod typed;

mod contract;

pub use contract::ContractError;
pub use event::{Changed, Event, Events, NoticeLevel};
pub use id::{Id, Time};
pub use output::{Output, Terminals};
pub use problem::Problem;
pub use registry::{Duplicate, NoArgs, Registry, TypeOf};
pub use typed::{NoKey, TypingKey};
pub(crate) use typed::{Typed, register as register_typed};
