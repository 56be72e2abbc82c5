//! Which of two versions is older, by the rules of whoever made them.
//!
//! Text in, order out: nothing here knows packages, hosts or advisories. Every ecosystem has a module
//! with a total `compare`; [`Scheme`] chooses among them and refuses texts that are no version of its
//! kind, so that what cannot be read is unknown and never "older".

pub mod apk;
pub mod dpkg;
pub mod generic;
pub mod pacman;
pub mod rpm;
mod scan;
mod scheme;

pub use scheme::{Scheme, UnknownScheme};
