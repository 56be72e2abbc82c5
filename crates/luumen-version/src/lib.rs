//! Which of two versions is older, by the rules of whoever made them.
//!
//! Text in, order out: nothing here knows packages, hosts or advisories. Every ecosystem has a module
//! that says which specification it follows; [`Scheme`] chooses among them and refuses texts that are no
//! version of its kind, so that what cannot be read is unknown and never "older". [`Scheme::key`] turns a
//! version into bytes in the same order, for whoever compares one version with thousands.

mod apk;
pub mod dpkg;
pub mod generic;
mod key;
mod letters;
mod maven;
mod nuget;
pub mod pacman;
mod pep440;
mod range;
pub mod relation;
pub mod rpm;
mod rubygems;
mod scan;
mod scheme;
mod semver;
mod token;
mod windows;

pub use range::Range;
pub use scheme::{Scheme, UnknownScheme};
