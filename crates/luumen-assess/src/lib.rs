//! From verdicts to what happens: which findings open, which are gone and on what evidence, and what an exception covers.
//!
//! Pure: the same facts, claims and time give the same answer. `luumen-vuln` says what is said of a package; this crate judges a
//! fleet of hosts by it, each different set of versions once, and compares with what was known. Storing is the server's.

mod cells;
mod evidence;
mod exceptions;
mod origin;
mod said;
mod standing;
mod upstream;

pub use cells::{Cell, Fleet, Part, cells};
pub use evidence::Evidence;
pub use exceptions::{Cover, Covered, covered};
pub use origin::{APPLICATION_FAMILY, Origin, SILENT_FAMILY, silence_of, silent_system};
pub use said::{Said, said, said_by_upstream};
pub use standing::{Change, Entry, Event, Group, Now, Scratch, Standing, step};
pub use upstream::{ApplicationPart, application_cells};
