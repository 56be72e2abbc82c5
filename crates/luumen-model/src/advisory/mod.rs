//! What the world says about vulnerabilities: claims of vendors, ranges of the NVD, marks of CISA and FIRST.
//!
//! These are the words between whoever reads feeds and whoever matches: a feed turns its documents into [`Record`]s,
//! the catalogue keeps them, the matcher weighs them. Nothing here fetches, stores or compares versions.

mod claim;
mod cpe;
mod record;
mod vulnerability;

pub use claim::{Authority, Channel, Claim, PackageKind, Platform, Status};
pub use cpe::{Cpe, CpeConfiguration, CpeMatch, CpeNode, CpeOperator, ParseCpeError};
pub use record::{Lifecycle, Record, Supersedence};
pub use vulnerability::{Cvss, CvssVersion, Epss, Kev, Severity, Ssvc, Vulnerability};
