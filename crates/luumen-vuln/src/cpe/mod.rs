//! What upstream's names and version ranges (CPE) say of the products that a host has.
//!
//! [`evaluate`] weighs a tree of the NVD or of a CNA against products; [`Names`] says by which CPE names we look for what Luumen collects.
//! It knows nothing of distributions: whoever asks has looked at vendors' claims first, and passes upstream's version, not the package's.

mod evaluate;
mod names;
mod product;
mod truth;

#[cfg(test)]
mod tests;

pub use evaluate::{Answer, evaluate};
pub use names::{Name, Names, NamesError};
pub use product::{Part, Product};
