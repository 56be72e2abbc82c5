//! The catalogue: every command that Luumen ever sends to a Linux host.
//!
//! The help page, the sudoers file, the script and the tests are all read from this list. To add a
//! command, add an entry to the room of its section; `docs/reference/commands.md` and a test will ask
//! for it to be shown.

mod access;
mod exposure;
mod probe;
mod protection;
mod software;
mod system;
mod updates;

use std::{fmt::Write as _, sync::LazyLock};

use luumen_model::SectionKind;
use sha2::{Digest, Sha256};

use crate::command::ReadCommand;

/// The command that asks once whether `sudo` allows anything at all; no plan without `sudo` has it.
pub(crate) const SUDO_GATE: &str = "sudo_policy.own_rights";

/// The command that says the state of what decides other commands' answers; only plans that keep answers have it.
pub(crate) const STATE: &str = "packages.inputs";

/// All rooms of the catalogue, in the order they are sent: cheap and certain first, so that a visit that
/// runs out of time has the most to show.
pub const CATALOGUE: &[&[ReadCommand]] = &[
    access::GATE,
    probe::COMMANDS,
    system::COMMANDS,
    access::COMMANDS,
    software::PACKAGES,
    protection::COMMANDS,
    exposure::COMMANDS,
    software::SLOW,
    updates::COMMANDS,
];

/// Every command, in the order they are sent.
pub fn commands() -> impl Iterator<Item = &'static ReadCommand> {
    CATALOGUE.iter().copied().flatten()
}

/// The command of that id.
pub fn find(id: &str) -> Option<&'static ReadCommand> {
    commands().find(|command| command.id == id)
}

/// The commands that the given section needs.
pub fn of_section(kind: SectionKind) -> impl Iterator<Item = &'static ReadCommand> {
    commands().filter(move |command| command.sections.contains(&kind))
}

/// The first 12 hex digits of the SHA-256 of the whole catalogue: its version.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let mut hasher = Sha256::new();
        for command in commands() {
            hasher.update(format!("{command:?}\n"));
        }
        let mut hex = String::new();
        for byte in hasher.finalize().iter().take(6) {
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    });
    &VERSION
}
