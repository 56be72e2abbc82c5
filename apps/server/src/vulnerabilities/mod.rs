//! The engine behind vulnerabilities: the catalogue that is open, judging hosts by it, and the jobs that do so.
//!
//! Facts and findings come from the store and verdicts from the pure crates; this is where they meet. No routes here.

pub mod assess;
pub mod catalogue;
mod cells;
mod findings;
pub mod jobs;
mod load;
pub mod numbers;
mod plan;
pub mod refresh;
mod tracked;

pub use assess::{AssessError, Assessed, assess};
pub use catalogue::{Current, OpenCatalogue};
