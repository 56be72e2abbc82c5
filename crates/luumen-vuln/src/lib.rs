//! Which vulnerabilities a host has, and why we say so: facts and claims in, findings out.
//!
//! Vendors know their own packages best, so their word is final where they gave it; other sources only fill silence, and say that
//! they do. Nothing here reads a clock, a file or a network: the same host and the same catalogue give the same findings on a server and on a desktop.

mod apart;
mod channel;
pub mod cpe;
mod decide;
mod facts;
mod finding;
mod host;
mod kernel;
mod lineage;
mod lines;
mod matcher;
mod platform;
mod python;
mod subject;
mod upstream;
mod verdict;
mod windows;

pub use apart::{is_apart, told_of_apart};
pub use decide::match_package;
pub use facts::Facts;
pub use finding::{Finding, FoundPackage, describe};
pub use host::{
    HostHit, HostReport, NotEvaluated, Scope, match_facts, match_packages, match_snapshot, told_of_replaced,
};
pub use kernel::{is_kernel, is_running_kernel, release_of, replaced, runs_a_replaced_one};
pub use lines::{Lines, match_lines};
pub use matcher::{Matched, Matcher};
pub use platform::platform_of;
pub use python::{PYTHON_FAMILY, judged_python};
pub use subject::source_name;
pub use upstream::{Tree, Upstream, Upstreams, applications_gap, judged_applications, may_be_silent};
pub use verdict::{Confidence, Hit, Reason, Verdict};
pub use windows::{WindowsHost, match_windows};
